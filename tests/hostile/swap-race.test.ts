import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { closeFile, type OpenFile, openListed, openNamed, type Root, readStart } from '../../src/projects/door.ts';
import { isInside } from '../../src/projects/paths.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { canaryMark } from './fixture.ts';
import { report } from './observe.ts';
import { startSwapper } from './swapper.ts';

/** Rows P54 and P55: while a path is read, another process makes it lead outside and back again. */
const attempts = 100_000;
const callsOfTool = 3000;
const honestText = 'honest\n';

let parent: string;
let root: Root;
let swapper: ChildProcess | undefined;

beforeAll(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'octant-race-')));
  root = { folder: join(parent, 'root'), refuseHardLinks: false };
  for (const folder of ['root', 'outside']) mkdirSync(join(parent, folder));
  writeFileSync(join(parent, 'outside/file.txt'), `${canaryMark}-race`);
});

afterEach(() => {
  swapper?.kill('SIGKILL');
});

afterAll(() => rmSync(parent, { recursive: true }));

const modes = [
  { id: 'P54', mode: 'file', path: 'file.txt', swapped: ['file.txt', 'file-aside', 'file-link'] },
  { id: 'P55', mode: 'folder', path: 'folder/file.txt', swapped: ['folder', 'folder-aside', 'folder-link'] },
] as const;

type Mode = (typeof modes)[number];

/** Sets a scene in a folder of its own, since a kill leaves the names anywhere, and puts the swapper to work. */
async function startScene({ swapped: [name, honest, link], path }: Mode, scene: string): Promise<string> {
  const folder = join(root.folder, scene);
  rmSync(folder, { recursive: true, force: true }); // of the try before
  mkdirSync(join(folder, 'folder'), { recursive: true });
  for (const name of ['file.txt', 'folder/file.txt']) writeFileSync(join(folder, name), honestText);
  symlinkSync(join(parent, 'outside/file.txt'), join(folder, 'file-link'));
  symlinkSync(join(parent, 'outside'), join(folder, 'folder-link'));
  swapper = await startSwapper({ name: join(folder, name), honest: join(folder, honest), link: join(folder, link) });
  return `${scene}/${path}`;
}

type Tally = Map<string, number>;

function count(tally: Tally, outcome: string) {
  tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
}

describe.each(modes)('$id: while a $mode is swapped for a link to the outside', (mode) => {
  test.each([
    { door: 'openNamed', open: openNamed },
    { door: 'openListed', open: openListed },
  ])(
    `$door gives no outside byte in ${attempts} attempts`,
    async ({ door, open }) => {
      const path = await startScene(mode, `${mode.mode}-${door}`);
      const tally: Tally = new Map();
      for (let attempt = 0; attempt < attempts; attempt++) count(tally, attemptRead(open, path));
      report(`${mode.id} ${door}: ${describeTally(tally)}`);
      expectRealRace(tally, attempts / 100);
    },
    60_000,
  );

  test('a door that only compares real paths does give outside bytes: the race is one', async () => {
    const path = await startScene(mode, `${mode.mode}-control`);
    const tally: Tally = new Map();
    for (let attempt = 0; attempt < 5 * attempts && !tally.has('leak'); attempt++) count(tally, attemptNaively(path));
    report(`${mode.id} control: ${describeTally(tally)}`);
    expect(tally.get('leak')).toBeGreaterThan(0);
  }, 60_000);

  test(`read_files gives no outside byte in ${callsOfTool} calls`, async () => {
    const client = await connect('v1', { args: ['--project', root.folder, '--log-level', 'silent'] });
    const path = await startScene(mode, `${mode.mode}-tool`);
    const tally: Tally = new Map();
    for (let call = 0; call < callsOfTool; call += 20) await readTwenty(client, path, tally);
    await client.close();
    report(`${mode.id} read_files: ${describeTally(tally)}`);
    expectRealRace(tally, callsOfTool / 100);
  }, 60_000);
});

/** What one attempt came to: `honest`, `leak`, the code of a refusal, or `nothing` where a listed file is gone. */
function attemptRead(open: (root: Root, path: string) => OpenFile | undefined, path: string): string {
  let file: OpenFile | undefined;
  try {
    file = open(root, path);
    return file ? judge(readStart(file, 1000).toString()) : 'nothing';
  } catch (error) {
    if (error instanceof UserError && !error.message.includes(parent)) return error.code;
    throw error;
  } finally {
    if (file) closeFile(file);
  }
}

/** What many servers do: resolve, compare, then open by name. */
function attemptNaively(path: string): string {
  try {
    const real = realpathSync.native(join(root.folder, path));
    return isInside(root.folder, real, sep) ? judge(readFileSync(real, 'utf8')) : 'denied';
  } catch {
    return 'not_found';
  }
}

function judge(text: string): string {
  if (text.includes(canaryMark)) return 'leak';
  return text === honestText ? 'honest' : 'torn';
}

async function readTwenty(client: TestClient, path: string, tally: Tally) {
  const { data } = await client.callTool('read_files', { paths: Array(20).fill(path), max_tokens: 50_000 });
  const files = Array.isArray(data?.files) ? data.files : [];
  for (const { text, error } of files) {
    const isHonest = text === `1\t${honestText.trim()}`;
    count(
      tally,
      JSON.stringify([text, error]).includes(canaryMark)
        ? 'leak'
        : isHonest
          ? 'honest'
          : String(error).replace(/:.*/, ''),
    );
  }
}

/** Without many of both outcomes the swapper was asleep, and nothing was tested. */
function expectRealRace(tally: Tally, many: number) {
  const { honest = 0, leak = 0, torn = 0, ...others } = Object.fromEntries(tally);
  expect({ leak, torn }).toEqual({ leak: 0, torn: 0 });
  expect(honest).toBeGreaterThan(many);
  expect(Object.values(others).reduce((sum, each) => sum + each, 0)).toBeGreaterThan(many);
  expect(['denied', 'not_found', 'nothing']).toEqual(expect.arrayContaining(Object.keys(others)));
}

function describeTally(tally: Tally): string {
  return [...tally].map(([outcome, times]) => `${outcome} ${times}`).join(', ');
}
