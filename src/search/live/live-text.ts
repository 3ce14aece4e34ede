import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type CatalogueChanges, type CatalogueFile, createCatalogue } from '../../projects/catalogue.ts';
import type { Root } from '../../projects/door.ts';
import { isSameLook, lookAt } from '../../projects/file-look.ts';
import { tellsOfAllChanges } from '../../projects/folder-watches.ts';
import { createIgnoreState } from '../../projects/ignore-state.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { createSearchReaders } from '../engine/disk-reader.ts';
import { filesHolding } from '../engine/files-holding.ts';
import type { ScanCrew } from '../engine/scan-crew.ts';
import type { TextIndex } from '../engine/text-index.ts';
import { isAside } from '../files/file-role.ts';
import type { FindTextInput, FindTextOutput } from '../text/find-text.ts';
import { answerText } from './answer-text.ts';
import { type BuiltText, createTextBuilder } from './build-text.ts';
import { createEntryReader } from './entry-reader.ts';
import { createScanHelper, type LookHelper } from './helper-threads.ts';
import type { IndexCache } from './index-cache.ts';
import { createIndexedFiles, type IndexedFiles } from './indexed-files.ts';
import { limitLoading, type TextBudget } from './limit-texts.ts';
import { loadTexts } from './load-texts.ts';
import { createPlanCache, type PlanCache } from './plan-cache.ts';
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
  /**
   * Once it is ready: stores the index, and takes in texts that are on the disk as far as there is room; in short steps too.
   *
   * @param arenaBytes what it may take
   */
  settle(control: JobControl, pause: () => Promise<boolean>, arenaBytes: number): Promise<void>;
  /**
   * Once much has changed: reads the project into a new index, while the one before answers, and stores it.
   *
   * @param arenaBytes what the new one may take
   */
  renew(control: JobControl, pause: () => Promise<boolean>, arenaBytes: number): Promise<void>;
  /** Undefined where `findText` has to be asked instead; `stale` when that stays so until it is built anew. */
  find(input: FindTextInput, control: JobControl): Promise<FindTextOutput | 'stale' | undefined>;
  /** Which files may hold a name. Undefined where all have to be looked into; `stale` as above. */
  holding(wanted: WantedName, control: JobControl): Promise<FilesHolding | 'stale' | undefined>;
  /**
   * Another text after every change by which a walk may list something else, links and folders that cannot be opened too.
   * Undefined where that cannot be told now; `stale` as above.
   */
  listing(control: JobControl): Promise<string | undefined>;
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

/** Where more files have to be opened, all threads together are faster. */
const maxOpened = 2000;

interface Current {
  index: TextIndex;
  files: IndexedFiles;
  plans: PlanCache;
}

/**
 * @param cache where indexes are stored, if they are
 * @param helper takes part in what takes long at the beginning
 */
export function createLiveText(root: Root, budget: TextBudget, cache?: IndexCache, helper?: LookHelper): LiveText {
  const catalogue = createCatalogue(root);
  const readEntry = createEntryReader(root);
  const ignoreState = createIgnoreState(root.folder);
  const readers = createSearchReaders(root);
  let current: Current | undefined;
  const id = randomUUID();
  let ignored: string | undefined;
  let relistings = 0;
  let scratch: Buffer | undefined;
  let isStored = false;
  let crew: ScanCrew | undefined;
  /** What happened to files while they were read into a new index. */
  let missed: CatalogueChanges[] | undefined;

  return {
    ...{ restore, build, settle, renew, find, holding, listing, close },
    usedBytes: () => current?.index.arena.usedBytes() ?? 0,
  };

  async function build(control: JobControl, pause: () => Promise<boolean>) {
    if (!tellsOfAllChanges(root.folder)) return 'refused';
    ignored = ignoreState.current([], catalogue.noted());
    const builder = createTextBuilder(root, catalogue, budget);
    try {
      const { cut } = await catalogue.refresh(builder.followed(control));
      if (cut === 'time' || cut === 'cancelled') return 'stopped';
      if (cut || !catalogue.isWatched()) return 'refused';
      const built = await builder.build(pause);
      if (typeof built === 'string') return built;
      current = startWith(built);
      return 'ready';
    } finally {
      builder.close();
    }
  }

  async function restore(control: JobControl): Promise<boolean> {
    const stored =
      cache && tellsOfAllChanges(root.folder) ? await openStoredIndex(cache, root, budget.arenaBytes) : undefined;
    if (!stored) return false;
    helper?.(stored.sweep);
    try {
      catalogue.adopt(stored.tree, stored.sweep);
      ignored = ignoreState.current([], catalogue.noted());
      if (ignored !== stored.ignored) catalogue.relist();
      const built = await stored.load();
      isStored = built !== undefined && (await takeOver(built, control));
    } finally {
      if (!isStored) close();
    }
    return isStored;
  }

  async function takeOver(built: BuiltText, control: JobControl): Promise<boolean> {
    const { changed, removed, cut } = await catalogue.refresh(control);
    if (cut || !catalogue.isWatched() || changed.length + removed.length > maxChanges) return false;
    current = startWith(built);
    takeIn(current, changed, removed);
    return !current.index.isStale(); // or it would be given up, and restored, for ever
  }

  async function settle(control: JobControl, pause: () => Promise<boolean>, arenaBytes: number) {
    try {
      if (!isStored) await store(control, pause);
    } finally {
      await fill(Math.min(budget.arenaBytes, arenaBytes), pause);
    }
  }

  async function renew(control: JobControl, pause: () => Promise<boolean>, arenaBytes: number) {
    const before = await refresh(control);
    if (before === undefined || before === 'stale' || !before.index.isWorn()) return;
    missed = [];
    const builder = createTextBuilder(root, catalogue, { ...budget, arenaBytes });
    try {
      const built = await builder.build(pause);
      if (typeof built === 'string' || current !== before) return;
      crew?.close();
      crew = undefined;
      current = startWith(built);
      for (const { changed, removed } of missed) takeIn(current, changed, removed);
    } finally {
      builder.close();
      missed = undefined;
    }
    try {
      await store(control, pause);
    } finally {
      await fill(arenaBytes, pause);
    }
  }

  /** With texts that are on the disk, as far as there is room. */
  async function fill(arenaBytes: number, pause: () => Promise<boolean>) {
    if (current === undefined) return;
    const { index } = current;
    const goesOn = async () => (await pause()) && current?.index === index;
    const limits = limitLoading(index, { ...budget, arenaBytes });
    await loadTexts(index, limits, { read: readers.read, doubt: catalogue.doubt, pause: goesOn });
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
      crew ??= createScanHelper(kept.index.arena);
      const known = { ...kept, readers, crew, unreadable: catalogue.unreadable() };
      const output = answerText(known, plan, input, limited);
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

  async function listing(control: JobControl) {
    const kept = await refresh(control);
    if (kept === undefined || kept === 'stale') return kept;
    return `${id} ${relistings} ${catalogue.noted()}`;
  }

  /** What is kept, with every change up to now. */
  async function refresh(control: JobControl) {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (current === undefined) return 'stale';
      const { changed, removed, cut } = await catalogue.refresh(control);
      if (cut || !catalogue.isWatched() || changed.length + removed.length > maxChanges) return 'stale';
      takeIn(current, changed, removed);
      missed?.push({ changed, removed });
      if (current.index.isStale()) return 'stale';
      const state = ignoreState.current(catalogue.folders(), catalogue.noted());
      if (state === undefined) return undefined;
      if (state === ignored) return current;
      ignored = state;
      relistings++;
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

  function close() {
    catalogue.close();
    ignoreState.close();
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

function startWith({ index, entries }: BuiltText): Current {
  return { index, files: createIndexedFiles(entries), plans: createPlanCache(index) };
}
