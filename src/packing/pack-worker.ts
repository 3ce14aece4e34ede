import { workerData } from 'node:worker_threads';
import { createLog } from '../log.ts';
import type { SentFile } from '../models/question.ts';
import type { Root } from '../projects/door.ts';
import type { JobControl } from '../projects/job-control.ts';
import { type JobTableOf, serveJobs } from '../projects/job-server.ts';
import { workTreeChanges } from '../projects/work-tree.ts';
import { createCaches } from '../store/caches.ts';
import type { Tokenizer } from '../text/tokens.ts';
import { diffText } from './diff-text.ts';
import { createFileReader } from './file-reader.ts';
import { type FittedText, fitText } from './fit-text.ts';
import { listMatches } from './list-matches.ts';
import { type PackInput, pack } from './pack.ts';
import { redactText } from './redact.ts';
import { countsName, countsSchema, createTokenMemory } from './token-memory.ts';
import { drawTokenTree } from './token-tree.ts';
import { countTree } from './tree-tokens.ts';

/** How much of a text there may be, and how that is counted. */
export interface Measure {
  tokenizer: Tokenizer;
  maxTokens: number;
}

/** A text that is safe to show. */
export interface SafeText extends FittedText {
  redactions: number;
}

export interface FileExcerpt extends SafeText {
  /** What of it is in the text. */
  file: SentFile;
}

/** What this thread is started with. */
export interface PackSetup {
  /** Where the caches are. */
  url: string | undefined;
  folder: string;
}

const setup: PackSetup = workerData;
const monthMs = 30 * 24 * 60 * 60_000;
const caches = createCaches({ ...setup, log: createLog('silent') }); // those of the main thread tell when they are away
const memory = createTokenMemory(caches.open(countsName, { schema: countsSchema, ttlMs: monthMs }));
const reader = createFileReader();
const treeLines = 400;

/** The program of the one thread that has the vocabularies and the rules for secrets in memory; it runs one job at a time. */
const jobs = { countTokens, fitSafeText, readFile, readDiff, readTree, listMatches, packTexts };

export type PackJobs = JobTableOf<typeof jobs>;

serveJobs(jobs);

async function countTokens({ texts, tokenizer }: { texts: readonly string[]; tokenizer: Tokenizer }) {
  const count = await memory.counterOf(tokenizer);
  return texts.map(count);
}

/** Texts from elsewhere than files. */
async function fitSafeText({ text, ...measure }: Measure & { text: string }): Promise<SafeText> {
  return fitSafely(await redactText(text), measure);
}

async function readFile({
  root,
  path: named,
  ...measure
}: Measure & { root: Root; path: string }): Promise<FileExcerpt> {
  const { path, hash, from, ...read } = await reader.read(root, named);
  const fitted = await fitSafely(read, measure);
  if (from === undefined && !fitted.isCut) return { ...fitted, file: { path, hash } };
  const first = from ?? 1;
  const to = Math.max(first, first + fitted.lines - 1);
  return { ...fitted, file: { path, hash, ranges: [{ from: first, to }] } };
}

/** Undefined where there is nothing to compare with. */
async function readDiff(
  { root, ...measure }: Measure & { root: Root },
  control: JobControl,
): Promise<(SafeText & { paths: string[] }) | undefined> {
  const changes = workTreeChanges(root, control);
  if (!changes) return undefined;
  const paths = changes.changes.flatMap(({ path, note }) => (note === undefined ? path : []));
  return { ...(await fitSafely(await redactText(diffText(changes)), measure)), paths };
}

async function readTree({ root, ...measure }: Measure & { root: Root }, control: JobControl): Promise<SafeText> {
  const count = await memory.counterOf(measure.tokenizer);
  const { files, isCut } = countTree(root, count, control);
  const lines = Math.min(treeLines, Math.ceil(measure.maxTokens / 6));
  const note = isCut ? '\n(Not all of the project was seen.)' : '';
  return { ...fitText(`About ${drawTokenTree(files, lines)}${note}`, measure.maxTokens, count), redactions: 0 };
}

async function fitSafely(
  { text, redactions }: { text: string; redactions: number },
  { tokenizer, maxTokens }: Measure,
): Promise<SafeText> {
  return { ...fitText(text, maxTokens, await memory.counterOf(tokenizer)), redactions };
}

async function packTexts(input: PackInput, control: JobControl) {
  const { tokenizer } = input;
  const counterOf = (hash: string) => memory.counterOfContent(tokenizer, hash);
  const packed = await pack(input, { counter: await memory.counterOf(tokenizer), counterOf, reader }, control);
  await memory.keep();
  return packed;
}
