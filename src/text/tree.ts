import { counted } from './count.ts';

/** A folder of a tree that is drawn as text. */
export interface TreeFolder {
  folders: Map<string, TreeFolder>;
  files: string[];
  /** Files in it and below it. */
  fileCount: number;
}

export function createTree(): TreeFolder {
  return { folders: new Map(), files: [], fileCount: 0 };
}

/** Adds a POSIX path. */
export function addPath(tree: TreeFolder, path: string): void {
  const segments = path.split('/');
  const name = segments.pop() ?? path;
  let folder = tree;
  folder.fileCount++;
  for (const segment of segments) {
    const child = folder.folders.get(segment) ?? createTree();
    folder.folders.set(segment, child);
    child.fileCount++;
    folder = child;
  }
  folder.files.push(name);
}

/**
 * Draws a tree, folders first, one line an entry, indented by two spaces a level. Folders at the depth limit show
 * their number of files; long lists of files are shortened. Tries shallower depths until it fits.
 *
 * @param maxCharacters of the text; below what one level takes, the text is cut at a line
 */
export function drawTree(tree: TreeFolder, depth: number, maxCharacters: number): { text: string; depth: number } {
  for (let tried = depth; tried > 1; tried--) {
    for (const filesShown of [50, 12]) {
      const text = drawLevel(tree, tried, filesShown, '').join('\n');
      if (text.length <= maxCharacters) return { text, depth: tried };
    }
  }
  const lines = drawLevel(tree, 1, 20, '');
  let text = lines.join('\n');
  while (text.length > maxCharacters && lines.length > 1) {
    lines.splice(Math.floor(lines.length / 2));
    text = `${lines.join('\n')}\n…`;
  }
  return { text, depth: 1 };
}

function drawLevel({ folders, files }: TreeFolder, depth: number, filesShown: number, indent: string): string[] {
  const lines: string[] = [];
  for (const [name, folder] of folders) {
    if (depth <= 1) lines.push(`${indent}${name}/ (${counted(folder.fileCount, 'file')})`);
    else lines.push(`${indent}${name}/`, ...drawLevel(folder, depth - 1, filesShown, `${indent}  `));
  }
  const shown = files.length <= filesShown + 3 ? files : files.slice(0, filesShown);
  lines.push(...shown.map((name) => indent + name));
  if (shown.length < files.length) lines.push(`${indent}… and ${files.length - shown.length} more files`);
  return lines;
}
