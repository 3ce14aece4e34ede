import { describe, expect, it } from 'vitest';
import { compareAnswers } from '../../src/agents/agreement.ts';

const claimsOf = (claims: ReadonlyArray<{ claim: string; by: number[] }>) => claims.map(({ claim, by }) => [claim, by]);

describe('Answers are compared by their words', () => {
  it('sentences with most words in common are one claim, whoever else says it otherwise', () => {
    const { shared, alone, opposed } = compareAnswers([
      'Use a mutex around the counter. Tests pass today.',
      '1. You should use a mutex around the shared counter.\n2. Rewrite it in Rust.',
      '- Use mutexes around the counter.',
    ]);
    expect(claimsOf(shared)).toEqual([['Use a mutex around the counter.', [0, 1, 2]]]);
    expect(claimsOf(alone)).toEqual([
      ['Tests pass today.', [0]],
      ['Rewrite it in Rust.', [1]],
    ]);
    expect(opposed).toEqual([]);
  });

  it('other numbers and denials are no agreement, and are told as opposed', () => {
    const numbers = compareAnswers([
      'The timeout of a request is 30 seconds.',
      'The timeout of a request is 60 seconds.',
    ]);
    expect(numbers.shared).toEqual([]);
    expect(numbers.opposed).toEqual([
      {
        one: { claim: 'The timeout of a request is 30 seconds.', by: [0] },
        other: { claim: 'The timeout of a request is 60 seconds.', by: [1] },
      },
    ]);
    const denied = compareAnswers([
      'The cache is shared between processes.',
      'The cache is not shared between processes.',
    ]);
    expect([denied.shared, denied.opposed.length]).toEqual([[], 1]);
  });

  it('what one says twice is no agreement, and code is not compared', () => {
    const { shared, opposed } = compareAnswers([
      'Use the lock here. Use the lock here.\n```ts\nlock the counter now\n```',
      'Nothing alike at all.\n```ts\nlock the counter now\n```',
    ]);
    expect([shared, opposed]).toEqual([[], []]);
  });

  it('any text has an end, and other scripts have words', () => {
    const long = 'word '.repeat(50_000);
    expect(compareAnswers([long, long]).shared).toEqual([]);
    expect(claimsOf(compareAnswers(['Кэш хранится на диске.', 'Кэш хранится на диске всегда.']).shared)).toEqual([
      ['Кэш хранится на диске.', [0, 1]],
    ]);
    expect(compareAnswers(['', ' \n']).alone).toEqual([]);
  });
});
