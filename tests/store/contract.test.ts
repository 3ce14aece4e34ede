import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../../src/store/migrations.ts';
import type { Changed, Store, Write } from '../../src/store/store.ts';
import { type Backend, backends } from '../helpers/stores.ts';

/** What every backend promises, on real servers. */
describe.each(backends)('A store on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    const open: Store[] = [];

    beforeAll(async () => {
      backend = await create();
    });
    afterAll(async () => {
      for (const store of open) await store.close();
      await backend?.remove();
    });

    function another(): Store {
      const store = backend.open();
      open.push(store);
      return store;
    }

    it('keeps what was written, for those that open it later', async () => {
      await another().write('p1', (write) => addProject(write, 'p1'));
      expect(await namesIn(another())).toContain('p1');
    });

    it('takes back all of a change that fails', async () => {
      const store = another();
      const failing = store.write('p2', async (write) => {
        await addProject(write, 'p2');
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await namesIn(store)).not.toContain('p2');
      await store.write('p2', (write) => addProject(write, 'p2'));
      expect(await namesIn(store)).toContain('p2');
    });

    it('lets changes of one scope take turns, whoever makes them', async () => {
      const stores = [another(), another(), another()];
      await stores[0]?.write('p3', (write) => addProject(write, 'p3'));
      const increments = Array.from({ length: 150 }, (_, index) => increment(stores[index % stores.length], 'p3'));
      await Promise.all(increments);
      expect(await counterOf(another(), 'p3')).toBe(151);
    });

    it('lets its process do other things between two of many changes', async () => {
      const store = another();
      await store.write('p-turns', (write) => addProject(write, 'p-turns'));
      const changes = 100;
      let rounds = 0;
      let look = setImmediate(function again() {
        rounds++;
        look = setImmediate(again);
      });
      await Promise.all(Array.from({ length: changes }, () => increment(store, 'p-turns')));
      clearImmediate(look);
      expect(rounds).toBeGreaterThanOrEqual(changes - 1);
    });

    it('shows a reader one moment, while others write', async () => {
      const [reader, writer] = [another(), another()];
      await writer.write('p4', (write) => addProject(write, 'p4'));
      const seen = await reader.read(async ({ db }) => {
        const first = await db.selectFrom('projects').select('next_ticket').where('id', '=', 'p4').executeTakeFirst();
        await increment(writer, 'p4');
        const second = await db.selectFrom('projects').select('next_ticket').where('id', '=', 'p4').executeTakeFirst();
        return [first?.next_ticket, second?.next_ticket];
      });
      expect(seen).toEqual([1, 1]);
      expect(await counterOf(reader, 'p4')).toBe(2);
    });

    it('tells listeners of every process what changed, within 1 s', async () => {
      const [hearing, writing] = [another(), another()];
      const heard: Changed[] = [];
      const release = hearing.onChange((changed) => heard.push(changed));
      await delay(400); // until it listens
      await writing.write('p5', (write) => addProject(write, 'p5'));
      const started = performance.now();
      while (heard.length === 0 && performance.now() - started < 1000) await delay(10);
      expect(heard).toEqual([[{ projectId: 'p5', entity: 'project', entityId: 'p5' }]]);
      release();
      await hearing.write('p5', (write) => append(write, 'p5'));
      await delay(300);
      expect(heard.length).toBe(1);
    });

    it('tells of its own changes too', async () => {
      const store = another();
      const heard = Promise.withResolvers<Changed>();
      store.onChange(heard.resolve);
      await delay(400);
      await store.write('p6', (write) => addProject(write, 'p6'));
      expect(await heard.promise).toMatchObject([{ entityId: 'p6' }]);
    });

    it('gives every change an id that sorts by time, and looks and changes the same clock', async () => {
      const store = another();
      const before = await store.read(async ({ now }) => now);
      const first = await store.write('p7', async (write) => {
        await append(write, 'p7');
        return write.now;
      });
      await store.write('p7', (write) => append(write, 'p7'));
      const ids = await store.read(({ db }) =>
        db.selectFrom('events').select('change_id').where('project_id', '=', 'p7').orderBy('seq').execute(),
      );
      expect(ids).toEqual([...ids].sort((a, b) => (a.change_id < b.change_id ? -1 : 1)));
      expect(new Set(ids.map((each) => each.change_id)).size).toBe(2);
      expect(first).toBeGreaterThanOrEqual(before);
      expect(Math.abs(first - Date.now())).toBeLessThan(60_000);
    });

    it('refuses two events with one request id', async () => {
      const store = another();
      const request = { id: 'r1', digest: 'd' };
      await store.write('p8', (write) => append(write, 'p8', request));
      await expect(store.write('p8', (write) => append(write, 'p8', request))).rejects.toThrow();
    });

    it('gives back text byte for byte', async () => {
      const store = another();
      const name = 'é \u2028 😀 \\ "quoted" \' $& %s \t\n';
      await store.write('p9', (write) => addProject(write, 'p9', name));
      expect(await namesIn(store)).toContain(name);
    });

    it('has one schema after many started at once', async () => {
      const fresh = await create();
      const stores = Array.from({ length: 6 }, () => fresh.open());
      await Promise.all(stores.map((store) => store.open()));
      const versions = await stores[5]?.read(({ db }) => db.selectFrom('schema_versions').select('version').execute());
      expect(versions).toEqual(migrations.map((_, index) => ({ version: index + 1 })));
      for (const store of stores) await store.close();
      await fresh.remove();
    });

    it('adds what is missing to an older schema, and keeps the data', async () => {
      const fresh = await create();
      const old = fresh.open();
      await old.write('p', (write) => addProject(write, 'p'));
      await old.close();
      const newer = fresh.open({
        migrations: [...migrations, async (db) => void (await sql`create table extra (id integer)`.execute(db))],
      });
      expect(await namesIn(newer)).toEqual(['p']);
      await newer.close();

      const outdated = fresh.open();
      await expect(outdated.open()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(outdated.open()).rejects.toThrow(
        `newer Octant (schema ${migrations.length + 1}, this one knows ${migrations.length})`,
      );
      await outdated.close();
      await fresh.remove();
    });

    it('is as before when a migration fails', async () => {
      const fresh = await create();
      const old = fresh.open();
      await old.open();
      await old.close();
      const broken = fresh.open({
        migrations: [
          ...migrations,
          async (db) => {
            await sql`create table half (id integer)`.execute(db);
            throw new Error('broken migration');
          },
        ],
      });
      await expect(broken.open()).rejects.toThrow('broken migration');
      await broken.close();
      const again = fresh.open();
      await expect(again.read(({ db }) => sql`select * from half`.execute(db))).rejects.toThrow();
      await again.close();
      await fresh.remove();
    });
  });
});

async function addProject(write: Write, id: string, name = id) {
  const row = { id, name, folder: `/${id}`, created_at: write.now, is_added: 0, removed_at: null, next_ticket: 1 };
  await write.db.insertInto('projects').values(row).execute();
  await append(write, id);
}

function append(write: Write, id: string, request?: { id: string; digest: string }) {
  return write.append({
    ...{ projectId: id, entity: 'project', entityId: id, version: 1, action: 'added', actor: 'human' },
    ...{ before: 'null', after: '{}', request },
  });
}

async function increment(store: Store | undefined, id: string) {
  await store?.write(id, async ({ db }) => {
    const { next_ticket } = await db
      .selectFrom('projects')
      .select('next_ticket')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await db
      .updateTable('projects')
      .set({ next_ticket: next_ticket + 1 })
      .where('id', '=', id)
      .execute();
  });
}

async function counterOf(store: Store, id: string) {
  const row = await store.read(({ db }) =>
    db.selectFrom('projects').select('next_ticket').where('id', '=', id).executeTakeFirst(),
  );
  return row?.next_ticket;
}

async function namesIn(store: Store) {
  const rows = await store.read(({ db }) => db.selectFrom('projects').select('name').orderBy('id').execute());
  return rows.map(({ name }) => name);
}
