import * as z from 'zod';
import type { Project } from '../projects/registry.ts';
import { describeNames, groupNames, type NameItem, referenceItem, symbolItem } from '../search/symbols/name-items.ts';
import type { FindTextOutput } from '../search/text/find-text.ts';
import type { FileMatches, Match } from '../search/text/match-page.ts';
import { visibleLine } from '../text/clean.ts';
import { counted } from '../text/count.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { fitting } from '../text/fitting.ts';
import { cursor, exclude, include, maxCharacters, project } from './params.ts';
import { type Answer, type Call, defineTool } from './tool.ts';

const match = z.object({
  line: z.int(),
  column: z.int().optional(),
  byte_column: z.int().optional(),
  end_line: z.int().optional(),
  role: z.enum(['definition', 'import', 'comment', 'string']).optional(),
  kind: z.string().optional(),
  name: z.string().optional(),
  parent: z.string().optional(),
  text: z.string(),
  before: z.array(z.string()).optional(),
  after: z.array(z.string()).optional(),
});

const input = z.strictObject({
  query: z.string().min(1).max(1000).describe('Text, regular expression, parts of a path, or a name'),
  mode: z
    .enum(['text', 'regex', 'path', 'symbol', 'references'])
    .default('text')
    .describe(
      'text, regex: lines; path: file paths by parts of them, typos allowed; symbol: definitions (Cart, class Cart, ' +
        'Cart.total); references: those and the uses of a name',
    ),
  include,
  exclude,
  case: z
    .enum(['smart', 'sensitive', 'insensitive'])
    .default('smart')
    .describe('smart: sensitive only if the query has a capital'),
  word: z.boolean().default(false).describe('Whole words only'),
  multiline: z.boolean().default(false).describe('regex: over line ends; files up to 1 MiB'),
  sort: z.enum(['relevance', 'path']).default('relevance').describe('relevance: tests and generated files last'),
  context: z.int().min(0).max(10).default(0).describe('Lines around each match (0 to 10)'),
  limit: z.int().min(1).max(500).default(50).describe('Most matches (1 to 500)'),
  cursor,
  project,
  max_characters: maxCharacters,
});

const output = z.object({
  project: z.string(),
  match_count: z.int().describe('Matches in this answer'),
  total_matches: z.int().optional().describe('In all pages, where known'),
  total_at_least: z.int().optional().describe('Where only so many were counted'),
  files: z
    .array(z.object({ path: z.string(), matches: z.array(match) }))
    .describe('In the order of sort; path, symbol, references: best first'),
  next_cursor: z.string().optional().describe('Present when there is more'),
  complete: z.boolean().describe('false when a limit kept some files from being searched'),
  reason: z.string().optional(),
  files_searched: z.int(),
  skipped_binary: z.int(),
  skipped_too_large: z.int(),
  skipped_unreadable: z.int().describe('Files and folders that the system refuses to open'),
});

type Input = z.output<typeof input>;
type Output = z.input<typeof output>;

export const searchFiles = defineTool({
  name: 'search_files',
  title: 'Search files',
  description:
    'Search a project: lines that hold a text or match a regular expression, file paths, definitions, uses of a name. ' +
    'Respects .gitignore; never shows what secret files hold. Use read_files to read around a match.',
  toolset: 'files',
  effect: 'read',
  input,
  output,

  async run(input, call) {
    const found = await call.projects.find(input.project);
    if (input.mode === 'path') return searchPaths(input, found, call);
    if (input.mode === 'symbol' || input.mode === 'references') return searchNames(input, input.mode, found, call);
    return searchText(input, input.mode, found, call);
  },
});

/** What the fields around the matches take at most, in characters. */
const overhead = 700;

const place = z.object({ path: z.string(), line: z.int() });
const window = z.object({ after: place.optional(), until: place.optional(), score: z.number().optional() });
const position = place.extend({ window: window.optional() });

async function searchText(
  input: Input,
  mode: 'text' | 'regex',
  found: Project,
  { textSearch, job }: Call,
): Promise<Answer<Output>> {
  const question = questionOf(input, found);
  const after = input.cursor ? decodeCursor(input.cursor, question, position) : undefined;
  const result = await textSearch.find(
    {
      root: found,
      query: input.query,
      mode,
      letterCase: input.case,
      word: input.word,
      multiline: input.multiline,
      include: input.include,
      exclude: input.exclude,
      context: input.context,
      order: input.sort,
      limit: input.limit,
      maxCharacters: input.max_characters - overhead, // room for the fields around the matches
      after,
    },
    job,
  );
  const count = result.files.reduce((sum, { matches }) => sum + matches.length, 0);
  const { files, total } = result;
  const data: Output = {
    project: found.id,
    match_count: count,
    ...(total?.isExact && !result.cut && { total_matches: total.matches }),
    ...(total?.isExact === false && { total_at_least: total.matches }),
    files,
    ...(result.next && { next_cursor: encodeCursor(question, result.next) }),
    ...completeness(result),
    files_searched: result.filesSearched,
    skipped_binary: result.skipped.binary,
    skipped_too_large: result.skipped.tooLarge,
    skipped_unreadable: result.skipped.unreadable,
  };
  return { data, text: describe(data, files.map(describeFile)) };
}

const pathPosition = z.object({ path: z.string(), score: z.number(), edited: z.boolean() });

async function searchPaths(input: Input, found: Project, { pathSearch, job }: Call): Promise<Answer<Output>> {
  const question = questionOf(input, found);
  const after = input.cursor ? decodeCursor(input.cursor, question, pathPosition) : undefined;
  const { include, exclude, limit, query } = input;
  const result = await pathSearch.find({ root: found, query, include, exclude, limit, after }, job);
  const files = fitting(
    result.hits.map(({ path }) => ({ path, matches: [] })),
    input.max_characters - overhead,
  );
  const last = result.hits[files.length - 1];
  const hasMore = result.more || files.length < result.hits.length;
  const data: Output = {
    project: found.id,
    match_count: files.length,
    total_matches: result.total,
    files,
    ...(hasMore && last && { next_cursor: encodeCursor(question, last) }),
    ...completeness({
      cut: result.cut && `the walk over the project was cut short (${result.cut})`,
      skipped: { tooLarge: 0, longLines: 0, unreadable: result.unreadable },
    }),
    files_searched: result.filesSearched,
    skipped_binary: 0,
    skipped_too_large: 0,
    skipped_unreadable: result.unreadable,
  };
  return {
    data,
    text: describe(
      data,
      files.map(({ path }) => visibleLine(path)),
    ),
  };
}

const namePosition = z.object({ rank: z.number(), path: z.string(), line: z.int() });

async function searchNames(
  input: Input,
  mode: 'symbol' | 'references',
  found: Project,
  { nameSearch, job }: Call,
): Promise<Answer<Output>> {
  const question = questionOf(input, found);
  const after = input.cursor ? decodeCursor(input.cursor, question, namePosition) : undefined;
  const { include, exclude, limit, query, case: letterCase } = input;
  const request = { root: found, query, letterCase, include, exclude, limit, after };
  const result = mode === 'symbol' ? await nameSearch.symbols(request, job) : await nameSearch.references(request, job);
  const all = 'hits' in result ? result.hits.map(symbolItem) : result.references.map(referenceItem);
  const items = fitting(all, input.max_characters - overhead);
  const last = items.at(-1);
  const hasMore = result.more || items.length < all.length;
  const files = groupNames(items);
  const data: Output = {
    project: found.id,
    match_count: items.length,
    ...(!result.cut && { total_matches: result.total }),
    files,
    ...(hasMore && last && { next_cursor: encodeCursor(question, positionOf(last)) }),
    ...completeness({
      cut: result.cut && cutWords[result.cut],
      skipped: { tooLarge: result.tooLarge, longLines: 0, unreadable: result.unreadable },
    }),
    files_searched: result.filesSearched,
    skipped_binary: 0,
    skipped_too_large: result.tooLarge,
    skipped_unreadable: result.unreadable,
  };
  return { data, text: describe(data, files.map(describeNames)) };
}

const cutWords = {
  time: 'the time limit was reached before every file was read; narrow it with include',
  entries: 'the project has more entries than one search may visit',
  depth: 'some folders are nested too deep',
  cancelled: 'the search was cancelled',
};

function positionOf({ rank, path, match }: NameItem): z.output<typeof namePosition> {
  return { rank, path, line: match.line };
}

/** What a cursor belongs to: everything that decides which matches there are and in which order. */
function questionOf(input: Input, { folder }: Project) {
  const { query, mode, include, exclude, case: letterCase, word, multiline, sort } = input;
  return [folder, query, mode, include, exclude, letterCase, word, multiline, sort];
}

function completeness({
  cut,
  skipped,
}: {
  cut?: string | undefined;
  skipped: Omit<FindTextOutput['skipped'], 'binary'>;
}): Pick<Output, 'complete' | 'reason'> {
  const reasons = [
    cut ?? '',
    skipped.tooLarge > 0 ? `${counted(skipped.tooLarge, 'file')} too large and not searched` : '',
    skipped.unreadable > 0
      ? `the system refuses to open ${counted(skipped.unreadable, 'file or folder', 'files or folders')}`
      : '',
    skipped.longLines > 0 ? `only the first part of ${counted(skipped.longLines, 'very long line')} was searched` : '',
  ].filter(Boolean);
  return reasons.length === 0 ? { complete: true } : { complete: false, reason: reasons.join('; ') };
}

function describe(data: Output, blocks: readonly string[]): string {
  const count = counted(data.match_count, 'match', 'matches');
  const lines = [
    data.match_count === 0
      ? `No match in ${counted(data.files_searched, 'file')} of ${data.project}.`
      : `${count} in ${counted(data.files.length, 'file')} of ${data.project} (${searched(data)}):`,
    ...blocks,
  ];
  const skipped = [
    data.skipped_binary ? `${data.skipped_binary} binary` : '',
    data.skipped_too_large ? `${data.skipped_too_large} too large` : '',
    data.skipped_unreadable ? `${data.skipped_unreadable} unreadable` : '',
  ].filter(Boolean);
  if (skipped.length > 0) lines.push(`Skipped: ${skipped.join(', ')}.`);
  if (!data.complete) lines.push(`Not complete: ${data.reason}.`);
  if (data.next_cursor) lines.push(`More with cursor "${data.next_cursor}".`);
  return lines.join('\n');
}

function searched({ total_matches: total, total_at_least: least, match_count: count, files_searched: files }: Output) {
  if (least !== undefined) return `${files} searched, at least ${counted(least, 'match', 'matches')} in all`;
  return total === undefined || total === count
    ? `${files} searched`
    : `${files} searched, ${counted(total, 'match', 'matches')} in all`;
}

function describeFile({ path, matches }: FileMatches): string {
  return [path, ...matches.flatMap(describeMatch)].map(visibleLine).join('\n');
}

function describeMatch(match: Match): string[] {
  const { line, column, byte_column: byte, text, end_line: end = line, before = [], after = [] } = match;
  const [first, ...more] = text.split('\n');
  return [
    ...before.map((other, index) => `  ${line - before.length + index}- ${other}`),
    `  ${line}:${column}${byte ? ` (byte ${byte})` : ''} ${first}`,
    ...more.map((other, index) => `  ${line + 1 + index}: ${other}`),
    ...after.map((other, index) => `  ${end + 1 + index}- ${other}`),
  ];
}
