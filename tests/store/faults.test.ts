import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { migrations } from '../../src/store/migrations.ts';
import { createTickets } from '../../src/tickets/tickets.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { report } from '../hostile/observe.ts';
import { addTickets, expectHonest, expectNoPath, serve, storeWithTickets, titlesIn } from './served.ts';

const isDamaged =
  'unavailable: The file of the store is damaged. It was left as it is: put back a backup ("octant backup" makes them), or name another folder with --data-dir.';
const isForeign = 'unavailable: The file of the store belongs to another program. Name another folder with --data-dir.';
const isNewer = `unavailable: The store was made by a newer Octant (schema ${migrations.length + 1}, this one knows ${migrations.length}). Update Octant, or name another store.`;
const hasJournalOnly =
  'unavailable: The file of the store is gone, but its journal is there: something removed it. Put it back, or name another folder with --data-dir.';
const wasRemoved =
  'unavailable: The file of the store was removed while Octant used it. Put it back, or restart Octant to begin with an empty store.';
const noFolder = 'unavailable: The folder of the store cannot be made or written. Name another with --data-dir.';

describe('A store is refused, left as it is, and files are served, when its file', () => {
  it.each([
    ['holds garbage', isDamaged, (path: string) => writeFileSync(path, randomBytes(50_000))],
    ['is empty', isDamaged, (path: string) => truncateSync(path, 0)],
    ['is cut in its header', isDamaged, (path: string) => truncateSync(path, 60)],
    ['is cut in the middle of a page', isDamaged, (path: string) => truncateSync(path, 10_000)],
    ['lacks its last page', isDamaged, (path: string) => truncateSync(path, statSync(path).size - 4096)],
    ['is a SQLite file of another program', isForeign, (path: string) => makeForeign(path)],
    ['was made by a newer Octant', isNewer, (path: string) => makeNewer(path)],
    ['is gone and its journal is not', hasJournalOnly, (path: string) => renameSync(path, `${path}-wal`)],
  ])('%s', async (_title, reason, damage) => {
    const store = await storeWithTickets();
    damage(store.path);
    const before = readFolder(store.data);
    await expectHonest(await serve(store), store.data, reason);
    expect(readFolder(store.data)).toEqual(before);
  });

  it('is refused without leaving anything open, however often it is asked', async () => {
    const { path } = await storeWithTickets();
    makeNewer(path);
    const store = openSqlite(path);
    const openFiles = () => readdirSync('/proc/self/fd').length;
    await expect(store.open()).rejects.toMatchObject({ code: 'unavailable' });
    const before = openFiles();
    for (let tries = 0; tries < 20; tries++) await expect(store.open()).rejects.toMatchObject({ code: 'unavailable' });
    expect(openFiles()).toBe(before);
  });
});

describe('A store that was closed', () => {
  it('is one file, complete by itself, whatever was done with it', async () => {
    const { path, data } = await storeWithTickets(); // written, never read
    expect(readdirSync(data)).toEqual(['octant.db']);
    expect(await titlesOf(path)).toHaveLength(3);
    expect(readdirSync(data)).toEqual(['octant.db']);
  });
});

describe('A folder of data', () => {
  it('that is not there is made', async () => {
    const data = join(tempProject(), 'deep', 'inside');
    const served = await serve({ data, folder: tempProject({ 'notes.txt': 'the notes' }) });
    expect(await served.call('list_tickets')).toEqual({ isError: false, text: 'No ticket matches.' });
    expect(existsSync(data)).toBe(false);
    expect(await served.call('create_ticket', { title: 'new' })).toMatchObject({ isError: false });
    expect(await titlesIn(served.client)).toEqual(['new']);
  });

  it('that cannot even be looked at is refused, and files are served', async () => {
    const data = join(tempProject(), 'loop');
    symlinkSync(data, data);
    const served = await serve({ data, folder: tempProject({ 'notes.txt': 'the notes' }) });
    await expectHonest(served, data, noFolder);
  });

  it('that is a file is refused when something is to be kept, and files are served', async () => {
    const data = join(tempProject({ file: 'x' }), 'file');
    const served = await serve({ data, folder: tempProject({ 'notes.txt': 'the notes' }) });
    expect(await served.call('create_ticket', { title: 'new' })).toEqual({ isError: true, text: noFolder });
    expect(await served.call('search_files', { query: 'notes' })).toMatchObject({ isError: false });
    expectNoPath(served, data);
  });
});

describe('While a server runs, a store', () => {
  it('whose file is removed takes no ticket, and all are there when it is put back', async () => {
    const store = await storeWithTickets();
    const served = await serve(store);
    await served.call('create_ticket', { title: 'new' });
    const aside = join(tempProject(), 'aside.db');
    renameSync(store.path, aside);
    await expectHonest(served, store.data, hasJournalOnly);
    renameSync(aside, store.path);
    expect(await titlesIn(served.client)).toEqual(['ticket 1', 'ticket 2', 'ticket 3', 'new']);
    expect(await served.call('create_ticket', { title: 'new' })).toMatchObject({ isError: false });
    expectSound(store.path);
  });

  it('whose folder is removed takes no ticket, and makes no empty store', async () => {
    const store = await storeWithTickets(3, join(tempProject(), 'data'));
    const served = await serve(store);
    await served.call('create_ticket', { title: 'new' });
    rmSync(store.data, { recursive: true });
    await expectHonest(served, store.data, wasRemoved);
    expect(existsSync(store.path)).toBe(false);
  });

  it('that is replaced by a backup goes on with the backup, without a restart', async () => {
    const store = await storeWithTickets();
    const backup = join(tempProject(), 'backup.db');
    copyFileSync(store.path, backup);
    const served = await serve(store);
    await served.call('create_ticket', { title: 'new' });
    for (const suffix of ['', '-wal', '-shm']) rmSync(store.path + suffix);
    copyFileSync(backup, store.path);
    expect(await titlesIn(served.client)).toEqual(['ticket 1', 'ticket 2', 'ticket 3']);
    expect(await served.call('create_ticket', { title: 'new' })).toMatchObject({ isError: false });
    expect(await titlesIn(served.client)).toEqual(['ticket 1', 'ticket 2', 'ticket 3', 'new']);
    await served.client.close();
    expectSound(store.path);
  });

  it('that tells the ids of projects late never answers for another project', async () => {
    const data = tempProject();
    const folders = ['ours', 'theirs'].map((parent) => join(tempProject(), parent, 'shop'));
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    const [ours = '', theirs = ''] = folders;
    const path = join(data, 'octant.db');
    await addTickets(path, theirs, 3); // the first is "shop", the second "shop-2"
    await addTickets(path, ours, 1);
    const sound = readFileSync(path);
    writeFileSync(path, 'garbage');
    const served = await serve({ data, folder: ours });
    await served.call('search_files', { query: 'x' });
    expect(await served.call('list_tickets')).toEqual({ isError: true, text: isDamaged });
    writeFileSync(path, sound);
    expect(await titlesIn(served.client)).toEqual(['ticket 1']);
    expect(await served.call('get_ticket', { ticket: 'T-2' })).toMatchObject({ isError: true });
  });

  it('tells its listeners of everything when its file was replaced', async () => {
    const { path, folder } = await storeWithTickets();
    const backup = join(tempProject(), 'backup.db');
    copyFileSync(path, backup);
    const store = openSqlite(path);
    onTestFinished(() => store.close());
    await store.open();
    const heard = Promise.withResolvers<unknown>();
    store.onChange(heard.resolve);
    await addTickets(path, folder, 1);
    expect(await heard.promise).toMatchObject([{ entity: 'ticket' }]);
    const again = Promise.withResolvers<unknown>();
    store.onChange(again.resolve);
    renameSync(backup, path);
    expect(await again.promise).toBe('everything');
  });
});

describe('A store that was left in the middle of its work', () => {
  it('is whole without its file of locks', async () => {
    const { path } = await crashImage(20);
    rmSync(`${path}-shm`, { force: true });
    expect(await titlesOf(path)).toHaveLength(20);
    expectSound(path);
  });

  it('has all up to where its journal was cut, wherever that is, and goes on', async () => {
    const cuts = 12;
    const kept: number[] = [];
    for (let cut = 0; cut < cuts; cut++) {
      const { path, folder } = await crashImage(20);
      const journal = `${path}-wal`;
      const { size } = statSync(journal);
      truncateSync(journal, Math.floor((size * (cut + Math.random())) / cuts));
      rmSync(`${path}-shm`, { force: true });
      const titles = await titlesOf(path);
      expect(titles).toEqual(Array.from({ length: titles.length }, (_, index) => `ticket ${index + 1}`));
      kept.push(titles.length);
      await addTickets(path, folder, 1);
      expect(await titlesOf(path)).toHaveLength(titles.length + 1);
      expectSound(path);
    }
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    report(`a journal of 20 tickets cut at ${cuts} places: ${kept.join(', ')} of 20 left, each store sound`);
  });

  it('with a damaged page serves what can be read, and takes nothing new', async () => {
    const store = await storeWithTickets(300);
    const size = statSync(store.path).size;
    const bytes = readFileSync(store.path);
    randomBytes(8192).copy(bytes, Math.floor(size / 2 / 4096) * 4096);
    writeFileSync(store.path, bytes);
    const served = await serve(store);
    await served.call('list_tickets'); // opens it, and so begins the look for damage
    await expect
      .poll(() => served.call('create_ticket', { title: 'new' }), { timeout: 5000 })
      .toEqual({
        isError: true,
        text: isDamaged,
      });
    expect(await served.call('search_files', { query: 'notes' })).toMatchObject({ isError: false });
    const answers = [];
    for (let number = 1; number <= 300; number += 10) {
      answers.push(await served.call('get_ticket', { ticket: `T-${number}` }));
    }
    expect(answers.filter(({ isError }) => !isError).length).toBeGreaterThan(15);
    expect(new Set(answers.filter(({ isError }) => isError).map(({ text }) => text)).size).toBeLessThanOrEqual(1);
    expectNoPath(served, store.data);
  });
});

/** The files as a crash leaves them: tickets that are in the journal alone. */
async function crashImage(count: number) {
  const { path: origin, folder } = await storeWithTickets(0);
  const store = openSqlite(origin);
  onTestFinished(() => store.close());
  const tickets = createTickets(store);
  for (let index = 1; index <= count; index++) {
    await tickets.create({ id: 'shop', name: 'shop', folder }, [{ change: { title: `ticket ${index}` } }], {
      ...{ source: 'human', connection: 'tests' },
    });
  }
  const path = join(tempProject(), 'octant.db');
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(origin + suffix, path + suffix);
  return { path, folder };
}

async function titlesOf(path: string): Promise<string[]> {
  const store = openSqlite(path);
  try {
    const rows = await store.read(({ db }) => db.selectFrom('tickets').select('title').orderBy('number').execute());
    return rows.map(({ title }) => title);
  } finally {
    await store.close();
  }
}

function expectSound(path: string) {
  const database = new DatabaseSync(path, { timeout: 2000 });
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
}

function makeForeign(path: string) {
  rmSync(path);
  const database = new DatabaseSync(path);
  database.exec('create table theirs (id integer); insert into theirs values (1)');
  database.close();
}

function makeNewer(path: string) {
  const database = new DatabaseSync(path);
  database.exec(`insert into schema_versions values (${migrations.length + 1}, 0)`);
  database.close();
}

function readFolder(folder: string) {
  return readdirSync(folder)
    .filter((name) => name.startsWith('octant.db') && !name.endsWith('-shm'))
    .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
}
