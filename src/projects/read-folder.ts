import { UserError } from '../errors.ts';
import { closeFile, namesIn, openNamed, type Root, readStart } from './door.ts';

export interface ReadFolderInput {
  root: Root;
  folder: string;
  /** How the names of the files end. */
  ending: string;
  maxFiles: number;
  maxBytes: number;
}

/** In the order of their names; the text, or why there is none. */
export type FolderFile = { name: string } & ({ text: string } | { fault: string });

/** A file beyond those that are read must be told of by its name. */
const maxNames = 20_000;

/** The texts of one folder of a project, whatever the ignore rules say. */
export function readFolder({ root, folder, ending, maxFiles, maxBytes }: ReadFolderInput): FolderFile[] {
  const names = namesIn(root, folder, maxNames).filter((name) => name.endsWith(ending));
  return names
    .sort()
    .map((name, at) => (at < maxFiles ? readOne(root, `${folder}/${name}`, name, maxBytes) : notRead(name, maxFiles)));
}

/** One beyond the most files that are read. */
export function notRead(name: string, maxFiles: number): FolderFile {
  return { name, fault: `is not read, since only the first ${maxFiles} of a folder are` };
}

function readOne(root: Root, path: string, name: string, maxBytes: number): FolderFile {
  try {
    const file = openNamed(root, path);
    try {
      if (file.size > maxBytes) return { name, fault: `has ${file.size} bytes, and may have ${maxBytes}` };
      return { name, text: readStart(file, maxBytes).toString('utf8') };
    } finally {
      closeFile(file);
    }
  } catch (error) {
    if (error instanceof UserError) return { name, fault: error.message };
    throw error;
  }
}
