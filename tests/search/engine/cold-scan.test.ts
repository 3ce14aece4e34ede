import { spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { rgPath } from '@vscode/ripgrep';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJobControl } from '../../../src/projects/job-control.ts';
import {
  type ColdScanInput,
  type ColdScanOutput,
  coldScan,
  coldSlices,
  createColdProgress,
  joinColdScans,
} from '../../../src/search/engine/cold-scan.ts';
import { feedPaths } from '../../../src/search/engine/feed-paths.ts';
import { createPathFeed } from '../../../src/search/engine/path-feed.ts';
import type { PatternQuery } from '../../../src/search/pattern.ts';
import { indexOf, naiveSearch, search } from '../../helpers/search-engine.ts';
import { tempProject } from '../../helpers/temp-project.ts';

const control = () =>
  createJobControl({ budgetMs: 30_000, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report: () => undefined });

function inputFor(folder: string, query: PatternQuery, limit = Number.MAX_SAFE_INTEGER): ColdScanInput {
  const root = { folder, refuseHardLinks: false };
  return { root, feed: createPathFeed(coldSlices).handle, query, limit, progress: createColdProgress() };
}

function scan(folder: string, query: PatternQuery, limit?: number) {
  const input = inputFor(folder, query, limit);
  feedPaths({ ...input, include: [], exclude: [] }, control());
  return { ...coldScan(input, control()), limit: input.limit };
}

function matchesOf(folder: string, query: PatternQuery, limit?: number) {
  const output = scan(folder, query, limit);
  return joinColdScans([output], output.limit);
}

const text = (query: string): PatternQuery => ({ query, mode: 'text', letterCase: 'sensitive' });

/** Text on which JavaScript's and Rust's regular expressions agree: ASCII, lines without a lone `\r`. */
const word = fc.constantFrom(
  'foo',
  'Foo',
  'bar',
  'x1',
  '42',
  '2024-11',
  'class',
  'Error',
  ' ',
  '  ',
  '\t',
  '(',
  '.',
  '-',
  '_',
);
const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));
const document = fc
  .tuple(fc.array(line, { maxLength: 20 }), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.constantFrom(1, 1, 1, 200))
  .map(([lines, end, isEnded, times]) => Array(times).fill(lines.join(end)).join(end) + (isEnded ? end : ''));
const content = fc.oneof(
  { weight: 6, arbitrary: document },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le')) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le').swap16()) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`)) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`${each}\u00e9\n`, 'latin1')) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`${'x'.repeat(10)}\u0000${each}`)) },
);
const trees = fc.dictionary(fc.constantFrom('a', 'b/c', 'b/d.ts', 'z'), content, { minKeys: 1 });
const query: fc.Arbitrary<PatternQuery> = fc.record({
  query: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('foo', 'Foo', '42', 'class', '2024-11', 'ba', 'x', 'rf') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('class\\s+\\w+Error', '\\b\\d{4}-\\d{2}\\b', '^foo', 'bar$', '[a-z]{6,}', '\\(\\.'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('(foo|bar)+x', '^\\s*$', 'o.b', '[^a-z]{4}', '\\bfoo\\b', 'Err?or|x1', '^.{3}$'),
    },
  ),
  mode: fc.constant('regex' as const),
  letterCase: fc.constantFrom('sensitive' as const, 'insensitive' as const),
});

function ripgrep(folder: string, { query, letterCase }: PatternQuery): string[] {
  const flags = [
    '--no-heading',
    '--hidden',
    '--no-ignore',
    '--crlf',
    '--no-config',
    '--line-number',
    '--column',
    '--sort=path',
  ];
  const { stdout } = spawnSync(rgPath, [...flags, letterCase === 'sensitive' ? '-s' : '-i', '-e', query, '.'], {
    cwd: folder,
    encoding: 'latin1',
  });
  return stdout
    .split('\n')
    .filter((each) => each !== '' && !/binary file matches/.test(each))
    .map((each) => each.replace(/^\.\//, '').split(':').slice(0, 3).join(':'));
}

describe('Against ripgrep', () => {
  it('a scan and an index find the same lines and columns', () => {
    fc.assert(
      fc.property(trees, query, (tree, each) => {
        const folder = tempProject(tree);
        const wanted = ripgrep(folder, each);
        const found = matchesOf(folder, each);
        expect(found.map(({ path, line, byteColumn }) => `${path}:${line}:${byteColumn}`)).toEqual(wanted);
        expect(search(indexOf(tree), each)).toEqual(found);
      }),
      { numRuns: 60 },
    );
  });
});

describe('A scan without an index', () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, number) => [`f${String(number).padStart(3, '0')}`, `first\nneedle ${number}\n`]),
  );

  it('finds what a search line by line finds', () => {
    expect(matchesOf(tempProject(files), text('needle'))).toEqual(naiveSearch(files, text('needle')));
  });

  it('stops once there are enough, and looks no further', () => {
    const { limit, ...output } = scan(tempProject(files), text('needle'), 5);
    expect(joinColdScans([output], limit)).toEqual(naiveSearch(files, text('needle')).slice(0, 5));
    expect(output.filesSearched).toBeLessThan(100);
  });

  it('goes on behind a line', () => {
    const input = { ...inputFor(tempProject(files), text('e')), after: { path: 'f298', line: 2 } };
    feedPaths({ ...input, include: [], exclude: ['f299'] }, control());
    expect(joinColdScans([coldScan(input, control())], 10)).toEqual([]);
  });

  it('is shared by threads while the paths still come', async () => {
    const folder = tempProject(files);
    const input = inputFor(folder, text('needle'));
    const ask = (isWalker: boolean) =>
      new Promise<ColdScanOutput>((resolve, reject) => {
        const worker = new Worker(new URL('../../../bench/engine-worker.ts', import.meta.url));
        worker.once('error', reject);
        worker.once('message', (output: ColdScanOutput) => {
          resolve(output);
          void worker.terminate();
        });
        worker.postMessage({ kind: 'cold', input, isWalker });
      });
    const outputs = await Promise.all([ask(true), ask(false)]);
    expect(joinColdScans(outputs, input.limit)).toEqual(naiveSearch(files, text('needle')));
  });
});
