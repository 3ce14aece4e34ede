import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../src/log.ts';
import { createWorkerPool } from '../../src/projects/worker-pool.ts';
import type { FindTextInput } from '../../src/search/text/find-text.ts';
import type { Jobs } from '../../src/search/threads/worker.ts';
import { tempProject } from '../helpers/temp-project.ts';

/** The real worker, on patterns and trees that keep it busy. */
function pool(size = 2) {
  const entry = new URL('../../src/search/threads/worker.ts', import.meta.url);
  const created = createWorkerPool<Jobs>({ entry, log: createLog('silent'), size });
  onTestFinished(() => created.close());
  return created;
}

function search(folder: string, query: string): FindTextInput {
  const root = { folder, refuseHardLinks: false };
  const all = { include: [], exclude: [], context: 0, limit: 100, maxCharacters: 10_000 };
  return { root, query, mode: 'regex', letterCase: 'sensitive', order: 'path', ...all };
}

/** Some 80 MB of text. */
function largeTree(): string {
  const text = 'All work and no play makes for a dull corpus of text.\n'.repeat(40_000);
  return tempProject(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}.txt`, text])));
}

const never = new AbortController().signal;

describe('A job', () => {
  it('that does not come back is ended with its thread, and the next one runs', async () => {
    const program = `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ name }) => {
        while (name === 'hang');
        parentPort.postMessage({ kind: 'done', output: name });
      });`;
    const entry = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
    const workers = createWorkerPool<{
      hang: { input: null; output: string };
      answer: { input: null; output: string };
    }>({
      entry,
      log: createLog('silent'),
      size: 1,
    });
    onTestFinished(() => workers.close());
    const hanging = workers.run('hang', null, { signal: never, budgetMs: 200 });
    const impatient = workers.run('answer', null, { signal: never, budgetMs: 100 });
    const waiting = workers.run('answer', null, { signal: never, budgetMs: 4999.998 });
    await expect(impatient).rejects.toMatchObject({ code: 'limit', message: expect.stringContaining('busy') });
    await expect(hanging).rejects.toMatchObject({
      code: 'limit',
      message: expect.stringContaining('longer than 0.2 s'),
    });
    expect(await waiting).toBe('answer');
  });

  it('answers with what it has when its time is up', async () => {
    const workers = pool(1);
    await workers.run('findText', search(tempProject({}), 'warm'), { signal: never, budgetMs: 20_000 });
    const found = await workers.run('findText', search(largeTree(), 'dull.*text\\.$'), { signal: never, budgetMs: 1 });
    expect(found.cut).toMatch(/^the time limit was reached before every file was searched/);
  });

  it('tells how far it is, with numbers that rise', async () => {
    const done: number[] = [];
    const call = {
      signal: never,
      budgetMs: 20_000,
      onProgress: (update: { done: number }) => void done.push(update.done),
    };
    await pool().run('findText', search(largeTree(), '(w+o+r+k+|p.*l.*a.*y) zzz'), call);
    expect(done.length).toBeGreaterThan(0);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('ends at once for a caller that gives up, and frees its thread', async () => {
    const workers = pool(1);
    const abort = new AbortController();
    const running = workers.run('findText', search(largeTree(), 'x.*y.*z.*q'), {
      signal: abort.signal,
      budgetMs: 20_000,
    });
    void setTimeout(100).then(() => abort.abort(new Error('enough')));
    await expect(running).rejects.toThrow('enough');
    const started = performance.now();
    await workers.run(
      'listFiles',
      { root: { folder: tempProject(), refuseHardLinks: false }, after: undefined, limit: 1 },
      { signal: never, budgetMs: 5000 },
    );
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('does not wait behind callers that gave up while they waited', async () => {
    const workers = pool(1);
    const root = { folder: tempProject({ 'a.txt': '' }), refuseHardLinks: false };
    const list = (signal: AbortSignal) =>
      workers.run('listFiles', { root, after: undefined, limit: 9 }, { signal, budgetMs: 5000 });
    const first = list(never);
    const abort = new AbortController();
    const gone = Promise.allSettled(Array.from({ length: 10 }, () => list(abort.signal)));
    const last = list(never);
    abort.abort(new Error('enough'));
    expect((await gone).every(({ status }) => status === 'rejected')).toBe(true);
    expect((await Promise.all([first, last])).map(({ paths }) => paths)).toEqual([['a.txt'], ['a.txt']]);
  });

  it('waits its turn when all threads are busy, and is refused when the server closes', async () => {
    const workers = pool(1);
    const root = { folder: tempProject({ 'a.txt': '' }), refuseHardLinks: false };
    const jobs = Array.from({ length: 20 }, () =>
      workers.run('listFiles', { root, after: undefined, limit: 9 }, { signal: never, budgetMs: 5000 }),
    );
    expect((await Promise.all(jobs)).every(({ paths }) => paths.length === 1)).toBe(true);
    await workers.close();
    const late = workers.run('listFiles', { root, after: undefined, limit: 9 }, { signal: never, budgetMs: 5000 });
    await expect(late).rejects.toThrow('shutting down');
  });
});

describe('A helper', () => {
  const program = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ name, input, stopFlag }) => {
      if (name === 'help') {
        Atomics.add(input, 0, 1);
        while (Atomics.load(stopFlag, 0) === 0) Atomics.wait(stopFlag, 0, 0, 5);
        Atomics.add(input, 1, 1);
      }
      parentPort.postMessage({ kind: 'done', output: name });
    });`;

  it('runs on every thread that is free, and makes way for a job', async () => {
    const workers = createWorkerPool<{
      help: { input: Int32Array<SharedArrayBuffer>; output: string };
      answer: { input: null; output: string };
    }>({ entry: new URL(`data:text/javascript,${encodeURIComponent(program)}`), log: createLog('silent'), size: 3 });
    onTestFinished(() => workers.close());
    const counts = new Int32Array(new SharedArrayBuffer(8)); // of helpers that came, and that were told to go
    const call = { signal: never, budgetMs: 10_000 };
    await workers.run('answer', null, call);
    workers.assist('help', counts, call);
    workers.assist('help', counts, call); // there is no thread left, and no job waits for it
    while (Atomics.load(counts, 0) < 3) await setTimeout(5);
    expect([...counts]).toEqual([3, 0]);
    expect(await workers.run('answer', null, call)).toBe('answer');
    while (Atomics.load(counts, 1) < 3) await setTimeout(5);
    expect([...counts]).toEqual([3, 3]);
  });
});
