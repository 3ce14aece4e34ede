import { isUtf8 } from 'node:buffer';
import { type CatalogueFile, createCatalogue } from '../projects/catalogue.ts';
import type { Root } from '../projects/door.ts';
import { tellsOfAllChanges } from '../projects/folder-watches.ts';
import { ignoreState } from '../projects/ignore-state.ts';
import type { JobControl } from '../projects/job-control.ts';
import { isSecretPath } from '../projects/secrets.ts';
import { isBinary, utf16Encoding } from '../projects/text-kind.ts';
import { createArena } from './engine/arena.ts';
import { createSliceBuilder, type ReadFile, type Slice } from './engine/build-slice.ts';
import { createDiskReader } from './engine/disk-reader.ts';
import { planQuery } from './engine/query-plan.ts';
import { searchText } from './engine/search-text.ts';
import { createTextIndex, lowerBound, type TextIndex } from './engine/text-index.ts';
import {
  type FilesEnd,
  type FileToSearch,
  type FindTextInput,
  type FindTextOutput,
  findTextIn,
  maxLineForPattern,
} from './find-text.ts';
import type { PathFilter } from './globs.ts';

/**
 * The text of one project in memory, with an index, kept as it is on disk. It answers as `findText` does, and with its
 * code: the index only says which files need not be looked into, and every other is read anew.
 */
export interface LiveText {
  /** Reads the project, in short steps between which the thread does other things. `refused`: it cannot be kept. */
  build(control: JobControl, pause: () => Promise<boolean>): Promise<'ready' | 'refused' | 'stopped'>;
  /** Undefined where `findText` has to be asked instead; `stale` when that stays so until it is built anew. */
  find(input: FindTextInput, control: JobControl): Promise<FindTextOutput | 'stale' | undefined>;
  usedBytes(): number;
  close(): void;
}

/** What is known of a file: `read` is looked into by every search, `none` by no one. */
interface Entry {
  path: string;
  kind: 'text' | 'binary' | 'read' | 'none';
  /** A regular expression looks at a part of some line, which has to be told. */
  isLong: boolean;
}

const filesPerSlice = 4096;
const stepMs = 8;
/** A larger file is read when it is searched. */
const maxKeptBytes = 8 * 1024 * 1024;
/** After more changes, as by a checkout, a new index costs less. */
const maxChanges = 1000;
const scratchBytes = 1024 * 1024;

export function createLiveText(root: Root, budgetBytes: number): LiveText {
  const catalogue = createCatalogue(root);
  const readFromDisk = createDiskReader(root);
  let entries: Entry[] = []; // in path order
  let index: TextIndex | undefined;
  let ignored: string | undefined;
  let scratch: Buffer | undefined;

  return { build, find, usedBytes: () => index?.arena.usedBytes() ?? 0, close };

  async function build(control: JobControl, pause: () => Promise<boolean>) {
    if (!tellsOfAllChanges(root.folder)) return 'refused';
    ignored = ignoreState(root.folder, []);
    const { cut } = await catalogue.refresh(control);
    if (cut === 'time' || cut === 'cancelled') return 'stopped';
    const files = [...catalogue.list().values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    const bytes = files.reduce((sum, { size }) => sum + (size > maxKeptBytes ? 0 : size), 0);
    if (cut || !catalogue.isWatched() || bytes > budgetBytes) return 'refused';
    const arena = createArena(budgetBytes);
    const found: Entry[] = [];
    const builder = createSliceBuilder(arena, readOne, budgetBytes);
    const slices: Slice[] = [];
    let until = performance.now() + stepMs;
    for (let first = 0; first < files.length; first += filesPerSlice) {
      const paths = files.slice(first, first + filesPerSlice).map(({ path }) => path);
      const steps = builder.steps(first, paths);
      let step = steps.next();
      for (; !step.done; step = steps.next()) {
        if (performance.now() < until) continue;
        if (!(await pause())) return 'stopped';
        until = performance.now() + stepMs;
      }
      if (step.value === 'full') return 'refused';
      slices.push(step.value);
    }
    const built = createTextIndex(arena, slices);
    if (built.files.hasDiskFiles()) return 'refused';
    entries = found;
    index = built;
    return 'ready';

    function readOne(path: string, room: Buffer): ReadFile | undefined {
      const { entry, file } = read(path, room);
      found.push(entry);
      return file;
    }
  }

  async function find(input: FindTextInput, control: JobControl) {
    if (index === undefined) return 'stale';
    const state = ignoreState(root.folder, catalogue.folders());
    if (state === undefined) return undefined;
    if (state !== ignored) catalogue.relist();
    ignored = state;
    const { changed, removed, cut } = await catalogue.refresh(control);
    if (cut || !catalogue.isWatched() || changed.length + removed.length > maxChanges) return 'stale';
    takeIn(index, changed, removed);
    if (index.isStale()) return 'stale';
    const current = index;
    const output = findTextIn(input, control, (pattern, passes) => list(current, input, control, pattern, passes));
    return output.cut !== undefined || control.shouldStop() ? undefined : output;
  }

  function close() {
    catalogue.close();
    entries = [];
    index = undefined;
  }

  function takeIn(into: TextIndex, changed: readonly CatalogueFile[], removed: readonly string[]) {
    for (const path of removed) {
      into.remove(path);
      const place = placeOf(path);
      if (entries[place]?.path === path) entries.splice(place, 1);
    }
    scratch ??= Buffer.allocUnsafe(scratchBytes);
    for (const { path } of changed) {
      const { entry, file } = read(path, scratch);
      if (file) into.put(path, file);
      else into.remove(path);
      const isKept = file === undefined || into.find(path)?.state === 'memory';
      const place = placeOf(path);
      const isKnown = entries[place]?.path === path;
      entries.splice(place, isKnown ? 1 : 0, isKept ? entry : { ...entry, kind: 'read' });
    }
  }

  function placeOf(path: string): number {
    return lowerBound(entries.length, (place) => (entries[place]?.path ?? '') < path);
  }

  function read(path: string, room: Buffer): { entry: Entry; file?: ReadFile } {
    if (isSecretPath(path)) return { entry: { path, kind: 'none', isLong: false } };
    const isSmall = (catalogue.list().get(path)?.size ?? 0) <= maxKeptBytes;
    const file = isSmall ? readFromDisk(path, room) : undefined;
    const kind = kindOf(file);
    const isLong = file?.bytes !== undefined && hasLongLine(file.bytes);
    const entry = { path, kind, isLong };
    return file && kind === 'text' ? { entry, file } : { entry };
  }

  function* list(
    from: TextIndex,
    { after, mode, include, exclude }: FindTextInput,
    { shouldStop }: JobControl,
    pattern: RegExp,
    passes: PathFilter,
  ): Generator<FileToSearch, FilesEnd> {
    const accept = include.length + exclude.length > 0 ? passes : undefined;
    const lines = searchText(from, planQuery(pattern, from), { accept, after, shouldStop });
    const isAny = pattern.test(''); // then a file without lines matches as well
    try {
      let passed = { searched: 0, binary: 0 };
      let hit = lines.next().value?.path;
      for (let place = after ? placeOf(after.path) : 0; place < entries.length; place++) {
        const entry = entries[place];
        if (entry === undefined || entry.kind === 'none' || (accept && !accept(entry.path))) continue;
        const { path, kind, isLong } = entry;
        const isHit = path === hit;
        if (hit !== undefined && hit < path) throw unlisted();
        if (isHit || kind === 'read' || (isAny && kind === 'text') || (isLong && mode === 'regex')) {
          yield { path, passed };
          passed = { searched: 0, binary: 0 };
        } else if (kind === 'binary') passed.binary++;
        else passed.searched++;
        while (isHit && hit === path) hit = lines.next().value?.path;
      }
      if (hit !== undefined) throw unlisted();
      return { passed };
    } finally {
      lines.return(undefined);
    }
  }
}

function unlisted(): Error {
  return new Error('The text index has a file that is not listed.');
}

/** What the index would read otherwise than a search of the file itself is left to that. */
function kindOf(file: ReadFile | undefined): Entry['kind'] {
  const bytes = file?.bytes;
  if (bytes === undefined || bytes.length !== file?.size || bytes.length > maxKeptBytes) return 'read';
  if (utf16Encoding(bytes) !== undefined) return 'read';
  if (isBinary(bytes)) return 'binary';
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark && !isUtf8(bytes) ? 'read' : 'text';
}

function hasLongLine(bytes: Buffer): boolean {
  for (let at = 0; bytes.length - at > maxLineForPattern; ) {
    const end = bytes.indexOf(10, at);
    if (end < 0 || end - at > maxLineForPattern) return true;
    at = end + 1;
  }
  return false;
}
