import { isUtf8 } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { z } from 'zod';
import { isSecretPath } from '../../src/projects/secrets.ts';
import { maxLineForPattern } from '../../src/search/regex/long-line.ts';
import { createRandom } from './random.ts';

/** Queries made from the text of a tree, and what Octant and ripgrep find for them. */

export interface ExactQuery {
  kind: string;
  query: string;
  mode: 'text' | 'regex';
  case: 'smart' | 'sensitive' | 'insensitive';
  word: boolean;
}

/** Why the two may differ on a file, and `unexplained` where there is no reason. */
export type Difference = 'binary' | 'encoding' | 'long line' | 'secret' | 'not listed by rg' | 'unexplained';

const rgOptions = ['--no-config', '--hidden', '-g', '!.git', '--color=never'];

export function listedByRipgrep(folder: string, options: readonly string[]): Set<string> {
  const { stdout } = spawnSync(rgPath, ['--files', ...rgOptions, ...options], { cwd: folder, maxBuffer: 2 ** 30 });
  return new Set(stdout.toString().split('\n').filter(Boolean));
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/&~#-]/g, '\\$&');

/** What a line yields: each kind of query that its words and letters allow. */
const kinds: ReadonlyArray<
  readonly [string, 'text' | 'regex', (line: string, pick: (most: number) => number) => string]
> = [
  ['literal', 'text', (line, pick) => line.slice(pick(line.length)).slice(0, 1 + pick(30))],
  ['long literal', 'text', (line, pick) => line.slice(pick(10)).slice(0, 30 + pick(60))],
  ['word', 'text', (line, pick) => wordOf(line, pick)],
  ['two words', 'text', (line) => /\S+\s+\S+/.exec(line)?.[0] ?? ''],
  ['escaped literal', 'regex', (line, pick) => escaped(line.slice(pick(line.length)).slice(0, 2 + pick(20)))],
  ['anchored start', 'regex', (line, pick) => `^${escaped(line.slice(0, 2 + pick(15)))}`],
  ['anchored end', 'regex', (line, pick) => `${escaped(line.slice(-2 - pick(12)))}$`],
  ['word boundary', 'regex', (line, pick) => `\\b${wordOf(line, pick).slice(0, 6)}\\w*\\b`],
  ['alternatives', 'regex', (line, pick) => `(${wordOf(line, pick)}|${wordOf(line, pick)})\\W+${wordOf(line, pick)}`],
  ['classes', 'regex', (line, pick) => shapeOf(line.slice(pick(line.length)).slice(0, 4 + pick(12)))],
  ['counted', 'regex', (line, pick) => `\\w{${3 + pick(4)},${12 + pick(8)}}\\s*${escaped(symbolOf(line))}\\s?\\w{2}`],
  ['gap', 'regex', (line, pick) => `${wordOf(line, pick)}.*${wordOf(line, pick)}`],
  ['not', 'regex', (line, pick) => `${escaped(symbolOf(line))}[^${escaped(symbolOf(line))}\\s]+${wordOf(line, pick)}`],
  [
    'no literal',
    'regex',
    (_, pick) => ['[A-Z]{4,}_[A-Z]{3,}\\b', '\\b0x[\\da-f]{6,8}\\b', '(\\w+)\\.\\w+\\(\\)\\.'][pick(3)] ?? '',
  ],
];

function wordOf(line: string, pick: (most: number) => number): string {
  const words = line.match(/[\p{L}_]{3,}/gu) ?? ['the'];
  return words[pick(words.length)] ?? 'the';
}

function symbolOf(line: string): string {
  return /[^\w\s]/u.exec(line)?.[0] ?? '=';
}

function shapeOf(text: string): string {
  return escaped(text)
    .replace(/[a-z]+/g, '[a-z]+')
    .replace(/\d+/g, '[0-9]+')
    .replace(/\s+/g, '\\s+');
}

export function* generateQueries(folder: string, paths: readonly string[], seed: number): Generator<ExactQuery> {
  const random = createRandom(seed);
  const pick = (most: number) => Math.floor(random() * most);
  for (let count = 0; ; ) {
    const path = paths[pick(paths.length)] ?? '';
    const lines = readFileSync(join(folder, path)).toString().split('\n');
    const wide = random() < 0.2 ? lines.filter((line) => /[^\0-\x7f]/.test(line)) : [];
    const from = wide.length > 0 ? wide : lines;
    const line = (from[pick(from.length)] ?? '').replace(/\r$/, '');
    const [kind, mode, make] = kinds[count % kinds.length] ?? kinds[0] ?? ['', 'text', () => ''];
    const query = make(line.trim(), pick).toWellFormed();
    if (query.trim() === '' || query.length > 200 || /[\0\n\r\ufffd]/.test(query)) continue;
    count++;
    const letterCase = (['smart', 'sensitive', 'insensitive'] as const)[pick(3)] ?? 'smart';
    yield { kind, query, mode, case: letterCase, word: random() < 0.15 };
  }
}

/** Lines as `path:line`; undefined where there are more than `most`. */
export async function ripgrepLines(
  folder: string,
  { query, mode, case: letterCase, word }: ExactQuery,
  options: readonly string[],
  most: number,
): Promise<Set<string> | undefined> {
  const flags = [letterCase === 'smart' ? '-S' : letterCase === 'sensitive' ? '-s' : '-i'];
  if (mode === 'text') flags.push('-F');
  if (word) flags.push('-w');
  const child = spawn(
    rgPath,
    [...rgOptions, ...options, '--crlf', '-n', '--null', '--no-heading', '-M', '1', ...flags, '-e', query],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'close');
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  for await (const chunk of child.stdout) {
    output += chunk;
    if (output.length > most * 400) break;
  }
  if (output.length > most * 400) {
    child.kill();
    return undefined;
  }
  const [code, signal] = await ended;
  if (/regex parse error|is not allowed in a regex/.test(errors)) throw new Error(`rg refused ${query}: ${errors}`);
  if (signal !== null || code === 2) throw new Error(`rg did not search to its end (${signal ?? errors}).`);
  const found = new Set([...output.matchAll(/^(.*?)\0(\d+):/gm)].map(([, path, line]) => `${path}:${line}`));
  return found.size > most ? undefined : found;
}

const answer = z.object({
  files: z.array(z.object({ path: z.string(), matches: z.array(z.object({ line: z.int() })) })),
  next_cursor: z.string().optional(),
  reason: z.string().optional(),
});

/** All pages; undefined where one of them ran out of time, as with every file to read on a machine that is busy. */
export async function octantLines(
  call: (args: Record<string, unknown>) => Promise<unknown>,
  { kind: _, ...query }: ExactQuery,
): Promise<Set<string> | undefined> {
  const found = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const args = { ...query, limit: 500, max_characters: 100_000, ...(cursor && { cursor }) };
    const page = answer.parse(await call(args));
    for (const { path, matches } of page.files) for (const { line } of matches) found.add(`${path}:${line}`);
    if (page.next_cursor === undefined) return page.reason?.includes('time limit') ? undefined : found;
    cursor = page.next_cursor;
  }
}

export function differencesOf(ours: ReadonlySet<string>, theirs: ReadonlySet<string>): string[] {
  return [...[...ours].filter((line) => !theirs.has(line)), ...[...theirs].filter((line) => !ours.has(line))];
}

/** Why the two differ on a line. */
export function explain(folder: string, line: string, { mode }: ExactQuery, listed: ReadonlySet<string>): Difference {
  const end = line.lastIndexOf(':');
  const path = line.slice(0, end);
  if (!listed.has(path)) return 'not listed by rg';
  if (isSecretPath(path)) return 'secret';
  const bytes = readFileSync(join(folder, path));
  if (bytes.includes(0)) return 'binary';
  if (!isUtf8(bytes)) return 'encoding';
  const text = bytes.toString().split('\n')[Number(line.slice(end + 1)) - 1] ?? '';
  // the answer says that it has not seen all of it
  return mode === 'regex' && text.length > maxLineForPattern ? 'long line' : 'unexplained';
}
