import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJobControl } from '../../../src/projects/job-control.ts';
import { createIndexCache } from '../../../src/search/live/index-cache.ts';
import { createLiveText, type LiveText } from '../../../src/search/live/live-text.ts';
import { type FindTextInput, findText } from '../../../src/search/text/find-text.ts';
import { cleanEnvironment } from '../../helpers/program.ts';
import { makeTempFolder, removeFolder, tempProject, writeFiles } from '../../helpers/temp-project.ts';

const budget = { textBytes: 32 * 1024 * 1024, arenaBytes: 64 * 1024 * 1024 };
const queries = ['needle', 'ä', 'new', 'hidden', 'e'];
const unhurried = async () => true;

function control() {
  return createJobControl({ budgetMs: 20_000, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report() {} });
}

function questionsOf(folder: string): FindTextInput[] {
  const page = { order: 'path', include: [], exclude: [], context: 1, limit: 10_000, maxCharacters: 1e7 } as const;
  return queries.map((query) => ({
    root: { folder, refuseHardLinks: false },
    ...page,
    query,
    mode: 'text',
    letterCase: 'smart',
  }));
}

/** What is found, with and without the index; of what is skipped, the files tell more. */
async function compare(live: LiveText, folder: string) {
  for (const question of questionsOf(folder)) {
    const found = await live.find(question, control());
    if (found === undefined || found === 'stale') throw new Error('The index has no answer.');
    const wanted = findText(question, control());
    const { binary } = wanted.skipped;
    expect({ ...found, skipped: { binary: found.skipped.binary } }).toEqual({ ...wanted, skipped: { binary } });
  }
}

/** A server that begins with what is stored, or with the files; whether it was the index. */
async function start(folder: string, cacheFolder: string, check = compare): Promise<boolean> {
  const live = createLiveText({ folder, refuseHardLinks: false }, budget, createIndexCache(cacheFolder));
  try {
    const isRestored = await live.restore(control());
    if (!isRestored) expect(await live.build(control(), unhurried)).toBe('ready');
    await check(live, folder);
    if (!isRestored) return false;
    const usedBytes = live.usedBytes();
    await live.settle(control(), unhurried, Number.MAX_SAFE_INTEGER);
    expect(live.usedBytes()).toBeGreaterThan(usedBytes); // the text has come
    await check(live, folder);
    return true;
  } finally {
    live.close();
  }
}

/** The folder of the indexes, with that of a project. */
async function storeIndexOf(folder: string): Promise<string> {
  const cacheFolder = join(makeTempFolder(), 'cache', 'index');
  const live = createLiveText({ folder, refuseHardLinks: false }, budget, createIndexCache(cacheFolder));
  await live.build(control(), unhurried);
  await live.settle(control(), unhurried, Number.MAX_SAFE_INTEGER);
  live.close();
  return cacheFolder;
}

function fileIn(cacheFolder: string): string {
  const [name = '', ...others] = readdirSync(cacheFolder);
  expect(others).toEqual([]);
  return join(cacheFolder, name);
}

const files = {
  '.gitignore': 'out/\n*.log\n',
  '.env': 'needle\n',
  'a.ts': 'one needle\n',
  'b.ts': 'two needle\n',
  'bom.txt': '\ufeffneedle ä\n',
  'gone.ts': 'needle\n',
  'latin.txt': Buffer.from('needle \xe4\n', 'latin1'),
  'nul.bin': Buffer.from([1, 0, 2]),
  'out/c.ts': 'hidden needle\n',
  'lib/deep/long.ts': `${'some words\n'.repeat(3000)}needle\n`,
  'lib/keep.log': 'hidden needle\n',
  'moved/d.ts': 'needle\n',
  'swapped/e.ts': 'needle\n',
  'utf16.txt': Buffer.from('\ufeffneedle ä\n', 'utf16le'),
};

/** A project, and its index as it was when the project had not changed for some seconds. */
let origin: { folder: string; cacheFolder: string; bytes: Buffer };

beforeAll(async () => {
  const folder = makeTempFolder();
  writeFiles(folder, files);
  execFileSync('git', ['init', '-q'], { cwd: folder, env: cleanEnvironment() });
  const cacheFolder = await storeIndexOf(folder);
  origin = { folder, cacheFolder, bytes: readFileSync(fileIn(cacheFolder)) };
});
afterAll(() => {
  removeFolder(origin.folder);
  removeFolder(join(origin.cacheFolder, '..', '..'));
});

it('An index of a project that did not change is right as it is', async () => {
  const { folder, cacheFolder } = origin;
  expect(await start(folder, cacheFolder)).toBe(true);
  const file = statSync(fileIn(cacheFolder));
  expect(file.mode & 0o777).toBe(0o600);
  expect(statSync(cacheFolder).mode & 0o777).toBe(0o700);
});

describe('An index that is not right', () => {
  it('is dropped when any part of it is damaged', async () => {
    const { folder, cacheFolder, bytes } = origin;
    const path = fileIn(cacheFolder);
    const damaged: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += at < 64 ? 1 : 1 + Math.floor(bytes.length / 60)) {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << (at % 8)), at);
      damaged.push(copy);
    }
    for (const length of [0, 1, 63, 64, 65, 1000, bytes.length - 1]) damaged.push(bytes.subarray(0, length));
    damaged.push(Buffer.concat([bytes, Buffer.from('x')]), Buffer.alloc(bytes.length), Buffer.alloc(64, 'octantix'));
    for (const each of damaged) {
      writeFileSync(path, each);
      const live = createLiveText({ folder, refuseHardLinks: false }, budget, createIndexCache(cacheFolder));
      expect(await live.restore(control())).toBe(false);
      live.close();
      expect(readdirSync(cacheFolder)).toEqual([]);
    }
    writeFileSync(path, damaged[40] ?? '');
    expect(await start(folder, cacheFolder)).toBe(false);
    writeFileSync(path, bytes);
  });

  it('is dropped when it is that of another folder, and not read through a link', async () => {
    const { folder, cacheFolder, bytes } = origin;
    const other = tempProject({ 'a.ts': 'other needle\n' });
    const otherCache = tempProject();
    await createIndexCache(otherCache).write({ folder: other, refuseHardLinks: false }, (file) => file.append(bytes));
    const place = fileIn(otherCache);
    expect(await start(other, otherCache)).toBe(false);
    expect(readdirSync(otherCache)).toEqual([]);
    symlinkSync(fileIn(cacheFolder), place);
    expect(await start(other, otherCache)).toBe(false);
    expect(await start(folder, cacheFolder)).toBe(true);
  });
});

it('Two servers with one folder of indexes do not disturb each other', async () => {
  const { folder } = origin;
  const cacheFolder = tempProject();
  const servers = [1, 2, 3].map(() =>
    createLiveText({ folder, refuseHardLinks: false }, budget, createIndexCache(cacheFolder)),
  );
  await Promise.all(servers.map((live) => live.build(control(), unhurried)));
  const writes = servers.map((live) => live.settle(control(), unhurried, Number.MAX_SAFE_INTEGER));
  const starts = Array.from({ length: 5 }, () => start(folder, cacheFolder));
  await Promise.all([...writes, ...starts]);
  for (const live of servers) live.close();
  expect(await start(folder, cacheFolder)).toBe(true);
  fileIn(cacheFolder);
});

it('An index is not written into its project, and of old ones only so many are kept', async () => {
  const folder = tempProject();
  const linked = join(tempProject(), 'linked');
  symlinkSync(folder, linked);
  for (const inside of [folder, join(folder, 'cache', 'index'), join(linked, 'cache', 'index')]) {
    await createIndexCache(inside).write({ folder, refuseHardLinks: false }, (file) => file.append(Buffer.alloc(1)));
    expect(readdirSync(folder)).toEqual([]);
  }

  const cacheFolder = tempProject({ 'dead.index.1.tmp': '', 'young.index.2.tmp': '', 'other.txt': '' });
  utimesSync(join(cacheFolder, 'dead.index.1.tmp'), 1, 1);
  const cache = createIndexCache(cacheFolder, 250);
  for (const place of ['/one', '/two', '/three']) {
    const root = { folder: place, refuseHardLinks: false };
    await cache.write(root, (file) => file.append(Buffer.alloc(100)));
    await cache.touch({ folder: '/one', refuseHardLinks: false });
    await setTimeout(20); // the clock of a file system has steps
  }
  expect(readdirSync(cacheFolder).filter((name) => name.endsWith('.index'))).toHaveLength(2);
  expect(cache.open({ folder: '/two', refuseHardLinks: false })).toBeUndefined();
  expect(readdirSync(cacheFolder)).toEqual(expect.arrayContaining(['young.index.2.tmp', 'other.txt']));
  expect(readdirSync(cacheFolder)).not.toContain('dead.index.1.tmp');
  const root = { folder: '/four', refuseHardLinks: false };
  const broken = cache.write(root, async (file) => {
    await file.append(Buffer.alloc(1));
    throw new Error('the disk is full');
  });
  await expect(broken).rejects.toThrow('full');
  expect(readdirSync(cacheFolder).filter((name) => name.endsWith('.tmp'))).toEqual(['young.index.2.tmp']);
});

it('An index is made anew when every search would have to look through too much that changed', async () => {
  const folder = tempProject({ 'a.ts': 'needle\n' });
  const cacheFolder = await storeIndexOf(folder);
  const large = Buffer.alloc(7 * 1024 * 1024, 'some words\n');
  for (let file = 0; file < 5; file++) writeFileSync(join(folder, `large${file}.txt`), large);
  const live = createLiveText({ folder, refuseHardLinks: false }, budget, createIndexCache(cacheFolder));
  expect(await live.restore(control())).toBe(false);
  expect(await live.build(control(), unhurried)).toBe('ready');
  live.close();
  removeFolder(join(cacheFolder, '..', '..'));
});

/** Each in a project of its own, which was left alone between the two runs but for this. */
const changes: Record<string, (at: (path: string) => string) => void> = {
  'a file of the same size and time'(at) {
    const { atime, mtime } = statSync(at('a.ts'));
    writeFileSync(at('a.ts'), 'new needle\n');
    utimesSync(at('a.ts'), atime, mtime);
  },
  'new files, removed ones, a folder that moved'(at) {
    writeFileSync(at('new.ts'), 'new needle\n');
    mkdirSync(at('lib/more/deep'), { recursive: true });
    writeFileSync(at('lib/more/deep/new.ts'), 'new needle\n');
    rmSync(at('gone.ts'));
    renameSync(at('moved'), at('lib/moved'));
  },
  'a file that became a folder, and a folder that became a link'(at) {
    rmSync(at('b.ts'));
    mkdirSync(at('b.ts'));
    writeFileSync(at('b.ts/new.ts'), 'needle\n');
    rmSync(at('swapped'), { recursive: true });
    symlinkSync(at('lib'), at('swapped'));
  },
  'other rules of what is ignored'(at) {
    writeFileSync(at('.gitignore'), '*.txt\n');
  },
  'rules in a folder that had none'(at) {
    writeFileSync(at('lib/deep/.gitignore'), '*.ts\n');
  },
  'rules that are themselves not listed'(at) {
    writeFileSync(at('lib/.octantignore'), '!keep.log\n.octantignore\n');
  },
  "git's own settings"(at) {
    writeFileSync(at('.git/info/exclude'), 'a.ts\n');
  },
  'a text that became binary, and a binary that became a text'(at) {
    writeFileSync(at('b.ts'), Buffer.from('needle\0'));
    writeFileSync(at('nul.bin'), 'new needle\n');
  },
  'two files in the place of each other'(at) {
    renameSync(at('a.ts'), at('c.ts'));
    renameSync(at('b.ts'), at('a.ts'));
    renameSync(at('c.ts'), at('b.ts'));
    linkSync(at('gone.ts'), at('lib/linked.ts'));
  },
  'a folder that became a repository'(at) {
    execFileSync('git', ['init', '-q'], { cwd: at('lib'), env: cleanEnvironment() });
  },
  'rights only'(at) {
    chmodSync(at('a.ts'), 0o600);
    chmodSync(at('lib'), 0o700);
  },
};

it('What changes between two runs is found by the second, and the index still serves', async () => {
  const cases = Object.entries(changes).map(([name, change]) => {
    const folder = tempProject(files);
    execFileSync('git', ['init', '-q'], { cwd: folder, env: cleanEnvironment() });
    return { name, change, folder };
  });
  const stored = await Promise.all(cases.map(({ folder }) => storeIndexOf(folder)));
  for (const [place, { name, change, folder }] of cases.entries()) {
    change((path) => join(folder, path));
    const cacheFolder = stored[place] ?? '';
    expect(await start(folder, cacheFolder), name).toBe(true);
    removeFolder(join(cacheFolder, '..', '..'));
  }
}, 20_000);
