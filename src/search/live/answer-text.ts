import type { JobControl } from '../../projects/job-control.ts';
import { type KnownCandidates, keepCandidates } from '../engine/candidates.ts';
import type { SearchReaders } from '../engine/disk-reader.ts';
import type { QueryPlan } from '../engine/query-plan.ts';
import type { ScanCrew } from '../engine/scan-crew.ts';
import { countIfCheap } from '../engine/search-text.ts';
import type { TextIndex } from '../engine/text-index.ts';
import type { FindTextInput, FindTextOutput } from '../text/find-text.ts';
import type { FilesToSearch } from '../text/match-files.ts';
import type { Place } from '../text/match-page.ts';
import { pageByPath } from '../text/page-by-path.ts';
import { pageByRelevance } from '../text/page-by-relevance.ts';
import type { IndexedFiles } from './indexed-files.ts';
import { listInPathOrder, listInTiers } from './indexed-matches.ts';

/** So many matches are ranked together where they are found fast. */
const usualWindow = 250;
/** As many blocks as are counted in half a millisecond. */
const maxBlocksCounted = 512;

export interface IndexedText {
  index: TextIndex;
  files: IndexedFiles;
  readers: SearchReaders;
  crew: ScanCrew | undefined;
  /** Folders that the system refuses to open. */
  unreadable: number;
}

/** Answers as `findText` does, from the index. */
export function answerText(
  known: IndexedText,
  plan: QueryPlan,
  input: FindTextInput,
  control: JobControl,
): FindTextOutput {
  const { index, files, crew, unreadable } = known;
  const { read, readPlaces } = known.readers;
  const { pattern } = plan;
  const candidates = keepCandidates(index);
  const kept = { index, files, read, readPlaces, plan, known: candidates, crew, shouldStop: control.shouldStop };
  const isFenced = pattern.linear !== pattern;
  const isRanked =
    !isFenced && input.order === 'relevance' && (input.after === undefined || input.after.window !== undefined);
  const list = (from: Place | undefined) => withUnreadable(listInTiers(kept, input, from), unreadable);
  const isFast = plan.needle !== undefined && !index.files.hasDiskFiles();
  const windowHits = Math.max(input.limit, isFast ? usualWindow : 0);
  const output = isRanked
    ? pageByRelevance(input, control, { pattern, list, windowHits })
    : pageByPath(input, control, { pattern, files: withUnreadable(listInPathOrder(kept, input), unreadable) });
  const total =
    input.mode === 'text' && output.total?.isExact === false ? countAll(known, plan, candidates, input) : undefined;
  return total ? { ...output, total } : output;
}

function* withUnreadable(list: FilesToSearch, unreadable: number): FilesToSearch {
  const end = yield* list;
  const { searched, binary, longLines = 0 } = end.passed ?? { searched: 0, binary: 0 };
  return { ...end, passed: { searched, binary, longLines, unreadable } };
}

/** Where that is soon done. */
function countAll(
  { index, files }: IndexedText,
  plan: QueryPlan,
  known: KnownCandidates,
  { include, exclude }: FindTextInput,
) {
  const { passes, read } = files.view(include, exclude, 'all');
  const matches =
    read.size > 0 ? undefined : countIfCheap(index, plan, { accept: passes, known, maxBlocks: maxBlocksCounted });
  return matches === undefined ? undefined : { matches, isExact: true };
}
