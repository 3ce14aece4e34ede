import { excerpt } from '../../text/excerpt.ts';
import type { KnownCandidates } from '../engine/candidates.ts';
import type { PlacesReader } from '../engine/disk-reader.ts';
import { filesHolding } from '../engine/files-holding.ts';
import type { LineMatch } from '../engine/line-matcher.ts';
import type { FoundLine } from '../engine/line-reader.ts';
import { linesAround } from '../engine/lines-around.ts';
import type { QueryPlan } from '../engine/query-plan.ts';
import type { ScanCrew } from '../engine/scan-crew.ts';
import { searchLines } from '../engine/search-text.ts';
import type { TextIndex } from '../engine/text-index.ts';
import { maxLineForPattern } from '../regex/long-line.ts';
import type { FindTextInput } from '../text/find-text.ts';
import type { FilesToSearch, FileToSearch, Hit, PassedFiles } from '../text/match-files.ts';
import { contextLine, type Match, type Place } from '../text/match-page.ts';
import { createTierOf, wantedName } from '../text/relevance.ts';
import type { FileView, IndexedFiles } from './indexed-files.ts';

export interface KeptText {
  index: TextIndex;
  files: IndexedFiles;
  plan: QueryPlan;
  known: KnownCandidates;
  /** The text of an indexed file that lies on the disk, as it is now. */
  read(path: string): Uint8Array | undefined;
  readPlaces: PlacesReader;
  /** Scans along, where there is one. */
  crew: ScanCrew | undefined;
  shouldStop(): boolean;
}

/**
 * Lists the files that match, with their matches from memory, and those that only a look into them can tell of; in path
 * order. A fenced pattern decides on the whole text of a file at once.
 */
export function listInPathOrder(kept: KeptText, input: FindTextInput): FilesToSearch {
  const view = kept.files.view(input.include, input.exclude, 'all');
  return listPart(kept, input, { view, without: [], from: input.after });
}

/** The same tier by tier, as `createTierOf` has them. */
export function* listInTiers(kept: KeptText, input: FindTextInput, from: Place | undefined): FilesToSearch {
  const { include, exclude, query } = input;
  const main = kept.files.view(include, exclude, 'main');
  const named = kept.files.named(wantedName(query)).filter((path) => main.passes?.(path) ?? true);
  const tier = from ? createTierOf(query)(from.path) : 0;
  if (tier === 0) yield* listNamed(kept, named, from);
  if (tier <= 1)
    yield* closed(listPart(kept, input, { view: main, without: named, from: tier === 1 ? from : undefined }));
  const aside = kept.files.view(include, exclude, 'aside');
  return yield* listPart(kept, input, { view: aside, without: [], from: tier === 2 ? from : undefined });
}

/** What a part says at its end goes with the file that comes next. */
function* closed(files: FilesToSearch): FilesToSearch {
  const { passed } = yield* files;
  if (passed) yield { path: '', passed, hits: [] };
  return {};
}

/** Few files, each of which is looked through. */
function* listNamed(
  { index, files }: KeptText,
  named: readonly string[],
  from: Place | undefined,
): Generator<FileToSearch> {
  for (const path of named) {
    if (from && path < from.path) continue;
    const kind = files.find(path)?.kind;
    if (kind === 'read') yield { path };
    else if (kind === 'binary') yield { path, passed: { searched: 0, binary: 1 }, hits: [] };
    if (kind !== 'text') continue;
    const text = textOf(index, path);
    // a text on the disk is counted when it is read
    yield text === undefined ? { path } : { path, passed: { searched: 1, binary: 0 }, text };
  }
}

function textOf(index: TextIndex, path: string): string | undefined {
  const entry = index.find(path);
  if (entry?.state !== 'memory') return undefined;
  return index.arena.bytes().toString('utf8', entry.start, entry.start + entry.length);
}

interface Part {
  view: FileView;
  /** In path order: files of the view that are not in this part. */
  without: readonly string[];
  from: Place | undefined;
}

function* listPart(kept: KeptText, input: FindTextInput, { view, without, from }: Part): FilesToSearch {
  const { index, plan, known, crew, read, shouldStop } = kept;
  const readPlaces = input.context > 0 ? undefined : kept.readPlaces; // the lines around may lie in other blocks
  const left = new Set(without);
  const accept = accepting(view, left);
  let longLines = 0;
  const onLongLine = () => void longLines++;
  const isFenced = plan.pattern.linear !== plan.pattern;
  const decided = isFenced ? { ...plan, pattern: plan.pattern.linear } : plan;
  const options = { accept, after: from, known, shouldStop, read, readPlaces, crew, onLongLine };
  const lines = searchLines(index, decided, input.multiline ? { limit: 0 } : options);
  const held = input.multiline ? filesHolding(index, plan, accept) : [];
  const special = specialFiles(view, held).filter((path) => !left.has(path) && !(from && path < from.path));
  const isLiteralRegex = plan.isLiteral && input.mode === 'regex';
  let counted = from?.path;
  let line = lines.next();
  try {
    for (let at = 0; ; ) {
      const hit = line.done ? undefined : line.value.match.path;
      const other = special[at];
      const isSpecial = other !== undefined && !(hit !== undefined && hit < other);
      const path = isSpecial ? other : hit;
      if (path === undefined) return { passed: countTo(undefined) };
      if (isSpecial) at++;
      if (!isSpecial && !isFenced) yield { path, passed: countTo(`${path}\0`), hits: hitsOf(path) };
      else yield lookInto(path);
      for (const _ of hitsOf(path)); // those that were not asked for
    }
  } finally {
    lines.return(undefined);
  }

  function* hitsOf(path: string): Generator<Hit> {
    for (; !line.done && line.value.match.path === path; line = lines.next()) {
      const { text, column, length } = line.value.match;
      const isLong = isLiteralRegex && text.length > maxLineForPattern;
      if (isLong) longLines++;
      if (!isLong || column - 1 + length <= maxLineForPattern) yield createHit(index, line.value, input.context);
    }
  }

  function lookInto(path: string): FileToSearch {
    const text = view.read.has(path) ? undefined : textOf(index, path);
    if (text !== undefined) return { path, passed: countTo(`${path}\0`), text };
    const passed = countTo(path);
    counted = `${path}\0`; // it is counted when it is read
    return { path, passed };
  }

  /** The files up to a path that have not been counted yet. */
  function countTo(end: string | undefined): PassedFiles {
    const passed = view.count(counted, end);
    for (const path of without) {
      if ((counted !== undefined && path < counted) || (end !== undefined && path >= end)) continue;
      const kind = kept.files.find(path)?.kind;
      if (kind === 'text') passed.searched--;
      if (kind === 'binary') passed.binary--;
    }
    counted = end;
    passed.longLines = longLines;
    longLines = 0;
    return passed;
  }
}

function accepting({ passes }: FileView, left: ReadonlySet<string>): FileView['passes'] {
  return left.size === 0 ? passes : (path) => !left.has(path) && (passes?.(path) ?? true);
}

/** Files in path order of which the index does not have the answer, those in `held` among them. */
function specialFiles({ read }: FileView, held: Iterable<string>): string[] {
  const special = [...read, ...held];
  return special.length === 0 ? special : [...new Set(special)].sort();
}

function createHit(index: TextIndex, { match, found }: { match: LineMatch; found: FoundLine }, context: number): Hit {
  const { path, line, column, byteColumn } = match;
  const text = excerpt(match.text, column - 1, match.length);
  const isLasting = context === 0 || index.files.state(found.file) === 'memory';
  if (isLasting) return { path, line, text, match: show };
  const shown = show(); // its text makes room for the next one
  return { path, line, text, match: () => shown };

  function show(): Match {
    const shown: Match = { line, column, ...(byteColumn !== column && { byte_column: byteColumn }), text };
    if (context === 0) return shown;
    const { before, after } = linesAround(index, found, context);
    return { ...shown, before: before.map(contextLine), after: after.map(contextLine) };
  }
}
