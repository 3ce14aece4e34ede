import { visibleLine } from '../text/clean.ts';
import { counted } from '../text/count.ts';

export interface CountedFile {
  path: string;
  tokens: number;
}

interface Node {
  name: string;
  tokens: number;
  files: number;
  /** Undefined for a file. */
  children?: Map<string, Node>;
}

/** Folders with their entries, each sorted once. */
type Opened = Map<Node, Node[]>;

/** So many of a folder's entries are lines of their own. */
const mostEntries = 24;

/**
 * Folders and files with their tokens, the heaviest first: the folder with most tokens is opened first, as long as there
 * are lines.
 */
export function drawTokenTree(files: readonly CountedFile[], maxLines: number): string {
  const root = treeOf(files);
  const open: Opened = new Map();
  const closed = new Set<Node>();
  let lines = 0;
  for (let next: Node | undefined = root; next; next = heaviest(closed)) {
    const entries = entriesOf(next);
    lines += entries.length;
    if (lines > maxLines && next !== root) break;
    open.set(next, entries);
    closed.delete(next);
    for (const entry of entries) if (entry.children) closed.add(entry);
  }
  const total = `${root.tokens.toLocaleString('en')} tokens in ${counted(root.files, 'file')}`;
  return [total, ...draw(root, open, '')].join('\n');
}

function treeOf(files: readonly CountedFile[]): Node {
  const root: Node = { name: '', tokens: 0, files: 0, children: new Map() };
  for (const { path, tokens } of files) {
    let folder = root;
    const names = path.split('/');
    const name = names.pop() ?? path;
    add(root, tokens);
    for (const each of names) {
      folder = childOf(folder, each);
      add(folder, tokens);
    }
    folder.children?.set(`${name}\0`, { name, tokens, files: 1 });
  }
  return root;
}

function childOf({ children }: Node, name: string): Node {
  const child = children?.get(name) ?? { name: `${name}/`, tokens: 0, files: 0, children: new Map() };
  children?.set(name, child);
  return child;
}

function add(folder: Node, tokens: number): void {
  folder.tokens += tokens;
  folder.files++;
}

function heaviest(folders: ReadonlySet<Node>): Node | undefined {
  let most: Node | undefined;
  for (const folder of folders) if (!most || folder.tokens > most.tokens) most = folder;
  return most;
}

function entriesOf({ children }: Node): Node[] {
  const sorted = [...(children?.values() ?? [])].sort((a, b) => b.tokens - a.tokens || (a.name < b.name ? -1 : 1));
  if (sorted.length <= mostEntries) return sorted;
  const rest = sorted.slice(mostEntries - 1);
  const sum = (of: (node: Node) => number) => rest.reduce((total, node) => total + of(node), 0);
  const [tokens, files] = [sum((node) => node.tokens), sum((node) => node.files)];
  return [
    ...sorted.slice(0, mostEntries - 1),
    { name: `… ${counted(rest.length, 'more entry', 'more entries')}`, tokens, files },
  ];
}

function draw(folder: Node, open: Opened, indent: string): string[] {
  return (open.get(folder) ?? []).flatMap((node) => {
    const count = node.children && !open.has(node) ? ` (${counted(node.files, 'file')})` : '';
    const line = `${indent}${visibleLine(node.name)} ${node.tokens.toLocaleString('en')}${count}`;
    return open.has(node) ? [line, ...draw(node, open, `${indent}  `)] : [line];
  });
}
