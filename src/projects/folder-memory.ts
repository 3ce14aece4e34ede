import { type Stats, statSync } from 'node:fs';
import type { FolderEntry } from './folder-entries.ts';
import { tellsOfAllChanges } from './folder-watches.ts';

/**
 * What was in the folders of a project, for the next walk through it: as long as a folder looks as it did, so does what is in
 * it, since every name that comes or goes is a change of the folder. What is in files, those with ignore rules too, it does
 * not tell.
 */
export interface FolderMemory {
  /** For a walk that begins here; what is known of other projects is forgotten. */
  open(root: string): void;
  /** @param stats how the folder looks now */
  recall(folder: string, stats: Stats): FolderEntry[] | undefined;
  /** @param stats how the folder looked before it was read */
  keep(folder: string, stats: Stats, entries: FolderEntry[]): void;
}

interface Known {
  look: Pick<Stats, 'dev' | 'ino' | 'mtimeMs' | 'ctimeMs'>;
  entries: FolderEntry[];
}

/** Clocks of file systems stand still for up to two seconds: what changed so shortly before may change without a sign. */
const settledMs = 2500;
/** Some 100 bytes each. */
const maxEntries = 200_000;

export function createFolderMemory(): FolderMemory {
  const folders = new Map<string, Known>();
  let count = 0;
  let project: { root: string; device: number } | undefined;

  return {
    open(root) {
      const device = deviceOf(root);
      if (root === project?.root && device === project.device && count < maxEntries) return;
      folders.clear();
      count = 0;
      project = device === undefined ? undefined : { root, device };
    },
    recall(folder, stats) {
      const known = folders.get(folder);
      return known && isSame(known.look, stats) ? known.entries : undefined;
    },
    keep(folder, { dev, ino, mtimeMs, ctimeMs }, entries) {
      if (dev !== project?.device || ctimeMs > Date.now() - settledMs) return;
      folders.set(folder, { look: { dev, ino, mtimeMs, ctimeMs }, entries });
      count += entries.length + 1;
    },
  };
}

/** Undefined where what others change is seen late, as over a network. */
function deviceOf(root: string): number | undefined {
  return tellsOfAllChanges(root) ? statSync(root, { throwIfNoEntry: false })?.dev : undefined;
}

function isSame(one: Known['look'], other: Known['look']): boolean {
  return (
    one.ino === other.ino && one.ctimeMs === other.ctimeMs && one.mtimeMs === other.mtimeMs && one.dev === other.dev
  );
}
