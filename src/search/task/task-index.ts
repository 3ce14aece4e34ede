import { setImmediate } from 'node:timers/promises';
import { type CatalogueFile, createCatalogue } from '../../projects/catalogue.ts';
import { closeFile, openListed, type Root, readStart } from '../../projects/door.ts';
import { lookAt } from '../../projects/file-look.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { language } from '../../projects/languages.ts';
import { isBinary, withoutByteOrderMark } from '../../projects/text-kind.ts';
import type { WalkCut } from '../../projects/walk-meter.ts';
import { roleOf } from '../files/file-role.ts';
import { createImportGraph, type ImportGraph } from './import-graph.ts';
import type { TaskKnowledge } from './rank-task.ts';
import { createDocumentReader, type TaskDocument } from './task-document.ts';
import { createTaskHistory } from './task-history.ts';

/**
 * What the ranking for a task knows of one project, kept up to date in a thread of its own: its files by their words, who
 * imports whom, and its past commits.
 */
export interface TaskIndex {
  /**
   * Takes in what has changed, as far as time allows. One call at a time.
   *
   * @param hints what to read first, where there is much to read
   */
  refresh(control: JobControl, hints: ReadingHints): Promise<Gaps>;
  knowledge(): TaskKnowledge;
  /** Whether a file is as it was read; one that is not is looked at again by the next refresh. */
  isCurrent(path: string): boolean;
  size(path: string): number;
  /** Goes on with what no answer waits for, in short steps, until it is done or `isWanted` says no. */
  goOn(isWanted: () => boolean): Promise<void>;
  close(): void;
}

/** How long an answer waits for files to be read, and which matter most to it. */
export interface ReadingHints {
  /** Milliseconds after all files are listed. */
  readingMs: number;
  /** Those of these that may matter, by their paths alone. */
  mentioned(paths: Iterable<string>): readonly string[];
  /** The best first, of those that are known at least by their paths. */
  inOrder(knowledge: TaskKnowledge): readonly string[];
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
/** With more unread files than this it pays to ask which may matter. */
const manyUnread = 100;
const stepMs = 15;
const readingOrder = ['source', 'test', 'documentation', 'example', 'data', 'generated'];

export function createTaskIndex(root: Root): TaskIndex {
  const catalogue = createCatalogue(root);
  const documents = new Map<string, TaskDocument>();
  const unread = new Set<string>();
  const history = createTaskHistory(root.folder);
  let reader: ReturnType<typeof createDocumentReader> | undefined;
  let scratch: Buffer | undefined;
  let ranked: Pick<TaskKnowledge, 'documents' | 'places'> | undefined;
  let graph: ImportGraph | undefined;
  let isGraphStale = false;

  return {
    async refresh(control, hints) {
      const { changed, removed, cut } = await catalogue.refresh(control);
      for (const path of removed) forget(path);
      for (const { path } of changed) unread.add(path);
      history.look();
      const until = performance.now() + hints.readingMs;
      const shouldStop = () => performance.now() > until || control.shouldStop();
      history.catchUp(shouldStop);
      if (unread.size > manyUnread) putInOrder(hints);
      readSome(shouldStop, (path) => control.progress(documents.size - unread.size, path));
      return { unread: unread.size, ...(cut && { cut }) };
    },
    knowledge,
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

  function knowledge(): TaskKnowledge {
    ranked ??= listRanked();
    if (graph?.imports.length !== ranked.documents.length) updateGraph(ranked.documents);
    return { ...ranked, graph: graph ?? createImportGraph(ranked.documents), commits: history.commits };
  }

  /** Equals are ranked in the order that they have here; that in which they were read would depend on how fast that was. */
  function listRanked() {
    const list = [...documents.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    documents.clear();
    for (const document of list) documents.set(document.path, document); // the next time few have to move
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

  /** What may matter first and then code, so that an answer which cannot wait has most of what it needs. */
  function putInOrder({ mentioned, inOrder }: ReadingHints) {
    const changedBefore = [...history.commits.activity().keys()].filter((path) => unread.has(path));
    for (const path of [...mentioned(unread), ...changedBefore]) {
      if (!documents.has(path)) put(documentOf(path, undefined));
    }
    const likely = inOrder(knowledge()).filter((path) => unread.has(path));
    const byRole = [...unread].map((path) => ({ path, rank: readingOrder.indexOf(roleOf(path)) }));
    byRole.sort((a, b) => a.rank - b.rank);
    unread.clear();
    for (const path of likely) unread.add(path);
    for (const { path } of byRole) unread.add(path);
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
    scratch ??= Buffer.allocUnsafe(scratchBytes);
    return documentOf(path, size === 0 ? '' : readText(root, path, scratch));
  }

  function documentOf(path: string, text: string | undefined): TaskDocument {
    reader ??= createDocumentReader();
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
