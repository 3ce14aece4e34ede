import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPace } from '../../src/chats/turns/pace.ts';
import type { JobProgress } from '../../src/projects/worker-job.ts';

describe('The pace of an answer', () => {
  let told: JobProgress[] = [];
  const start = () =>
    createPace({ report: (update) => told.push(update), waiting: 'Waiting for shop/small', now: () => Date.now() });
  const textOf = () => told.map(({ message, isText }) => (isText ? message : '')).join('');

  beforeEach(() => {
    told = [];
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('tells what has come every quarter of a second, and the rest at the end', () => {
    const pace = start();
    for (const piece of ['One ', 'two ', 'three ']) {
      pace.add(piece);
      vi.advanceTimersByTime(100);
    }
    expect(told).toEqual([{ done: 14, message: 'One two three ', isText: true }]);
    pace.add('four');
    pace.end();
    expect(textOf()).toBe('One two three four');
    vi.advanceTimersByTime(60_000);
    expect(told).toHaveLength(2);
  });

  it('tells much at once', () => {
    const pace = start();
    pace.add('x'.repeat(1000));
    expect(told).toEqual([{ done: 1000, message: 'x'.repeat(1000), isText: true }]);
    pace.end();
  });

  it('beats every ten seconds while nothing comes, and always rises', () => {
    const pace = start();
    vi.advanceTimersByTime(25_000);
    expect(told.map(({ message }) => message)).toEqual(['Waiting for shop/small', 'Waiting for shop/small']);
    pace.add('x'.repeat(200));
    vi.advanceTimersByTime(9000);
    expect(told).toHaveLength(3);
    vi.advanceTimersByTime(1000);
    expect(told).toHaveLength(4);
    pace.add('y');
    pace.end();
    const progress = told.map(({ done }) => done);
    expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b));
    expect(textOf()).toBe(`${'x'.repeat(200)}y`);
  });
});
