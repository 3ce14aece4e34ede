import { setImmediate } from 'node:timers/promises';
import { type CatalogueFile, createCatalogue } from '../projects/catalogue.ts';
import { closeFile, lookAt, openListed, type Root, readStart } from '../projects/door.ts';
import { createHistoryReader, type PastCommit } from '../projects/git-history.ts';
import type { JobControl } from '../projects/job-control.ts';
import { language } from '../projects/languages.ts';
import { isBinary, withoutByteOrderMark } from '../projects/text-kind.ts';
import type { WalkCut } from '../projects/walk-meter.ts';
import { createCommitIndex } from './commit-index.ts';
import { roleOf } from './file-role.ts';
import { createImportGraph, type ImportGraph } from './import-graph.ts';
import type { TaskKnowledge } from './rank-task.ts';
import { createDocumentReader, type TaskDocument } from './task-document.ts';

/**
 * What the ranking for a task knows of one project, kept up to date in a thread of its own: its files by their words, who
 * imports whom, and its past commits.
 */
export interface TaskIndex {
  /** Takes in what has changed, as far as time allows. One call at a time. */
  refresh(control: JobControl): Promise<Gaps>;
  knowledge(): TaskKnowledge;
  /** Whether a file is as it was read; one that is not is looked at again by the next refresh. */
  isCurrent(path: string): boolean;
  size(path: string): number;
  /** Goes on with what no answer waits for, in short steps, until it is done or `isWanted` says no. */
  goOn(isWanted: () => boolean): Promise<void>;
  close(): void;
}

/** What is missing from an answer. */
export interface Gaps {
  /** Files that are known by their path alone so far. */
  unread: number;
  cut?: WalkCut;
}

/** Larger files are known by their beginning: code by more of it than tests and documents, and these by more than data. */
const maxBytes = { source: 512, test: 128, example: 128, documentation: 128, data: 16, generated: 16 };
const scratchBytes = 512 * 1024;
/** So many commits are looked at; in the first call for so long, and for so long in each after it. */
const maxCommits = 2500;
const firstHistoryMs = 2000;
const laterHistoryMs = 8;
const stepMs = 15;

export function createTaskIndex(root: Root): TaskIndex {
  const catalogue = createCatalogue(root);
  const documents = new Map<string, TaskDocument>();
  const unread = new Set<string>();
  const history = createHistory(root.folder);
  let reader: ReturnType<typeof createDocumentReader> | undefined;
  let scratch: Buffer | undefined;
  let ranked: Pick<TaskKnowledge, 'documents' | 'places'> | undefined;
  let graph: ImportGraph | undefined;
  let isGraphStale = false;

  return {
    async refresh(control) {
      const { changed, removed, cut } = await catalogue.refresh(control);
      for (const path of removed) forget(path);
      for (const { path } of changed) unread.add(path);
      readAll(control);
      history.look();
      history.catchUp(control.shouldStop);
      return { unread: unread.size, ...(cut && { cut }) };
    },
    knowledge() {
      ranked ??= listRanked();
      if (graph?.imports.length !== ranked.documents.length) updateGraph(ranked.documents);
      return { ...ranked, graph: graph ?? createImportGraph(ranked.documents), commits: history.commits };
    },
    isCurrent(path) {
      const known = catalogue.list().get(path);
      const now = lookAt(root, path);
      if (known && now && known.size === now.size && known.modifiedAt === now.modifiedAt) return true;
      catalogue.doubt(path);
      return false;
    },
    size: (path) => catalogue.list().get(path)?.size ?? 0,
    async goOn(isWanted) {
      for (let isMore = true; isMore && isWanted(); await setImmediate()) {
        const until = performance.now() + stepMs;
        const shouldStop = () => performance.now() > until;
        if (unread.size > 0) readSome(shouldStop);
        else if (isGraphStale && ranked) updateGraph(ranked.documents);
        else isMore = history.readFor(stepMs, shouldStop);
      }
      reader = undefined; // with the names that it remembers
      scratch = undefined;
    },
    close() {
      catalogue.close();
      documents.clear();
      unread.clear();
    },
  };

  function listRanked() {
    const list = [...documents.values()];
    return { documents: list, places: new Map(list.map(({ path }, place) => [path, place])) };
  }

  function updateGraph(of: readonly TaskDocument[]) {
    graph = createImportGraph(of);
    isGraphStale = false;
  }

  function forget(path: string) {
    unread.delete(path);
    if (!documents.delete(path)) return;
    ranked = undefined;
    isGraphStale = true;
  }

  /** Code first, so that an answer which cannot wait has what matters most. */
  function readAll(control: JobControl) {
    if (unread.size > 100) {
      const order = ['source', 'test', 'documentation', 'example', 'data', 'generated'];
      const sorted = [...unread].map((path) => ({ path, rank: order.indexOf(roleOf(path)) }));
      unread.clear();
      for (const { path } of sorted.sort((a, b) => a.rank - b.rank)) unread.add(path);
    }
    readSome(control.shouldStop, (path) => control.progress(documents.size, path));
  }

  function readSome(shouldStop: () => boolean, progress: (path: string) => void = () => {}) {
    for (const path of unread) {
      if (shouldStop()) return;
      const file = catalogue.list().get(path);
      unread.delete(path);
      if (!file) continue;
      put(readDocument(file));
      progress(path);
    }
  }

  function put(document: TaskDocument) {
    const known = documents.get(document.path);
    documents.set(document.path, document);
    ranked = undefined;
    if (known?.imports.join() !== document.imports.join() || known.role !== document.role) isGraphStale = true;
  }

  function readDocument({ path, size }: CatalogueFile): TaskDocument {
    reader ??= createDocumentReader();
    scratch ??= Buffer.allocUnsafe(scratchBytes);
    const text = size === 0 ? '' : readText(root, path, scratch);
    return reader.read(path, text, language(path)?.name);
  }
}

/** The text of a file or its beginning; undefined for what is binary, secret or gone. */
function readText(root: Root, path: string, scratch: Buffer): string | undefined {
  const file = openListed(root, path);
  if (!file) return undefined;
  try {
    const bytes = readStart(file, maxBytes[roleOf(path)] * 1024, scratch);
    return isBinary(bytes) ? undefined : withoutByteOrderMark(bytes.toString('utf8'));
  } finally {
    closeFile(file);
  }
}

/** The past commits, read a part at a time; after a new commit only what is new. */
function createHistory(folder: string) {
  const reader = createHistoryReader(folder);
  const commits = createCommitIndex();
  let head: string | undefined;
  let reading: Generator<PastCommit | undefined> | undefined;
  let seen = 0;
  let before = 0;
  let moves = new Map<string, string>();

  return {
    commits,
    look() {
      const now = reader.head();
      if (now === head) return;
      head = now;
      reading?.return(undefined);
      before = commits.ids().size;
      moves = new Map();
      reading = now === undefined ? undefined : reader.read(now, commits.ids(), moves);
      seen = 0;
    },
    /** What is new since the last call, or as much of all as one answer may wait for. */
    catchUp(shouldStop: () => boolean) {
      this.readFor(seen === 0 ? firstHistoryMs : laterHistoryMs, shouldStop);
    },
    /** @returns whether there is more */
    readFor(ms: number, shouldStop: () => boolean): boolean {
      const until = performance.now() + ms;
      const found: PastCommit[] = [];
      while (reading && performance.now() < until && !shouldStop()) {
        const { done, value } = reading.next();
        if (value) found.push(value);
        seen++;
        if (!done && seen < maxCommits) continue;
        reading.return(undefined);
        reading = undefined;
        commits.move(moves, before);
      }
      commits.add(found);
      return reading !== undefined;
    },
  };
}
