import { existsSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { makeReadOnly, noMounts, tempDisk, unmount } from '../helpers/mounts.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { report } from '../hostile/observe.ts';
import { addTickets, expectHonest, expectNoPath, type Served, serve, storeWithTickets } from './served.ts';

const isFull = 'storage_full: The disk is full. Nothing was changed; free some space and try again.';
const isReadOnly = 'unavailable: The folder of the store cannot be made or written. Name another with --data-dir.';
const cannotWrite = 'unavailable: The file of the store cannot be opened for writing. The log says why.';

describe.skipIf(noMounts !== '')(`A full disk${noMounts}`, () => {
  it('refuses what is new, shows all that was kept, and takes tickets again when there is room', async () => {
    const data = tempDisk(6);
    const ballast = join(data, 'ballast');
    writeFileSync(ballast, Buffer.alloc(2_000_000));
    const folder = tempProject({ 'notes.txt': 'the notes are here\n' });
    const served = await serve({ data, folder });
    const kept = [...(await fill(served))];
    expect(kept.length).toBeGreaterThan(5);

    for (let tries = 0; tries < 3; tries++) expect(await fill(served)).toEqual([]);
    await expectKept(served, kept);
    expect(await served.call('search_files', { query: 'notes' })).toMatchObject({ isError: false });

    rmSync(ballast);
    const more = await fill(served);
    expect(more.length).toBeGreaterThan(2);
    await expectKept(served, [...kept, ...more]);
    expectNoPath(served, data);
    await served.client.close();
    expectSound(join(data, 'octant.db'));
    report(
      `a full disk: ${kept.length} acknowledged before, ${more.length} after room was made, all readable throughout`,
    );
  });

  it('says so at the first ticket, and leaves nothing half made', async () => {
    const data = tempDisk(1);
    const ballast = join(data, 'ballast');
    writeUntilFull(ballast);
    const served = await serve({ data: join(data, 'octant'), folder: tempProject() });
    for (const room of [0, 4096, 100_000]) {
      rmSync(ballast);
      writeUntilFull(ballast, room);
      expect(await served.call('create_ticket', { title: 'new' })).toEqual({ isError: true, text: isFull });
      expect(existsSync(join(data, 'octant')) ? readdirSync(join(data, 'octant')) : []).toEqual([]);
    }
    rmSync(ballast);
    expect(await served.call('create_ticket', { title: 'new' })).toMatchObject({ isError: false });
    expectNoPath(served, data);
  });

  it('says so to a server that starts on it, which needs no restart when there is room', async () => {
    const data = tempDisk(2);
    const store = await storeWithTickets(3, data);
    const ballast = join(data, 'ballast');
    writeUntilFull(ballast);
    const served = await serve(store);
    await expectHonest(served, data, isFull);
    rmSync(ballast);
    expect(await served.call('list_tickets')).toMatchObject({
      isError: false,
      text: expect.stringContaining('3 tickets'),
    });
    expect(await served.call('create_ticket', { title: 'new' })).toMatchObject({ isError: false });
  });
});

describe.skipIf(noMounts !== '')(`A disk that is read-only${noMounts}`, () => {
  it('is refused with its tickets left as they are, and files are served', async () => {
    const store = await storeWithTickets();
    makeReadOnly(store.data);
    const served = await serve(store);
    await expectHonest(served, store.data, isReadOnly);
    unmount(store.data);
    expect(await served.call('list_tickets')).toMatchObject({ text: expect.stringContaining('3 tickets') });
  });

  it('under the file alone is refused too', async () => {
    const store = await storeWithTickets();
    makeReadOnly(store.path);
    await expectHonest(await serve(store), store.data, cannotWrite);
  });

  it('that becomes so while a server runs loses nothing that was acknowledged', async () => {
    const data = tempDisk(4);
    const store = await storeWithTickets(3, data);
    const served = await serve(store);
    await served.call('create_ticket', { title: 'new' });
    makeReadOnly(data);
    const late = await served.call('create_ticket', { title: 'late' });
    const seen = await served.call('list_tickets');
    expect(seen).toMatchObject(late.isError ? { text: isReadOnly } : { text: expect.stringContaining('late') });
    expectNoPath(served, data);
    unmount(data);
    expect(await served.call('list_tickets')).toMatchObject({ text: expect.stringContaining('new') });
    await addTickets(store.path, store.folder, 1);
  });
});

/** Tickets of about 20 kB until one is refused; the titles of those that were not. */
async function fill(served: Served): Promise<string[]> {
  const kept: string[] = [];
  for (;;) {
    const title = `kept ${served.seen.length}`;
    const { isError, text } = await served.call('create_ticket', { title, overview: overviewOf(title) });
    if (isError) {
      expect(text).toBe(isFull);
      return kept;
    }
    kept.push(title);
  }
}

function overviewOf(title: string): string {
  return `${title} `.repeat(20_000 / (title.length + 1)).trim();
}

async function expectKept(served: Served, kept: readonly string[]) {
  for (const [index, title] of kept.entries()) {
    const { text } = await served.call('get_ticket', { ticket: `T-${index + 1}`, history: 0, max_characters: 100_000 });
    expect([title, text.includes(overviewOf(title))]).toEqual([title, true]);
  }
}

/** All the room that there is, but for so many bytes. */
function writeUntilFull(path: string, room = 0) {
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeFileSync(path, page, { flag: 'a' });
  } catch {
    truncateSync(path, Math.max(0, statSync(path).size - room));
  }
}

function expectSound(path: string) {
  const database = new DatabaseSync(path, { timeout: 2000 });
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
}
