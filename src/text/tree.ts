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
 * Draws a tree, folders first, one line an entry, indented by two spaces a level: as deep as the text has room for.
 * Folders at the last level show their number of files; long lists of files are shortened.
 *
 * @param maxCharacters of the text; where not even one level fits, it is cut at a line
 */
export function drawTree(tree: TreeFolder, depth: number, maxCharacters: number): { text: string; depth: number } {
  let best = { text: drawLevels(tree, 1, 20, maxCharacters).text, depth: 1 };
  for (let tried = 1; tried <= depth; tried++) {
    const drawing = [50, 12].map((files) => drawLevels(tree, tried, files, maxCharacters)).find(({ fits }) => fits);
    if (!drawing) return best;
    best = { text: drawing.text, depth: tried };
    if (drawing.isWhole) return best;
  }
  return best;
}

/** Stops with the line that does not fit, so that the work is bounded by the size of the text. */
function drawLevels(tree: TreeFolder, depth: number, filesShown: number, maxCharacters: number) {
  const lines: string[] = [];
  let left = maxCharacters;
  let isWhole = true;

  function add(line: string): boolean {
    left -= line.length + 1;
    if (left >= -1) lines.push(line);
    return left >= -1;
  }
  function draw({ folders, files }: TreeFolder, level: number): boolean {
    const indent = '  '.repeat(level - 1);
    for (const [name, folder] of folders) {
      const isLast = level >= depth;
      if (isLast) isWhole = false;
      const line = isLast ? `${indent}${name}/ (${counted(folder.fileCount, 'file')})` : `${indent}${name}/`;
      if (!add(line) || (!isLast && !draw(folder, level + 1))) return false;
    }
    const shown = files.length <= filesShown + 3 ? files : files.slice(0, filesShown);
    const rest = files.length - shown.length;
    return shown.every((name) => add(indent + name)) && (rest === 0 || add(`${indent}… and ${rest} more files`));
  }

  const fits = draw(tree, 1);
  return { fits, isWhole, text: fits ? lines.join('\n') : `${lines.join('\n')}\n…` };
}
