import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProjects, type ProjectChoice } from '../../src/projects/registry.ts';
import type { Store } from '../../src/store/store.ts';
import { purgeTickets } from '../../src/tickets/rows.ts';
import { openSqlite, silent } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

function serving(choice: Partial<ProjectChoice>, store = tempStore()) {
  return createProjects(
    { named: [], startFolder: '/', refuseHardLinks: false, offersAdded: false, ...choice },
    { store, log: silent, purge: purgeTickets },
  );
}

function tempStore(folder = tempProject()): Store {
  const store = openSqlite(join(folder, 'octant.db'));
  onTestFinished(() => store.close());
  return store;
}

describe('Without a named project', () => {
  it.each([
    '/',
    '/home',
    '/etc',
    '/usr/bin',
    '/proc',
    '/dev',
    '/var/lib',
    homedir(),
    join(homedir(), '..'),
    'relative',
    '/not/there',
  ])('a server that is started in %s has none', async (startFolder) => {
    expect(await serving({ startFolder }).list()).toEqual([]);
  });

  it('a server takes the folder that it is started in', async () => {
    const folder = tempProject();
    expect(await serving({ startFolder: folder }).list()).toMatchObject([{ folder }]);
  });
});

describe('Named projects', () => {
  it('have short ids of their own and are found by id, name or path', async () => {
    const base = tempProject();
    for (const path of ['a/My Shop', 'b/my-shop', 'c/.config']) mkdirSync(join(base, path), { recursive: true });
    const named = ['a/My Shop', 'b/my-shop', 'c/.config', 'a/My Shop/'].map((path) => join(base, path));
    const projects = serving({ named });
    expect((await projects.list()).map(({ id }) => id)).toEqual(['my-shop', 'my-shop-2', 'config']);
    expect((await projects.find('My Shop')).id).toBe('my-shop');
    expect((await projects.find(join(base, 'b/my-shop'))).id).toBe('my-shop-2');
    expect((await projects.find(undefined)).id).toBe('my-shop');
    await expect(projects.find('my-shpo')).rejects.toThrow(
      'There is no project "my-shpo". Known: my-shop, my-shop-2, config.',
    );
  });

  it('leave no trace in the store by being looked at', async () => {
    const data = tempProject();
    await serving({ named: [tempProject()] }, tempStore(data)).list();
    expect(existsSync(join(data, 'octant.db'))).toBe(false);
  });

  it('keep the ids that the store gave them, in any server and order', async () => {
    const base = tempProject();
    for (const path of ['a/shop', 'b/shop']) mkdirSync(join(base, path), { recursive: true });
    const [first, second] = [join(base, 'a/shop'), join(base, 'b/shop')];
    const store = tempStore();
    const adding = serving({ offersAdded: true }, store);
    expect((await adding.add(second, undefined, 'human')).id).toBe('shop');
    expect((await adding.add(first, undefined, 'human')).id).toBe('shop-2');
    const projects = serving({ named: [first, second] }, store);
    expect((await projects.list()).map(({ id }) => id)).toEqual(['shop-2', 'shop']);
    expect((await projects.find('shop')).folder).toBe(second); // which is also what the first one is called
  });

  it('are not guessed at by a name that several have', async () => {
    const base = tempProject();
    for (const path of ['a/Shop', 'b/Shop']) mkdirSync(join(base, path), { recursive: true });
    const named = ['a/Shop', 'b/Shop'].map((path) => join(base, path));
    await expect(serving({ named }).find('Shop')).rejects.toThrow('Give the id of one: shop, shop-2.');
  });

  it('are served without a store that can be opened, by the names of their folders', async () => {
    const file = join(tempProject({ 'octant.db': 'this is no database, and long enough to be looked at'.repeat(4) }));
    const folder = tempProject();
    const projects = await serving({ named: [folder] }, tempStore(file)).list();
    expect(projects).toMatchObject([{ folder }]);
  });
});

describe('Added projects', () => {
  it('are offered by every server on the store that offers added ones, until they are removed', async () => {
    const [data, folder, own] = [tempProject(), tempProject(), tempProject()];
    const adding = serving({ named: [own], offersAdded: true }, tempStore(data));
    const added = await adding.add(folder, 'Shop', 'human');
    expect(added).toMatchObject({ name: 'Shop', folder });
    const other = serving({ named: [own], offersAdded: true }, tempStore(data));
    expect((await other.find('Shop')).folder).toBe(folder);
    expect(await serving({ named: [own] }, tempStore(data)).list()).toMatchObject([{ folder: own }]);

    await other.remove('Shop', { purge: false, by: 'human' });
    await expect(other.find('Shop')).rejects.toMatchObject({ code: 'not_found' });
    expect(await other.known()).toMatchObject([{ name: 'Shop', isRemoved: true }]);
    expect((await adding.add(folder, undefined, 'human')).id).toBe(added.id);

    await other.remove('Shop', { purge: true, by: 'human' });
    expect(await other.known()).toEqual([]);
  });

  it.each(['/etc', '/', homedir(), '/not/there', 'relative'])('are never %s', async (path) => {
    await expect(serving({ offersAdded: true }).add(path, undefined, 'human')).rejects.toMatchObject({
      code: expect.stringMatching(/^(bad_input|denied)$/),
    });
  });
});
