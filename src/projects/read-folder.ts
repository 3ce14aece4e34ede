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

const maxNames = 1000;

/** The texts of one folder of a project, whatever the ignore rules say. */
export function readFolder({ root, folder, ending, maxFiles, maxBytes }: ReadFolderInput): FolderFile[] {
  const names = namesIn(root, folder, maxNames).filter((name) => name.endsWith(ending));
  return names
    .sort()
    .slice(0, maxFiles)
    .map((name) => readOne(root, `${folder}/${name}`, name, maxBytes));
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
