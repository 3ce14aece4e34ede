import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProjects } from '../../src/projects/registry.ts';
import { tempProject } from '../helpers/temp-project.ts';

function started(startFolder: string) {
  return createProjects({ named: [], startFolder, refuseHardLinks: false }).list();
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
  ])('a server that is started in %s has none', (folder) => {
    expect(started(folder)).toEqual([]);
  });

  it('a server takes the folder that it is started in', () => {
    const folder = tempProject();
    expect(started(folder)).toMatchObject([{ folder }]);
  });
});

describe('Named projects', () => {
  it('have short ids of their own and are found by id, name or path', () => {
    const base = tempProject();
    for (const path of ['a/My Shop', 'b/my-shop', 'c/.config']) mkdirSync(join(base, path), { recursive: true });
    const named = ['a/My Shop', 'b/my-shop', 'c/.config', 'a/My Shop/'].map((path) => join(base, path));
    const projects = createProjects({ named, startFolder: '/', refuseHardLinks: false });
    expect(projects.list().map(({ id }) => id)).toEqual(['my-shop', 'my-shop-2', 'config']);
    expect(projects.find('My Shop').id).toBe('my-shop');
    expect(projects.find(join(base, 'b/my-shop')).id).toBe('my-shop-2');
    expect(projects.find(undefined).id).toBe('my-shop');
    expect(() => projects.find('my-shpo')).toThrow('There is no project "my-shpo". Known: my-shop, my-shop-2, config.');
  });
});
