import { setTimeout } from 'node:timers/promises';
import { type CatalogueFile, createCatalogue } from '../../projects/catalogue.ts';
import { isSameLook, lookAt, type Root } from '../../projects/door.ts';
import { tellsOfAllChanges } from '../../projects/folder-watches.ts';
import { createIgnoreState } from '../../projects/ignore-state.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { createSearchReaders } from '../engine/disk-reader.ts';
import { filesHolding } from '../engine/files-holding.ts';
import type { QueryPlan } from '../engine/query-plan.ts';
import type { ScanCrew } from '../engine/scan-crew.ts';
import { countIfCheap } from '../engine/search-text.ts';
import type { TextIndex } from '../engine/text-index.ts';
import { isAside } from '../files/file-role.ts';
import type { FindTextInput, FindTextOutput } from '../text/find-text.ts';
import type { FilesToSearch } from '../text/match-files.ts';
import type { Place } from '../text/match-page.ts';
import { pageByPath } from '../text/page-by-path.ts';
import { pageByRelevance } from '../text/page-by-relevance.ts';
import { type BuiltText, buildText, limitTexts, type TextBudget } from './build-text.ts';
import { createEntryReader } from './entry-reader.ts';
import type { IndexCache } from './index-cache.ts';
import { createIndexedFiles, type IndexedFiles } from './indexed-files.ts';
import { listInPathOrder, listInTiers } from './indexed-matches.ts';
import { loadTexts } from './load-texts.ts';
import { createPlanCache, type PlanCache } from './plan-cache.ts';
import { createScanHelper } from './scan-helper.ts';
import { doubtfulMs } from './stored-facts.ts';
import { openStoredIndex, storeIndex } from './stored-index.ts';

/**
 * The text of one project in memory, with an index, kept as it is on disk. It answers as `findText` does, and with its
 * code: the index only says which files need not be looked into, and every other is read anew.
 */
export interface LiveText {
  /** Begins with the index that was stored, as far as it is still right; false where it is no help, and `build` is. */
  restore(control: JobControl): Promise<boolean>;
  /** Reads the project, in short steps between which the thread does other things. `refused`: it cannot be kept. */
  build(control: JobControl, pause: () => Promise<boolean>): Promise<'ready' | 'refused' | 'stopped'>;
  /** Once it is ready: takes in the text of an index that was stored, or stores the index; in short steps as well. */
  settle(control: JobControl, pause: () => Promise<boolean>): Promise<void>;
  /** Undefined where `findText` has to be asked instead; `stale` when that stays so until it is built anew. */
  find(input: FindTextInput, control: JobControl): Promise<FindTextOutput | 'stale' | undefined>;
  /** Which files may hold a name. Undefined where all have to be looked into; `stale` as above. */
  holding(wanted: WantedName, control: JobControl): Promise<FilesHolding | 'stale' | undefined>;
  usedBytes(): number;
  close(): void;
}

export interface WantedName {
  name: string;
  isSensitive: boolean;
  include: readonly string[];
  exclude: readonly string[];
  /** Whether only files with an outline count. */
  only: 'all' | 'outlined';
}

export interface FilesHolding {
  /** Tests and generated files last. */
  paths: string[];
  /** How many other files there are. */
  passed: number;
  /** Folders that the system refuses to open. */
  unreadable: number;
}

/** After more changes, as by a checkout, a new index costs less. */
const maxChanges = 1000;
const scratchBytes = 1024 * 1024;
/** A file that an answer is made of may change under it, and what is ignored. */
const maxAttempts = 4;
const marginMs = 10;

/** So many matches are ranked together where they are found fast. */
const usualWindow = 250;
/** As many blocks as are counted in half a millisecond. */
const maxBlocksCounted = 512;

/** Where more files have to be opened, all threads together are faster. */
const maxOpened = 2000;

interface Current {
  index: TextIndex;
  files: IndexedFiles;
  plans: PlanCache;
}

/** @param cache where indexes are stored, if they are */
export function createLiveText(root: Root, budget: TextBudget, cache?: IndexCache): LiveText {
  const catalogue = createCatalogue(root);
  const readEntry = createEntryReader(root);
  const ignoreState = createIgnoreState(root.folder);
  const readers = createSearchReaders(root);
  let current: Current | undefined;
  let ignored: string | undefined;
  let scratch: Buffer | undefined;
  let isStored = false;
  let crew: ScanCrew | undefined;

  return { restore, build, settle, find, holding, usedBytes: () => current?.index.arena.usedBytes() ?? 0, close };

  async function build(control: JobControl, pause: () => Promise<boolean>) {
    if (!tellsOfAllChanges(root.folder)) return 'refused';
    ignored = ignoreState.current([], catalogue.noted());
    const { cut } = await catalogue.refresh(control);
    if (cut === 'time' || cut === 'cancelled') return 'stopped';
    if (cut || !catalogue.isWatched()) return 'refused';
    const built = await buildText(root, catalogue, budget, pause);
    if (typeof built === 'string') return built;
    current = { index: built.index, files: createIndexedFiles(built.entries), plans: createPlanCache(built.index) };
    return 'ready';
  }

  async function restore(control: JobControl): Promise<boolean> {
    const stored =
      cache && tellsOfAllChanges(root.folder) ? await openStoredIndex(cache, root, budget.arenaBytes) : undefined;
    if (!stored) return false;
    try {
      catalogue.adopt(stored.tree);
      ignored = ignoreState.current([], catalogue.noted());
      if (ignored !== stored.ignored) catalogue.relist();
      const built = await stored.load();
      isStored = built !== undefined && (await takeOver(built, control));
    } finally {
      if (!isStored) close();
    }
    return isStored;
  }

  async function takeOver({ index, entries }: BuiltText, control: JobControl): Promise<boolean> {
    const { changed, removed, cut } = await catalogue.refresh(control);
    if (cut || !catalogue.isWatched() || changed.length + removed.length > maxChanges) return false;
    current = { index, files: createIndexedFiles(entries), plans: createPlanCache(index) };
    takeIn(current, changed, removed);
    return !current.index.isStale(); // or it would be given up, and restored, for ever
  }

  async function settle(control: JobControl, pause: () => Promise<boolean>) {
    if (current === undefined) return;
    const { index } = current;
    const limits = limitTexts(catalogue.list().values(), budget);
    if (!isStored) await store(control, pause);
    else if (limits) await loadTexts(index, limits, { read: readers.read, doubt: catalogue.doubt, pause });
  }

  /** Only while nothing happens: then what is known is what is on the disk. */
  async function store(control: JobControl, pause: () => Promise<boolean>) {
    if (!cache) return;
    const latest = [...catalogue.list().values()].reduce((most, { changedAt }) => Math.max(most, changedAt), 0);
    await setTimeout(Math.max(0, Math.min(latest + doubtfulMs - Date.now(), doubtfulMs)) + marginMs);
    for (let attempt = 0; attempt < maxAttempts && (await pause()); attempt++) {
      const kept = await refresh(control);
      if (kept === undefined || kept === 'stale') return;
      const [noted, at, before] = [catalogue.noted(), Date.now(), ignored];
      const tree = catalogue.describe();
      if (tree === undefined || ignored === undefined) return;
      const write = storeIndex(cache, root, { ignored, tree, index: kept.index, entries: kept.files.entries(), at });
      if ((await refresh(control)) !== kept) return;
      if (catalogue.noted() === noted && ignored === before) return write();
    }
  }

  async function find(input: FindTextInput, control: JobControl) {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const kept = await refresh(control);
      if (kept === undefined || kept === 'stale') return kept;
      const plan = kept.plans.planOf(input);
      if (input.multiline && !plan.needle) return undefined; // the index leaves out nothing
      const before = readers.opened();
      const limited = {
        ...control,
        shouldStop: () => readers.opened() - before > maxOpened || control.shouldStop(),
      };
      const output = answer(kept, plan, input, limited);
      if ((output.cut !== undefined && !output.isClosed) || limited.shouldStop()) return undefined;
      const doubtful = output.files.filter(({ path }) => !isAsKnown(path));
      if (doubtful.length === 0) return output;
      for (const { path } of doubtful) catalogue.doubt(path);
    }
    return undefined;
  }

  async function holding({ name, isSensitive, include, exclude, only }: WantedName, control: JobControl) {
    const kept = await refresh(control);
    if (kept === undefined || kept === 'stale') return kept;
    const { index, files, plans } = kept;
    const plan = plans.planOf({ query: name, mode: 'text', letterCase: isSensitive ? 'sensitive' : 'insensitive' });
    const view = files.view(include, exclude, only);
    const found = [...filesHolding(index, plan, view.passes)];
    const { searched, binary } = view.count(undefined, undefined);
    const paths = [...new Set([...found, ...view.read])];
    const isLast = new Set(paths.filter(isAside));
    const ordered = [...paths.filter((path) => !isLast.has(path)), ...isLast];
    const passed = searched + binary - (paths.length - view.read.size);
    return { paths: ordered, passed, unreadable: catalogue.unreadable() };
  }

  /** What is kept, with every change up to now. */
  async function refresh(control: JobControl) {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (current === undefined) return 'stale';
      const { changed, removed, cut } = await catalogue.refresh(control);
      if (cut || !catalogue.isWatched() || changed.length + removed.length > maxChanges) return 'stale';
      takeIn(current, changed, removed);
      if (current.index.isStale()) return 'stale';
      const state = ignoreState.current(catalogue.folders(), catalogue.noted());
      if (state === undefined) return undefined;
      if (state === ignored) return current;
      ignored = state;
      catalogue.relist();
    }
    return undefined;
  }

  /** Every file of an answer is looked at: not all changes are told, such as those to memory that a file is mapped to. */
  function isAsKnown(path: string): boolean {
    const known = catalogue.list().get(path);
    const now = lookAt(root, path);
    return known !== undefined && now !== undefined && isSameLook(known, now);
  }

  function answer(known: Current, plan: QueryPlan, input: FindTextInput, control: JobControl): FindTextOutput {
    const { pattern } = plan;
    const { read, places } = readers;
    crew ??= createScanHelper(known.index.arena);
    const kept = { ...known, read, places, plan, crew, shouldStop: control.shouldStop };
    const isFenced = pattern.linear !== pattern;
    const isRanked =
      !isFenced && input.order === 'relevance' && (input.after === undefined || input.after.window !== undefined);
    const list = (from: Place | undefined) => withUnreadable(listInTiers(kept, input, from));
    const isFast = plan.needle !== undefined && !known.index.files.hasDiskFiles();
    const windowHits = Math.max(input.limit, isFast ? usualWindow : 0);
    const output = isRanked
      ? pageByRelevance(input, control, { pattern, list, windowHits })
      : pageByPath(input, control, { pattern, files: withUnreadable(listInPathOrder(kept, input)) });
    const total = input.mode === 'text' && output.total?.isExact === false ? countAll(known, plan, input) : undefined;
    return total ? { ...output, total } : output;
  }

  function* withUnreadable(files: FilesToSearch): FilesToSearch {
    const end = yield* files;
    const { searched, binary, longLines = 0 } = end.passed ?? { searched: 0, binary: 0 };
    return { ...end, passed: { searched, binary, longLines, unreadable: catalogue.unreadable() } };
  }

  function close() {
    catalogue.close();
    crew?.close();
    crew = undefined;
    current = undefined;
  }

  function takeIn({ index: into, files }: Current, changed: readonly CatalogueFile[], removed: readonly string[]) {
    for (const path of removed) {
      into.remove(path);
      files.remove(path);
    }
    scratch ??= Buffer.allocUnsafe(scratchBytes);
    for (const { path } of changed) {
      const { entry, file } = readEntry(path, scratch);
      if (file) into.put(path, file);
      else into.remove(path);
      const isKept = file === undefined || into.find(path)?.state === 'memory';
      files.put(isKept ? entry : { ...entry, kind: 'read' });
    }
  }
}

/** Where that is soon done. */
function countAll({ index, files }: Current, plan: QueryPlan, { include, exclude }: FindTextInput) {
  const { passes, read } = files.view(include, exclude, 'all');
  const matches =
    read.size > 0 ? undefined : countIfCheap(index, plan, { accept: passes, maxBlocks: maxBlocksCounted });
  return matches === undefined ? undefined : { matches, isExact: true };
}
