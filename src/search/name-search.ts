import type { JobCall, JobProgress } from '../projects/worker-job.ts';
import { askIndex, type IndexedSearch } from './ask-index.ts';
import type { FileSource, TextFilesEnd } from './files/text-files.ts';
import { areNamesSensitive, type Reference, type ReferenceSurvey, rankUsers } from './symbols/find-references.ts';
import { comparePositions, isCaseSensitive, type NameQuestion, type SymbolHit } from './symbols/find-symbols.ts';
import { parseSymbolQuery } from './symbols/symbol-query.ts';

interface Found {
  /** Of all pages. */
  total: number;
  more: boolean;
  filesSearched: number;
  /** Files that were too large to be looked into. */
  tooLarge: number;
  /** Files and folders that the system refuses to open. */
  unreadable: number;
  cut?: TextFilesEnd['cut'];
}

/**
 * Finds definitions and uses of names: of the files that may hold a name, as the index of a project tells where there is
 * one, and of all files otherwise, read by all threads that are free. The answer is the same.
 */
export interface NameSearch {
  /**
   * Definitions, best first; where no name begins with what was asked for, also those that only have its letters.
   *
   * @throws UserError `bad_input` when the query has no name
   */
  symbols(question: NameQuestion, job: JobCall): Promise<Found & { hits: SymbolHit[] }>;
  /** Definitions, then uses. @throws UserError as `symbols` */
  references(question: NameQuestion, job: JobCall): Promise<Found & { references: Reference[] }>;
}

type SurveyInput = NameQuestion & { source: FileSource };

/** What looking into all files may take of it: what is found has to be sorted and shown. */
const surveyShare = 0.7;
/** How long the files that the index names are looked into: a common name is in more than one cares to wait for. */
const keptSurveyMs = 1300;
/** What tree-sitter may take of one answer; what is left is answered as the lines tell it. */
const syntaxMs = 2000;
const keptSyntaxMs = 600;
/** Fewer files are not worth a second thread. */
const filesPerThread = 48;
const definitionsPerThread = 8;

export function createNameSearch({ workers, indexer, log, keep }: IndexedSearch): NameSearch {
  return {
    async symbols(question, job) {
      const { limit } = question;
      const { name } = parseSymbolQuery(question.query);
      const clock = startClock(job);
      const wanted = { name, isSensitive: isCaseSensitive(question, name), only: 'outlined' as const };
      const named = await survey(question, wanted, clock, (input, call) => workers.run('surveySymbols', input, call));
      const { surveys, isKept } = named;
      if (!surveys.some(({ hasGood }) => hasGood) && named.cut === undefined) {
        const input = { ...question, source: { part: 0, parts: 1 } };
        surveys.push(await workers.run('surveyFuzzySymbols', input, clock.call()));
        named.filesSearched = surveys.at(-1)?.searched ?? 0;
        named.tooLarge = surveys.at(-1)?.tooLarge ?? 0;
        named.unreadable = surveys.at(-1)?.unreadable ?? 0;
      }
      const hits = surveys.flatMap((each) => each.hits).sort(comparePositions);
      const total = surveys.reduce((sum, each) => sum + each.total, 0);
      const cut = surveys.find((each) => each.cut)?.cut;
      const confirmed = await confirm(question, hits.slice(0, limit), clock, isKept);
      const { filesSearched, tooLarge, unreadable } = named;
      const seen = { filesSearched, tooLarge, unreadable, ...(cut && { cut }) };
      return { hits: confirmed, total, more: hits.length > limit, ...seen };
    },

    async references(question, job) {
      const { root, limit, after } = question;
      const { name } = parseSymbolQuery(question.query);
      const isSensitive = areNamesSensitive(question);
      const clock = startClock(job);
      const wanted = { name, isSensitive, only: 'all' as const };
      const named = await survey(question, wanted, clock, (input, call) =>
        workers.run('surveyReferences', input, call),
      );
      const { surveys, filesSearched, tooLarge, unreadable, cut, isKept } = named;
      const all = surveys.flatMap(({ definitions }) => definitions).sort(comparePositions);
      const left = after ? all.filter((hit) => comparePositions(hit, after) > 0) : all;
      const definitions = await confirm(question, left.slice(0, limit), clock, isKept);
      const room = limit + 1 - left.length;
      const uses = room > 0 ? await readPage(surveys, room) : [];
      const references: Reference[] = definitions.map((each) => ({
        path: each.path,
        rank: each.rank,
        definition: each,
      }));
      references.push(...uses.slice(0, limit - references.length));
      const total = surveys.reduce((sum, { lines }) => sum + lines, all.length);
      const more = left.length + uses.length > limit;
      return { references, total, more, filesSearched, tooLarge, unreadable, ...(cut && { cut }) };

      function readPage(from: readonly ReferenceSurvey[], count: number) {
        const users = rankUsers(from);
        const isNext = ({ rank, path }: { rank: number; path: string }) =>
          !after || rank > after.rank || (rank === after.rank && path >= after.path);
        const files = users.filter(isNext).slice(0, count + 1); // each has a line at least, but perhaps the first
        return workers.run(
          'readUses',
          { root, name, isSensitive, files, definitions: all, limit: count, after },
          clock.call(),
        );
      }
    },
  };

  async function survey<Survey extends TextFilesEnd>(
    question: NameQuestion,
    wanted: { name: string; isSensitive: boolean; only: 'all' | 'outlined' },
    clock: Clock,
    run: (input: SurveyInput, call: JobCall) => Promise<Survey>,
  ) {
    const kept = await findKept(question, wanted, clock);
    const sources = kept ? shareOut(kept.paths, workers.free()) : walkShares(workers.free());
    const surveys = await inParts(
      sources,
      clock.call(kept ? keptSurveyMs : clock.left() * surveyShare),
      (source, call) => run({ ...question, source }, call),
    );
    if (!kept) keep(question.root);
    const filesSearched = surveys.reduce((sum, { searched }) => sum + searched, kept?.passed ?? 0);
    const tooLarge = surveys.reduce((sum, each) => sum + each.tooLarge, 0);
    const unreadable = surveys.reduce((sum, each) => sum + each.unreadable, kept?.unreadable ?? 0);
    const cut = surveys.find((each) => each.cut)?.cut;
    return { surveys, filesSearched, tooLarge, unreadable, cut, isKept: kept !== undefined };
  }

  async function findKept(
    { root, include, exclude }: NameQuestion,
    wanted: { name: string; isSensitive: boolean; only: 'all' | 'outlined' },
    clock: Clock,
  ) {
    if (root.refuseHardLinks || !indexer.isReady()) return undefined;
    const input = { root, include, exclude, ...wanted };
    const found = await askIndex((call) => indexer.run('filesHolding', input, call), clock.call(), log);
    if (found) log.debug({ files: found.paths.length }, 'the index told which files may hold a name');
    return found;
  }

  /** The best answers' files come first in each part, and neighbours of one file stay together. */
  async function confirm({ root }: NameQuestion, hits: SymbolHit[], clock: Clock, isKept: boolean) {
    if (hits.length === 0) return hits;
    const paths = [...new Set(hits.map(({ path }) => path))];
    const count = Math.max(1, Math.min(workers.free(), Math.ceil(paths.length / definitionsPerThread)));
    const partOf = new Map(paths.map((path, at) => [path, at % count]));
    const parts = Array.from({ length: count }, (_, part) => hits.filter(({ path }) => partOf.get(path) === part));
    const call = clock.call(isKept ? keptSyntaxMs : syntaxMs);
    const confirmed = await inParts(parts, call, (part, each) =>
      workers.run('confirmSymbols', { root, hits: part }, each),
    );
    return confirmed.flat().sort(comparePositions);
  }
}

type Clock = ReturnType<typeof startClock>;

/** What is left of a call's time for its next job. */
function startClock(job: JobCall) {
  const begin = performance.now();
  const left = () => Math.max(1, job.budgetMs - (performance.now() - begin));
  return {
    left,
    call: (mostMs = Number.POSITIVE_INFINITY): JobCall => ({ ...job, budgetMs: Math.min(left(), mostMs) }),
  };
}

function walkShares(threads: number): FileSource[] {
  const parts = Math.max(1, threads);
  return Array.from({ length: parts }, (_, part) => ({ part, parts }));
}

function shareOut(paths: readonly string[], threads: number): FileSource[] {
  const parts = Math.max(1, Math.min(threads, Math.ceil(paths.length / filesPerThread)));
  return Array.from({ length: parts }, (_, part) => ({ paths: paths.filter((_, at) => at % parts === part) }));
}

/** Runs the parts of one job side by side; when one fails, the others are told to stop. */
async function inParts<Part, Output>(
  parts: readonly Part[],
  { signal, budgetMs, onProgress }: JobCall,
  run: (part: Part, call: JobCall) => Promise<Output>,
): Promise<Output[]> {
  const stop = new AbortController();
  const done = parts.map(() => 0);
  const progressOf = (part: number) => (update: JobProgress) => {
    done[part] = update.done;
    onProgress?.({ ...update, done: done.reduce((sum, count) => sum + count, 0) });
  };
  const call = { signal: AbortSignal.any([signal, stop.signal]), budgetMs };
  try {
    return await Promise.all(parts.map((part, at) => run(part, { ...call, onProgress: progressOf(at) })));
  } finally {
    stop.abort();
  }
}
