import type { FileRole } from '../files/file-role.ts';
import { folderOf } from './past-folders.ts';
import type { TaskDocument } from './task-document.ts';

/** What of files every task asks for, laid out by place, so that a pass over all of them looks up no string. */
export interface DocumentLayout {
  /** By place, in `roleNames`. */
  roles: Uint8Array;
  roleNames: readonly FileRole[];
  /** By place, as `folderNumbers` has them. */
  folders: Uint32Array;
  folderNumbers: ReadonlyMap<string, number>;
  /** In lower case and after a slash. */
  lowerPaths: readonly string[];
}

/** Those of lists that were asked about; a changed project is another list. */
const layouts = new WeakMap<readonly TaskDocument[], DocumentLayout>();

export function layoutOf(documents: readonly TaskDocument[]): DocumentLayout {
  const known = layouts.get(documents);
  if (known) return known;
  const roles = new Map<FileRole, number>();
  const folderNumbers = new Map<string, number>();
  const byPlace = {
    roles: Uint8Array.from(documents, ({ role }) => numberOf(roles, role)),
    folders: Uint32Array.from(documents, ({ path }) => numberOf(folderNumbers, folderOf(path))),
    lowerPaths: documents.map(({ path }) => `/${path.toLowerCase()}`),
  };
  const layout = { ...byPlace, roleNames: [...roles.keys()], folderNumbers };
  layouts.set(documents, layout);
  return layout;
}

function numberOf<Name>(numbers: Map<Name, number>, name: Name): number {
  const known = numbers.get(name) ?? numbers.size;
  numbers.set(name, known);
  return known;
}
