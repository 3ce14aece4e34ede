import type { Asker } from '../models/asker.ts';
import { whyOffline } from '../models/model-or-offline.ts';
import { UnusableAnswer } from '../models/question.ts';
import type { Digest } from '../projects/hash-files.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { BeginRun } from '../runs/run.ts';
import { currentHashes } from '../search/file-hashes.ts';
import { isMinified } from '../search/outlines/file-notes.ts';
import type { Jobs } from '../search/threads/worker.ts';
import type { Cache } from '../store/caches.ts';
import { counted } from '../text/count.ts';
import { askSummary, type Material, type SummaryWords } from './ask-summary.ts';
import { runBatch } from './batch.ts';
import type { StoredSummary } from './model-answer.ts';
import { keyOfFile, type SummaryCache, type SummaryKind } from './summary-cache.ts';

/** What making summaries with a model needs. */
export interface ModelServices {
  workers: WorkerPool<Jobs>;
  asker: Asker;
  words: SummaryWords;
  cache: SummaryCache;
  digests: Cache<Digest>;
  /** Most questions that a provider gets at a time. */
  parallel?: number;
}

/** Which summaries are wanted, and for whom. */
export interface ModelWish {
  root: Project;
  /** `provider/model` or a tier. */
  model: string;
  kind: SummaryKind;
  actor: string;
  beginRun?: BeginRun;
  /** Those made before it are made anew, in milliseconds since 1970. */
  notBefore: number;
  /** Nothing is begun after it, by `performance.now()`. */
  until: number;
  /** Files that may be asked for in all; the rest only from the cache. */
  most: number;
}

export interface KnownFile {
  path: string;
  hash: string;
  key: string;
  summary?: StoredSummary;
}

/** The files as they are now, with the summaries that there are of them. What cannot be read is not among them. */
export async function findSummaries(
  paths: readonly string[],
  { root, kind, notBefore }: Pick<ModelWish, 'root' | 'kind' | 'notBefore'>,
  { workers, digests, cache }: ModelServices,
  job: JobCall,
): Promise<KnownFile[]> {
  const hashed = await currentHashes(paths, { project: root, workers, digests, job });
  const files = hashed.flatMap((file) => {
    if (file.state !== 'hashed' || file.digest.size === 0) return [];
    const { hash } = file.digest;
    return { path: file.path, hash, key: keyOfFile(kind, file.path, hash) };
  });
  const found = await cache.find(
    files.map(({ key }) => key),
    notBefore,
  );
  return files.map((file, index) => ({ ...file, ...(found[index] && { summary: found[index] }) }));
}

const usualParallel = 8;
/** More than a provider answers at a time, so that the next ones are read while it does; they wait at its gate. */
const readAhead = 4;

export function lanesOf({ parallel = usualParallel }: ModelServices): number {
  return parallel + readAhead;
}

/** So many answers that are of no use, one after the other, are enough. */
const mostUnusable = 3;

/** Why some files have no summary; nothing where all have one. */
export type Missing =
  | { reason: string; canGoOn: boolean /** What is made of these can do without. */; isMinor?: boolean }
  | undefined;

/**
 * Asks for the summaries that are missing, in the order of the files; each is kept as it comes, so that a later call goes
 * on where this one ends.
 */
export async function askMissing(
  files: KnownFile[],
  wish: ModelWish,
  services: ModelServices,
  job: JobCall,
): Promise<Missing> {
  const missing = files.filter(({ summary }) => !summary);
  if (missing.length > wish.most) return { reason: tooMany(missing.length, wish), canGoOn: false };
  const left = new Set(missing);
  const useless: UnusableAnswer[] = [];
  let inARow = 0;
  const askOne = async (file: KnownFile) => {
    try {
      const material = await readMaterial(file, wish, services, job.signal);
      if (material) file.summary = await askOnce(file.key, material, wish, services, job.signal);
      inARow = 0;
    } catch (error) {
      if (!(error instanceof UnusableAnswer) || ++inARow >= mostUnusable) throw error;
      useless.push(error);
    }
    left.delete(file);
  };
  const { failure } = await runBatch(missing, askOne, {
    ...{ parallel: lanesOf(services), until: wish.until, signal: job.signal },
    onDone: (done) => job.onProgress?.({ done, message: `${done} of ${missing.length} summaries` }),
  });
  if (failure !== undefined) return { reason: reasonOf(failure), canGoOn: false };
  if (left.size > 0)
    return { reason: `${left.size} of ${files.length} files are not summarized by a model yet`, canGoOn: true };
  const [first] = useless;
  return first && { reason: `${reasonOf(first)} (${counted(useless.length, 'file')})`, canGoOn: false, isMinor: true };
}

/** @throws what is no reason to go on without a model */
export function reasonOf(failure: unknown): string {
  const reason = whyOffline(failure);
  if (reason === undefined) throw failure;
  return reason;
}

/** Of a file or a folder, kept under its key. */
export function askOnce(
  key: string,
  material: Material,
  { model, kind, actor, root, beginRun }: ModelWish,
  { cache, asker, words }: ModelServices,
  signal: AbortSignal,
): Promise<StoredSummary> {
  const project = { id: root.id, name: root.name, folder: root.folder };
  const options = { model, focus: kind.focus, actor, project, signal };
  const ask = async () => {
    const runId = await beginRun?.();
    return askSummary(material, { asker, words }, { ...options, ...(runId !== undefined && { runId }) });
  };
  return cache.make(key, ask, signal);
}

function tooMany(count: number, { most, model }: ModelWish): string {
  return `${count} files would be sent to a model, more than the ${most} that are without being asked: give model "${model}" to do so`;
}

const readingMs = 10_000;

/** Undefined for what is no text or minified, or has changed since it was looked for. */
async function readMaterial(
  { path, hash }: KnownFile,
  { root }: ModelWish,
  { workers }: ModelServices,
  signal: AbortSignal,
): Promise<Material | undefined> {
  const question = { root, paths: [path], withText: true };
  const [read] = await workers.run('outlineFiles', question, { signal, budgetMs: readingMs });
  if (read?.state !== 'outlined' || read.source?.hash !== hash) return undefined;
  const { outline, source } = read;
  if (isMinified(source.text, outline.lines)) return undefined;
  return {
    ...{ kind: 'file', path, hash, text: source.text },
    about: `${outline.language ?? 'text'}, ${outline.lines} lines`,
    starts: outline.symbols.map(({ line }) => line),
  };
}
