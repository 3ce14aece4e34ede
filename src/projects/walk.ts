import { readEntries } from './folder-entries.ts';
import type { FolderMemory } from './folder-memory.ts';
import { type UserFolders, userFolders } from './git-directory.ts';
import { type Item, listItems } from './walk-items.ts';
import { createMeter, type Meter, type WalkBudget, type WalkEnd } from './walk-meter.ts';
import {
  enterRepository,
  findNested,
  ignoreFiles,
  type Place,
  placeBelow,
  placeOfRoot,
  withOwnRules,
} from './walk-place.ts';

export interface WalkEntry {
  /** POSIX, relative to the root. */
  path: string;
  /** A repository is a nested one or a submodule: listed and not entered. */
  kind: 'file' | 'symlink' | 'repository';
}

/**
 * Lists a folder as `git ls-files -co --exclude-standard` does, less what is missing on disk, ascending by `path`; then
 * `.octantignore` files leave out more, be it tracked, and bring back (by `!`) what git ignores.
 * Below a root outside every repository, each repository is entered with its own rules. Unreadable folders are skipped
 * and counted; `cut` says which budget left something out. https://git-scm.com/docs/git-ls-files
 *
 * @param enters asked before each folder below the root is opened: whether to list it
 */
export function* walk(
  root: string,
  budget: WalkBudget,
  user: UserFolders = userFolders(),
  enters: (folder: string) => boolean = () => true,
): Generator<WalkEntry, WalkEnd> {
  const meter = createMeter(budget);
  const frames: Frame[] = [];
  const opening = { user, meter, memory: budget.memory };
  const start = placeOfRoot(root, user);
  if (start) budget.memory?.open(start.folder);
  const opened = start && openFolder(start, opening);
  if (opened !== undefined && opened !== 'repository') frames.push(opened);
  for (let frame = frames.at(-1); frame !== undefined && meter.tick(1); frame = frames.at(-1)) {
    const item = frame.items[frame.next];
    frame.next += 1;
    if (item === undefined) {
      frames.pop();
    } else if (item.kind !== 'directory') {
      yield { path: frame.place.path + item.name, kind: item.kind };
    } else if (frames.length > budget.maxDepth) {
      meter.noteDepth();
    } else if (enters(frame.place.path + item.name)) {
      const child = openFolder(placeBelow(frame.place, item), opening);
      if (child === 'repository') yield { path: frame.place.path + item.name, kind: child };
      else if (child !== undefined) frames.push(child);
    }
  }
  const cut = meter.cut();
  return { unreadable: meter.unreadable(), ...(cut && { cut }) };
}

/** A folder that is being listed; an explicit stack of them, since nested generators pay for their depth at each step. */
interface Frame {
  place: Place;
  items: Item[];
  next: number;
}

interface Opening {
  user: UserFolders;
  meter: Meter;
  memory: FolderMemory | undefined;
}

/** Undefined when the folder cannot be read; 'repository' when it is one within another. */
function openFolder(place: Place, { user, meter, memory }: Opening): Frame | 'repository' | undefined {
  const entries = readEntries(place.folder, meter, memory);
  if (entries === undefined) return undefined;
  const names = entries.filter(({ name }) => name.startsWith('.') && decidingNames.has(name)).map(({ name }) => name);
  const nested = names.includes('.git') && place.scopePath !== '' && findNested(place);
  if (nested && place.scope.isRepository) return 'repository';
  const inside = nested ? enterRepository(place, nested, user) : place;
  const here = withOwnRules(inside, names);
  return { place: here, items: listItems(here, entries, meter), next: 0 };
}

/** Those that tell what else of their folder is listed. */
const decidingNames: ReadonlySet<string> = new Set(['.git', ...ignoreFiles]);
