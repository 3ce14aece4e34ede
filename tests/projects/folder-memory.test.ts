import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createFolderMemory, type FolderMemory } from '../../src/projects/folder-memory.ts';
import { walk } from '../../src/projects/walk.ts';
import { createRandom } from '../helpers/random.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

const settledMs = 2600;

/** A memory that tells which folders it knew. */
function createSpy() {
  const memory = createFolderMemory();
  const recalled: string[] = [];
  const spy: FolderMemory = {
    ...memory,
    recall(folder, stats) {
      const known = memory.recall(folder, stats);
      if (known) recalled.push(folder);
      return known;
    },
  };
  return { spy, recalled };
}

function list(root: string, memory?: FolderMemory, maxEntries = 1e6): string[] {
  const budget = { maxDepth: 100, maxEntries, deadline: Number.POSITIVE_INFINITY, ...(memory && { memory }) };
  return Array.from(walk(root, budget), ({ path, kind }) => `${path} ${kind}`);
}

function growTree(): string {
  const folders = ['', 'a/', 'a/b/', 'a/b/c/', 'd/', 'd/e/', 'f/'];
  const files = folders.flatMap((folder) => ['x.ts', 'y.log', 'z'].map((name) => [folder + name, name] as const));
  return tempProject({ ...Object.fromEntries(files), '.gitignore': '*.log\n', 'd/.gitignore': 'z\n' });
}

it('lists every change, and reads only the folders in which something happened', async () => {
  const trees = Array.from({ length: 60 }, (_, seed) => ({
    root: growTree(),
    random: createRandom(seed),
    ...createSpy(),
  }));
  await setTimeout(settledMs);
  let known = 0;
  for (const { root, random, spy, recalled } of trees) {
    expect(list(root, spy)).toEqual(list(root));
    for (let round = 0; round < 5; round++) {
      for (let change = 0; change < 3; change++) disturb(root, random);
      expect(list(root, spy)).toEqual(list(root));
    }
    known += recalled.length;
    recalled.length = 0;
    writeFileSync(join(root, 'new'), '');
    expect(list(root, spy)).toEqual(list(root));
    expect(recalled).not.toContain(root);
  }
  expect(known).toBeGreaterThan(5 * trees.length);
});

it('knows nothing of what has just changed, nor of another project', async () => {
  const [root, other] = [growTree(), growTree()];
  const { spy, recalled } = createSpy();
  list(root, spy);
  list(root, spy);
  expect(recalled).toEqual([]);
  await setTimeout(settledMs);
  list(root, spy);
  list(root, spy);
  expect(recalled).toHaveLength(7);
  list(other, spy);
  list(root, spy);
  expect(recalled).toHaveLength(7);
});

it('counts what it knows against the budget', async () => {
  const root = growTree();
  await setTimeout(settledMs);
  const { spy, recalled } = createSpy();
  const whole = list(root, spy);
  for (const maxEntries of [0, 3, 8, 20]) {
    expect(list(root, spy, maxEntries)).toEqual(list(root, undefined, maxEntries));
    expect(list(root, spy)).toEqual(whole);
  }
  expect(recalled.length).toBeGreaterThan(0);
});

/** One change of any kind, to any file or folder. */
function disturb(root: string, random: () => number) {
  const below = (count: number) => Math.floor(random() * count);
  const paths = pathsBelow(root);
  const pick = () => paths[below(paths.length)] ?? root;
  if (paths.length === 0) return writeFileSync(join(root, 'first'), '');
  const [one, other, fresh] = [pick(), pick(), `n${random()}`];
  const isFolder = lstatSync(one).isDirectory();
  const rules = join(root, '.gitignore');
  const changes = [
    () => writeFileSync(join(isFolder ? one : dirname(one), fresh), ''),
    () => writeFiles(isFolder ? one : dirname(one), { [`${fresh}/deep/q`]: '' }),
    () => rmSync(one, { recursive: true }),
    () => !other.startsWith(`${one}/`) && renameSync(one, `${other}${fresh}`),
    () => lstatSync(rules, { throwIfNoEntry: false })?.isFile() && writeFileSync(rules, `x.ts\n*${below(10)}\n`),
    () => {
      rmSync(one, { recursive: true });
      if (isFolder) writeFileSync(one, '');
      else mkdirSync(one);
    },
    () => {
      rmSync(one, { recursive: true });
      symlinkSync(other, one);
    },
  ];
  changes[below(changes.length)]?.();
}

/** Of what is behind a link, none. */
function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...pathsBelow(path)] : [path];
  });
}
