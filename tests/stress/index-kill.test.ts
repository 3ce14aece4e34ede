import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { createJobControl } from '../../src/projects/job-control.ts';
import { findText } from '../../src/search/text/find-text.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { startHttp } from '../helpers/program.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';
import { report } from '../hostile/observe.ts';

const kills = Number(process.env.OCTANT_INDEX_KILLS || 2);
const fileCount = 800;
const maxWaitMs = 15_000;

/** A file holds the word of its present content alone, which is always as long. */
const wordOf = (file: number, round: number) =>
  `word${String(file).padStart(4, '0')}x${String(round).padStart(3, '0')}`;
const pathOf = (file: number) => `src/part${file % 20}/module${file}.ts`;
const contentOf = (file: number, round: number) => {
  const lines = Array.from(
    { length: 60 },
    (_, at) => `const value${(file * 7919 + at * 104_729) % 1_000_003} = ${at};`,
  );
  return `${wordOf(file, round)} common\n${lines.join('\n')}\n`;
};

it(`A server that is killed with SIGKILL ${kills} times while it writes an index leaves none that answers wrong`, async () => {
  const folder = tempProject(
    Object.fromEntries(Array.from({ length: fileCount }, (_, file) => [pathOf(file), contentOf(file, 0)])),
  );
  const data = tempProject();
  const indexFolder = join(data, 'cache', 'index');
  let answers = 0;
  let left = 0;
  let round = 0;
  let writeMs = 20; // about as long as it takes to write
  for (let killed = 0; killed < kills; round++) {
    expect(round).toBeLessThan(kills * 4 + 4);
    const hadIndex = listEnding(indexFolder, '.index').length > 0;
    if (hadIndex) left++;
    const server = await startHttp(['--project', folder, '--data-dir', data, '--log-level', 'debug']);
    onTestFinished(() => void server.process.kill('SIGKILL'));
    const client = await connect('v2-2026', { url: server.url });
    const queries = ['common', wordOf(round % fileCount, round), wordOf(round % fileCount, round - 1), 'value1'];
    answers += await check(client, folder, queries, () => true);
    const isByIndex = () => server.log().includes('answered from the index');
    if (hadIndex) answers += await check(client, folder, queries, isByIndex);
    else if (await isWriting(indexFolder)) await setTimeout(Math.random() * writeMs);
    server.process.kill('SIGKILL');
    await once(server.process, 'exit');
    const isHit = listEnding(indexFolder, '.tmp').length > 0;
    if (isHit) killed++;
    if (!hadIndex) writeMs *= isHit ? 1.2 : 0.6;
    for (const name of listEnding(indexFolder, '.tmp')) rmSync(join(indexFolder, name));
    if (hadIndex) for (const name of listEnding(indexFolder, '.index')) rmSync(join(indexFolder, name));
    writeFiles(folder, { [pathOf((round + 1) % fileCount)]: contentOf((round + 1) % fileCount, round + 1) });
    writeFileSync(join(folder, 'round.txt'), `common ${round}\n`);
  }
  report(
    `kill -9 while an index is written: ${kills} times; ${left} indexes were whole, ${answers} answers, none wrong`,
  );
}, 1_200_000);

const answerShape = z.object({
  files: z.array(z.object({ path: z.string(), matches: z.array(z.object({ line: z.int(), text: z.string() })) })),
});

/** Asks until `isEnough`, and compares each answer with what is in the files. */
async function check(client: TestClient, folder: string, queries: readonly string[], isEnough: () => boolean) {
  let answers = 0;
  const end = performance.now() + maxWaitMs;
  do {
    for (const query of queries) {
      const args = { query, sort: 'path', limit: 100, max_characters: 100_000 };
      const { files } = answerShape.parse((await client.callTool('search_files', args)).data);
      const found = files.flatMap(({ path, matches }) => matches.map(({ line, text }) => `${path}:${line} ${text}`));
      expect(found, query).toEqual(linesOf(folder, query));
      answers++;
    }
    expect(performance.now()).toBeLessThan(end);
  } while (!isEnough() && answers < 1000);
  return answers;
}

function linesOf(folder: string, query: string): string[] {
  const control = createJobControl({
    budgetMs: 20_000,
    stopFlag: new Int32Array(new SharedArrayBuffer(4)),
    report() {},
  });
  const page = { order: 'path', include: [], exclude: [], context: 0, limit: 100, maxCharacters: 100_000 } as const;
  const root = { folder, refuseHardLinks: false };
  const { files } = findText({ root, query, mode: 'text', letterCase: 'smart', ...page }, control);
  return files.flatMap(({ path, matches }) => matches.map(({ line, text }) => `${path}:${line} ${text}`));
}

async function isWriting(indexFolder: string): Promise<boolean> {
  const end = performance.now() + maxWaitMs;
  for (; performance.now() < end; await setImmediate()) if (listEnding(indexFolder, '.tmp').length > 0) return true;
  return false;
}

function listEnding(folder: string, end: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(end)) : [];
}
