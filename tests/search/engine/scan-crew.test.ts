import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { planQuery } from '../../../src/search/engine/query-plan.ts';
import { createScanCrew } from '../../../src/search/engine/scan-crew.ts';
import { countMatches, searchText } from '../../../src/search/engine/search-text.ts';
import { compilePattern } from '../../../src/search/regex/compile-pattern.ts';
import { indexOf } from '../../helpers/search-engine.ts';

describe('A search with helpers', () => {
  const line = (number: number) =>
    `${number % 7 === 0 ? 'even' : 'odd'} line ${number} ${'word '.repeat(number % 30)}\n`;
  const text = Array.from({ length: 60_000 }, (_, number) => line(number)).join('');
  const index = indexOf({ a: text, b: `${text}last Abcdefghij` });
  const crew = createScanCrew(index.arena.handle);
  const entry = new URL('../../../src/search/live/scan-worker.ts', import.meta.url);
  const helper = new Worker(entry, { workerData: crew?.handle });
  afterAll(async () => {
    crew?.close();
    await helper.terminate();
  });

  it.each([
    ['word', 'text'],
    ['even', 'text'],
    ['nowhere', 'text'],
    ['(?:word ){29}', 'regex'],
    ['[a-z]{9,}', 'regex'],
    ['.', 'regex'],
  ] as const)('finds the same as alone: %s', (query, mode) => {
    const plan = planQuery(compilePattern({ query, mode, letterCase: 'sensitive' }), index);
    const wanted = [...searchText(index, plan)];
    for (let round = 0; round < 5; round++) {
      expect([...searchText(index, plan, { crew })].length).toBe(wanted.length);
      expect(countMatches(index, plan, { crew })).toBe(wanted.length);
      expect([...searchText(index, plan, { crew, limit: 5000 })]).toEqual(wanted.slice(0, 5000));
    }
    expect([...searchText(index, plan, { crew })]).toEqual(wanted);
  });

  it('can run beside another search', () => {
    const plan = planQuery(compilePattern({ query: '.', mode: 'regex', letterCase: 'sensitive' }), index);
    const one = searchText(index, plan, { crew, limit: 20_000 });
    const other = searchText(index, plan, { crew, limit: 20_000 });
    for (let lines = 0; lines < 20_000; lines++) expect(one.next().value).toEqual(other.next().value);
  });
});
