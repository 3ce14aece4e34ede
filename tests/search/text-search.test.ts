import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createLog } from '../../src/log.ts';
import { createWorkerPool, type WorkerPool } from '../../src/projects/worker-pool.ts';
import { createTextSearch } from '../../src/search/text-search.ts';
import type { IndexJobs } from '../../src/search/threads/index-worker.ts';
import type { Jobs } from '../../src/search/threads/worker.ts';
import { openLogged } from '../helpers/logged-search.ts';
import { tempProject } from '../helpers/temp-project.ts';

function inAnotherProcess(script: string, folder: string) {
  const { status } = spawnSync(process.execPath, ['-e', script], { cwd: folder });
  expect(status).toBe(0);
}

it('answers from the index, and of what other processes wrote and removed just before', async () => {
  const folder = tempProject({
    'a.ts': 'const needle = 1;\n',
    'b.ts': 'needle\r\n',
    'c.md': 'nothing\n',
    '.env': 'needle\n',
  });
  const { client, ask, warmUp, search } = await openLogged(folder);
  const question = { query: 'needle', sort: 'path', context: 1 };
  const first = await search(question);
  expect(await warmUp()).toBe(true);
  expect(await ask(question)).toEqual({ data: first, isByIndex: true });

  inAnotherProcess("fs.mkdirSync('d/e', { recursive: true }); fs.writeFileSync('d/e/new.ts', 'a needle\\n')", folder);
  const written = await ask(question);
  expect(written.isByIndex).toBe(true);
  expect(written.data).toMatchObject({ match_count: 3, files_searched: 4, complete: true });
  expect(JSON.stringify(written.data)).toContain('d/e/new.ts');

  inAnotherProcess("fs.rmSync('b.ts'); fs.writeFileSync('a.ts', 'const thread_ = 1;\\n')", folder);
  const removed = await ask(question);
  expect(removed.isByIndex).toBe(true);
  expect(removed.data).toMatchObject({ match_count: 1, files_searched: 3, files: [{ path: 'd/e/new.ts' }] });

  inAnotherProcess("fs.writeFileSync('.gitignore', 'd/\\n')", folder);
  expect(await ask(question)).toMatchObject({ data: { match_count: 0, files_searched: 3 }, isByIndex: true });
  expect(await ask({ query: 'thread_', multiline: true })).toMatchObject({
    data: { match_count: 1 },
    isByIndex: true,
  });
  expect(await ask({ query: '[^]{3,}', mode: 'regex', multiline: true })).toMatchObject({ isByIndex: false });
  await client.close();
});

it('refuses a bad pattern in the same words', async () => {
  const folder = tempProject({ 'a.ts': 'const needle = 1;\n' });
  const { client, warmUp } = await openLogged(folder);
  const ask = async () => {
    const { content, isError } = await client.callTool({
      name: 'search_files',
      arguments: { query: 'a)', mode: 'regex' },
    });
    return { content, isError };
  };
  const before = await ask();
  expect(before.isError).toBe(true);
  expect(await warmUp()).toBe(true);
  expect(await ask()).toEqual(before);
  await client.close();
});

it('has the answer of the files when the index fails', async () => {
  const folder = tempProject({ 'a.ts': 'const needle = 1;\n' });
  const messages: string[] = [];
  const debug = (_: object, message: string) => void messages.push(message);
  const log = { ...createLog('silent'), debug };
  const entry = new URL('../../src/search/threads/worker.ts', import.meta.url);
  const workers = createWorkerPool<Jobs>({ entry, log });
  const indexer: WorkerPool<IndexJobs> = {
    isReady: () => true,
    free: () => 1,
    assist() {},
    run: async (name) => {
      throw new Error(`No ${name} here.`);
    },
    async close() {},
  };
  onTestFinished(() => workers.close());
  const { find } = createTextSearch({ workers, indexer, indexFolder: tempProject(), log });
  const question = { query: 'needle', mode: 'text', letterCase: 'smart', include: [], exclude: [] } as const;
  const page = { order: 'path', context: 0, limit: 10, maxCharacters: 1000 } as const;
  const call = { signal: new AbortController().signal, budgetMs: 10_000 };
  const found = await find({ root: { folder, refuseHardLinks: false }, ...question, ...page }, call);
  expect(found).toMatchObject({ files: [{ path: 'a.ts' }], filesSearched: 1 });
  await setTimeout(10);
  expect(messages).toEqual(['the index could not answer', 'a project is not indexed']);
});

it('ranks all files, tests last, on pages that lose and repeat nothing', async () => {
  const tests = Array.from({ length: 30 }, (_, index) => [`a/part-${index}.test.ts`, 'needle\nneedle\n']);
  const others = Array.from({ length: 30 }, (_, index) => [`m/part-${index}.ts`, `// needle ${index}\n`]);
  const folder = tempProject({
    ...Object.fromEntries([...tests, ...others]),
    'z/needle.ts': 'needle();\n',
    'y/last.ts': '//\nexport function needle() {\n',
  });
  const { client, ask, warmUp } = await openLogged(folder);
  expect(await warmUp()).toBe(true);
  const paths: string[] = [];
  let cursor: string | undefined;
  do {
    const { data, isByIndex } = await ask({ query: 'needle', limit: 7, ...(cursor && { cursor }) });
    expect(isByIndex).toBe(true);
    const page = answer.parse(data);
    expect(page.total_matches).toBe(cursor === undefined ? 92 : undefined);
    paths.push(...page.files.flatMap(({ path, matches }) => matches.map(({ line }) => `${path}:${line}`)));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  expect(paths.slice(0, 3)).toEqual(['y/last.ts:2', 'z/needle.ts:1', 'm/part-0.ts:1']);
  expect(paths.findIndex((path) => path.startsWith('a/'))).toBe(32);
  expect(paths.length).toBe(92);
  expect(new Set(paths).size).toBe(92);
  await client.close();
});

const answer = z.object({
  total_matches: z.int().optional(),
  next_cursor: z.string().optional(),
  files: z.array(z.object({ path: z.string(), matches: z.array(z.object({ line: z.int() })) })),
});
