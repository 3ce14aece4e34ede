import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type UserFolders, userFolders } from '../../src/projects/git-directory.ts';
import { type WalkEntry, walk } from '../../src/projects/walk.ts';
import type { WalkBudget } from '../../src/projects/walk-meter.ts';
import { ownIgnoreFile } from '../../src/projects/walk-place.ts';
import { createRandom } from '../helpers/random.ts';

let folder: string;
let user: UserFolders;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'octant-walk-')));
  const home = join(folder, 'home');
  mkdirSync(home);
  user = { home, configHome: join(home, '.config'), systemConfig: '/etc/gitconfig' };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('walk, compared with git ls-files', () => {
  it('lists this repository as git does', () => {
    const root = join(import.meta.dirname, '../..');
    const own = userFolders();
    // other tests may write here meanwhile
    const before = reference(root, { user: own });
    const found = list(root, own);
    if (before.join() === reference(root, { user: own }).join()) expect(found).toEqual(before);
  });

  it('lets the deepest ignore file win, and the last rule within it', () => {
    const root = repository('r', {
      '.gitignore': '*.log\n/build\n!keep.log\nsub/*.tmp\n',
      'a.log': '',
      'keep.log': '',
      'build/x': '',
      'sub/.gitignore': '!*.log\nkeep.log\n',
      'sub/b.log': '',
      'sub/keep.log': '',
      'sub/c.tmp': '',
      'sub/build/y': '',
    });
    expect(list(root, user)).toEqual(['.gitignore', 'keep.log', 'sub/.gitignore', 'sub/b.log', 'sub/build/y']);
    expectLikeGit(root);
  });

  it('lists files that are tracked though ignored, and nothing else of an ignored folder', () => {
    const root = repository('r', { 'out/kept/a': '', 'out/kept/b': '', 'out/c': '', 'x.log': '', 'y.log': '' });
    git(root, 'add', 'out/kept/a', 'x.log');
    write(root, { '.gitignore': 'out\n*.log\n', 'out/kept/.gitignore': '!*\n' });
    expect(list(root, user)).toEqual(['.gitignore', 'out/kept/a', 'x.log']);
    expectLikeGit(root);
  });

  it('leaves out tracked files that are gone or have become folders', () => {
    const root = repository('r', { gone: '', turned: '', 'link/x': '' });
    git(root, 'add', '.');
    for (const name of ['gone', 'turned', 'link']) rmSync(join(root, name), { recursive: true });
    write(root, { 'turned/inner': '', 'other/x': '' });
    symlinkSync('other', join(root, 'link'));
    expect(list(root, user)).toEqual(['link@', 'other/x', 'turned/inner']);
    expectLikeGit(root);
  });

  it('reads info/exclude and core.excludesFile, the former first', () => {
    const root = repository('r', { 'a.x': '', 'b.x': '', 'c.y': '', 'd.z': '', 'e.q': '' });
    write(root, { '.git/info/exclude': '!b.x\n*.y\n' });
    write(user.home, { mine: '*.x\n', '.config/git/ignore': '*.q\n' });
    expectLikeGit(root);
    expect(list(root, user)).toEqual(['a.x', 'b.x', 'd.z']);
    write(user.home, { '.gitconfig': '# c\n[core] ; d\n\texcludesFile = "~/mi"ne   # e\n' });
    expect(list(root, user)).toEqual(['b.x', 'd.z', 'e.q']);
    expectLikeGit(root);
    git(root, 'config', 'core.excludesFile', 'own');
    write(root, { own: '*.z\n' });
    expectLikeGit(root);
    git(root, 'config', 'core.excludesFile', '');
    expectLikeGit(root);
  });

  it('ignores in either case where core.ignoreCase says so', () => {
    const root = repository('r', {
      '.gitignore': '*.LOG\n/Build/\n[A]x\n[B-D]y\n\\Qz\n[[:upper:]]up\nPre*fix/q\n',
      'a.log': '',
      'build/x': '',
      ax: '',
      by: '',
      Qz: '',
      dup: '',
      'prEfix/Q': '',
    });
    expectLikeGit(root);
    git(root, 'config', 'core.ignoreCase', 'true');
    expectLikeGit(root);
  });

  it('hides no file of a root below for a tracked one elsewhere that differs in case', () => {
    const root = repository('r', { 'A/x': '', 'a/x': '' });
    git(root, 'add', 'A/x');
    git(root, 'config', 'core.ignoreCase', 'true');
    expect(list(root, user)).toEqual(['A/x']);
    expectLikeGit(root);
    expect(list(join(root, 'a'), user)).toEqual(['x']);
    expectLikeGit(join(root, 'a'));
  });

  it('works in a linked work tree, a submodule and a nested repository', () => {
    const inner = repository('inner', { 'f.txt': '', 'g.log': '', '.gitignore': '*.log\n' });
    commit(inner);
    const root = repository('r', { 'a.txt': '', 'nested-x': '', 'nested.y': '', 'bare/HEAD': '' });
    git(root, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'libs/inner');
    commit(root);
    git(root, 'clone', '-q', inner, 'nested');
    git(root, 'init', '-q', 'empty');
    write(root, { 'fake/.git/x': '', 'fake/y': '', 'broken/.git': 'gitdir: nowhere\n', 'broken/z': '' });
    git(root, 'worktree', 'add', '-q', 'tree');
    write(join(root, 'tree'), { 'new.txt': '', 'a.skip': '' });
    write(root, { '.git/info/exclude': '*.skip\n' });
    expectLikeGit(root);
    for (const below of ['tree', 'libs/inner', 'libs', 'nested', 'empty', 'fake', 'tree/libs/inner']) {
      expectLikeGit(join(root, below));
    }
    expect(list(root, user)).toContain('libs/inner/');
    rmSync(join(root, 'libs/inner'), { recursive: true });
    expectLikeGit(root);
    mkdirSync(join(root, 'libs/inner'));
    expectLikeGit(root);
    expectLikeGit(join(root, 'libs/inner'));
  });

  it('enters a folder that became a repository after its files were tracked', () => {
    const root = repository('r', { 'sub/a': '', 'sub/b': '' });
    git(root, 'add', 'sub/a');
    git(join(root, 'sub'), 'init', '-q');
    expectLikeGit(root);
    expect(list(root, user)).toEqual(['sub/a', 'sub/b']);
  });

  it('applies the rules above a root that lies below the repository', () => {
    const root = repository('r', {
      '.gitignore': '*.log\nmid/deep/x\nskipped/\n',
      'mid/.gitignore': '!b.log\n/deep/y\n',
      'mid/deep/x': '',
      'mid/deep/y': '',
      'mid/deep/b.log': '',
      'mid/deep/c.log': '',
      'mid/deep/t.log': '',
      'skipped/inner/a': '',
      'skipped/inner/b': '',
    });
    git(root, 'add', '-f', 'mid/deep/t.log', 'skipped/inner/a');
    for (const below of ['mid', 'mid/deep', 'skipped', 'skipped/inner']) expectLikeGit(join(root, below));
    expect(list(join(root, 'mid/deep'), user)).toEqual(['b.log', 't.log']);
    expect(list(join(root, '.git'), user)).toEqual([]);
  });

  it('takes a root that its repository ignores for a folder of its own, where git would list nothing', () => {
    const root = repository('r', {
      '.gitignore': '*\n',
      'work/shop/.gitignore': '*.log\n',
      'work/shop/a': '',
      'work/shop/b.log': '',
    });
    expect(reference(join(root, 'work/shop'), { user })).toEqual([]);
    expect(list(join(root, 'work/shop'), user)).toEqual(['.gitignore', 'a']);
  });

  it('applies ignore files where there is no repository, and enters the repositories below with their own rules', () => {
    const root = join(folder, 'plain');
    write(root, {
      '.gitignore': '*.log\n!k.log\n',
      'a.log': '',
      'k.log': '',
      'd/.gitignore': 'k.log\n',
      'd/k.log': '',
      'd/x': '',
    });
    const bare = join(folder, 'bare.git');
    git(folder, 'init', '-q', '--bare', bare);
    expect(list(root, user)).toEqual(reference(root, { user, args: [`--git-dir=${bare}`, '--work-tree=.'] }));
    const inner = repository('plain/d/repo', { 'z.log': '', 'y.tmp': '', '.gitignore': '*.tmp\n', 't.tmp': '' });
    git(inner, 'add', '-f', 't.tmp');
    repository('plain/d/repo/within', { q: '' });
    const found = list(root, user);
    expect(found.filter((path) => path.startsWith('d/repo/')).map((path) => path.slice(7))).toEqual(
      reference(inner, { user }),
    );
    expect(found).toContain('d/repo/within/');
    expect(found).toContain('d/repo/z.log');
  });

  it('reads an index of version 4, with names that are not ASCII', () => {
    const root = repository('r', { 'é/ü1.log': '', 'é/ü2.log': '', 'é/u.log': '', 'z/日本.log': '', 'no.log': '' });
    git(root, 'add', 'é', 'z');
    git(root, 'update-index', '--index-version', '4');
    write(root, { '.gitignore': '*.log\n' });
    expect(list(root, user)).toHaveLength(5);
    expectLikeGit(root);
  });

  it('follows no symbolic link, be it a loop, a folder or an ignore file', () => {
    const root = repository('r', { 'a/b': '', rules: 'b\n' });
    symlinkSync('..', join(root, 'a/up'));
    symlinkSync('self', join(root, 'self'));
    symlinkSync('rules', join(root, '.gitignore'));
    expect(list(root, user)).toEqual(['.gitignore@', 'a/b', 'a/up@', 'rules', 'self@']);
    expectLikeGit(root);
  });
});

describe('walk, with files .octantignore', () => {
  it('hides what git tracks, by the nearest file and its last rule', () => {
    const root = repository('r', {
      '.octantignore': '*.snap\n/data/\n!/data\n/old\n',
      'a.snap': '',
      'b.ts': '',
      'data/x': '',
      'old/y': '',
      'sub/.octantignore': '!keep.snap\n',
      'sub/keep.snap': '',
      'sub/c.snap': '',
    });
    git(root, 'add', '.');
    expect(list(root, user)).toEqual(['.octantignore', 'b.ts', 'data/x', 'sub/.octantignore', 'sub/keep.snap']);
  });

  it('brings back what git ignores, and nothing below a folder that stays out', () => {
    const root = repository('r', {
      '.gitignore': '*.log\ndist/\nout/\n*.tmp\n',
      '.octantignore': '!*.log\n!dist/\n!out/kept\n*.map\n',
      'a.log': '',
      'b.tmp': '',
      'dist/c.js': '',
      'dist/c.map': '',
      'dist/d.tmp': '',
      'out/kept': '',
      'out/tracked': '',
    });
    git(root, 'add', '-f', 'out/tracked');
    const found = ['.gitignore', '.octantignore', 'a.log', 'dist/c.js', 'out/kept', 'out/tracked'];
    expect(list(root, user)).toEqual(found);
    git(root, 'rm', '-q', '--cached', 'out/tracked');
    expect(list(root, user)).toEqual(found.slice(0, 4));
  });

  it('is read above a root within a repository, and for the repositories below one outside', () => {
    const root = repository('r', {
      '.octantignore': 'x\n/pack/lib/y\n/pack\n',
      'pack/lib/x': '',
      'pack/lib/y': '',
      'pack/lib/z': '',
    });
    expect(list(root, user)).toEqual(['.octantignore']);
    expect(list(join(root, 'pack'), user)).toEqual(['lib/z']);
    expect(list(join(root, 'pack/lib'), user)).toEqual(['z']);
    write(folder, { '.octantignore': 'z\nhome/\n' });
    rmSync(join(root, '.octantignore'));
    expect(list(folder, user)).toEqual(['.octantignore', 'r/pack/lib/x', 'r/pack/lib/y']);
  });
});

describe('walk, on random trees', () => {
  const trees = Number(process.env.OCTANT_WALK_TREES ?? 150);
  const firstSeed = Number(process.env.OCTANT_WALK_SEED ?? 1);

  it(`agrees with git on ${trees} trees with nasty patterns`, { timeout: 60_000 + trees * 200 }, () => {
    const differences: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + trees && differences.length < 5; seed += 1) {
      const root = join(folder, 'random');
      growTree(root, createChoices(seed));
      const [found, expected] = [list(root, user), reference(root, { user })];
      if (found.join('\n') !== expected.join('\n')) differences.push(describeDifference(seed, found, expected));
      for (const below of ['a', 'b/a']) {
        const inside = join(root, below);
        if (!isFolder(inside) || (reference(inside, { user }).length === 0 && isIgnoredByGit(root, below))) continue;
        if (list(inside, user).join('\n') === reference(inside, { user }).join('\n')) continue;
        differences.push(describeDifference(seed, list(inside, user), reference(inside, { user })));
      }
      forgetRepositories(root);
      const [plain, asked] = [list(root, user), referenceOfPlain(root)];
      if (plain.join('\n') !== asked.join('\n')) differences.push(describeDifference(seed, plain, asked));
      renameRules(root);
      const [own, same] = [list(root, user), plain].map((paths) => paths.filter((path) => !/ignore$/.test(path)));
      if (own?.join('\n') !== same?.join('\n')) differences.push(describeDifference(seed, own ?? [], same ?? []));
      rmSync(root, { recursive: true, force: true });
    }
    expect(differences).toEqual([]);
  });
});

describe('walk, within its budget', () => {
  it('does not wait for a FIFO, and lists none', () => {
    const root = repository('r', { 'a/x': '' });
    for (const name of ['.gitignore', 'a/.git', 'a/pipe']) execFileSync('mkfifo', [join(root, name)]);
    expect(list(root, user)).toEqual(['a/x']);
    rmSync(join(root, '.git'), { recursive: true });
    execFileSync('mkfifo', [join(root, '.git')]);
    expect(list(root, user)).toEqual(['a/x']);
  });

  it('ends at the depth of its budget in a tree of 3,000 levels', () => {
    const root = join(folder, 'deep');
    const script =
      'step=$(printf "d/%.0s" {1..500}); mkdir "$0"; cd "$0"; for i in {1..6}; do mkdir -p $step; cd -P $step; done';
    execFileSync('bash', ['-c', script, root]);
    for (let level = 1; level <= 60; level += 1) writeFileSync(join(root, 'd/'.repeat(level), 'f'), '');
    const started = performance.now();
    expect(run(root, { maxDepth: 50 })).toMatchObject({ entries: { length: 50 }, cut: 'depth' });
    expect(run(root, { maxDepth: 10_000 })).toMatchObject({ entries: { length: 60 }, cut: 'depth' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('counts every entry seen, ignored ones included', () => {
    const root = repository('r', { '.gitignore': 'x*\n', a: '', b: '', 'c/d': '', x1: '', x2: '' });
    expect(run(root, { maxEntries: 8 })).toMatchObject({ entries: { length: 4 } });
    expect(run(root, { maxEntries: 8 })).not.toHaveProperty('cut');
    expect(run(root, { maxEntries: 7 })).toMatchObject({ cut: 'entries' });
    expect(run(root, { maxEntries: 3 })).toMatchObject({
      entries: [{ path: '.gitignore' }, { path: 'a' }],
      cut: 'entries',
    });
  });

  it('lists as many entries as the budget has, and no more', () => {
    const root = join(folder, 'flat');
    write(root, Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`f${index}`, ''])));
    expect(run(root, { maxEntries: 1500 })).toMatchObject({ entries: { length: 1500 }, cut: 'entries' });
    expect(run(root, { maxEntries: 2000 })).toMatchObject({ entries: { length: 2000 } });
  });

  it('reads a huge folder piece by piece', () => {
    const root = join(folder, 'huge');
    mkdirSync(root);
    const script = 'cd "$0" && seq -f "a-rather-long-name-of-a-file-%.0f" 1 60000 | xargs touch';
    execFileSync('bash', ['-c', script, root]);
    expect(run(root, { maxEntries: 100 })).toMatchObject({ entries: { length: 100 }, cut: 'entries' });
    expect(run(root, {})).toMatchObject({ entries: { length: 60_000 } });
  });

  it('stops when its time is over or its caller has cancelled', () => {
    const root = repository('r', { a: '' });
    expect(run(root, { deadline: performance.now() - 1 })).toEqual({ entries: [], unreadable: 0, cut: 'time' });
    expect(run(root, { shouldStop: () => true })).toEqual({ entries: [], unreadable: 0, cut: 'cancelled' });
  });

  it('keeps to its deadline under hostile ignore files', () => {
    const files: Record<string, string> = {
      '.gitignore': `${'*a'.repeat(30)}b\n${'**/'.repeat(20)}x${'*a'.repeat(200)}z\n`.repeat(1500),
    };
    let below = '';
    for (let level = 0; level < 12; level += 1) {
      below += `${'a'.repeat(60)}/`;
      for (let index = 0; index < 30; index += 1) files[`${below}${'a'.repeat(200)}${index}`] = '';
      files[`${below}.gitignore`] = `${'*a'.repeat(100)}b${level}\n`.repeat(5000);
    }
    const root = repository('r', files);
    const started = performance.now();
    run(root, { deadline: started + 500 });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('yields nothing for a root that is missing', () => {
    expect(run(join(folder, 'missing'), {})).toEqual({ entries: [], unreadable: 0 });
  });
});

function run(root: string, budget: Partial<WalkBudget>, as = user) {
  const steps = walk(root, { maxDepth: 100, maxEntries: 1e6, deadline: performance.now() + 20_000, ...budget }, as);
  const entries: WalkEntry[] = [];
  let step = steps.next();
  for (; !step.done; step = steps.next()) entries.push(step.value);
  return { entries, ...step.value };
}

/** Repositories with a slash and links with an @ after them; fails when they come out of order. */
function list(root: string, as: UserFolders): string[] {
  const { entries, cut } = run(root, {}, as);
  expect(cut).toBeUndefined();
  const paths = entries.map(({ path }) => path);
  expect(paths).toEqual(paths.toSorted());
  return entries.map(({ path, kind }) => path + { file: '', symlink: '@', repository: '/' }[kind]);
}

function expectLikeGit(root: string): void {
  expect(list(root, user)).toEqual(reference(root, { user }));
}

/** What git lists, less what is not there; in the form of list(). */
function reference(root: string, { user: as, args = [] }: { user: UserFolders; args?: string[] }): string[] {
  const ask = (...more: string[]) =>
    gitAs(as, root, ...args, 'ls-files', '-z', ...more)
      .split('\0')
      .filter(Boolean);
  const isSubmodule = (path: string) => ask('-s', '--', `:(literal)${path}`).some((line) => line.startsWith('160000'));
  const found = new Map<string, string>();
  for (const listed of ask('-co', '--exclude-standard')) {
    const path = listed.endsWith('/') ? listed.slice(0, -1) : listed;
    // a submodule that was never checked out lists itself
    if (path === '.' || !isReached(root, path)) continue;
    const stats = lstatSync(join(root, path));
    if (stats.isFile()) found.set(path, path);
    else if (stats.isSymbolicLink()) found.set(path, `${path}@`);
    else if (listed.endsWith('/') || isSubmodule(path)) found.set(path, `${path}/`);
  }
  return [...found.keys()].sort().map((path) => found.get(path) ?? '');
}

function isReached(root: string, path: string): boolean {
  const above = dirname(path);
  if (!existsSync(join(root, above)) || !statSync(join(root, above)).isDirectory()) return false; // git may know it in another case
  if (lstatSync(join(root, path), { throwIfNoEntry: false }) === undefined) return false;
  return above === '.' || realpathSync(join(root, above)) === join(realpathSync(root), above);
}

function isFolder(path: string): boolean {
  return existsSync(path) && realpathSync(path) === path && lstatSync(path).isDirectory();
}

function repository(name: string, files: Record<string, string>): string {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  git(root, 'init', '-q');
  write(root, files);
  return root;
}

function write(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function isIgnoredByGit(root: string, path: string): boolean {
  try {
    git(root, 'check-ignore', '-q', path);
    return true;
  } catch {
    return false;
  }
}

function commit(root: string): void {
  git(root, 'add', '.');
  git(root, '-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '-m', 'x');
}

function git(root: string, ...args: string[]): string {
  return gitAs(user, root, ...args);
}

function gitAs(as: UserFolders, root: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: as.home, XDG_CONFIG_HOME: as.configHome };
  return execFileSync('git', args, {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 1e9,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

interface Random {
  below(limit: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
  isLucky(chance: number): boolean;
}

function createChoices(seed: number): Random {
  const next = createRandom(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, isLucky: (chance) => next() < chance, pick: (values) => values[below(values.length)] ?? values[0] };
}

const names = [
  'a',
  'b',
  'c',
  'ab',
  'abc',
  'A',
  'a.b',
  '.a',
  'a b',
  ' a',
  'a ',
  'b!',
  '!b',
  '#c',
  'a*',
  '[a]',
  'a\\',
  'é',
  '日',
  'b-a',
  'b.a',
  '-',
  ']',
  'foo',
  'foo.o',
  '^',
  'a\tb',
  '😀',
] as const;
const pieces = [
  'a',
  'b',
  'c',
  'A',
  'foo',
  '.',
  '*',
  '**',
  '?',
  '/',
  '/',
  '/**/',
  '**/',
  '/**',
  '***',
  '[a-c]',
  '[!a]',
  '[^b]',
  '[]a]',
  '[a',
  '[[:alpha:]]',
  '[[:upper:]b]',
  '[[:x:]]',
  '[[:',
  '[a-]',
  '[--0]',
  '[\\]a]',
  '[c-a]',
  '[a-\\c]',
  '[!',
  '\\a',
  '\\*',
  '\\',
  '\\ ',
  ' ',
  '!',
  '#',
  'é',
  '[é]',
  '\r',
  '\t',
  '\\/',
  '[/]',
  '*.',
  '.o',
  '*/',
  '[A-Z]',
  '[[:space:]]',
  '[[:punct:]]',
  '日',
  '\\\\',
  '-',
  ']',
  '^',
] as const;

function growTree(root: string, random: Random): void {
  mkdirSync(root);
  gitAs(user, root, 'init', '-q', '--template=');
  if (random.isLucky(0.2)) gitAs(user, root, 'config', 'core.ignoreCase', 'true');
  fill(root, '', random, 0);
  if (random.isLucky(0.3)) writeRules(root, '.git/info', 'exclude', random);
  if (random.isLucky(0.3)) {
    writeRules(root, '..', 'mine', random);
    gitAs(user, root, 'config', 'core.excludesFile', join(folder, 'mine'));
  }
  if (random.isLucky(0.5)) track(root, random);
  if (random.isLucky(0.2)) addSubmodules(root, random);
}

function fill(root: string, below: string, random: Random, depth: number): void {
  mkdirSync(join(root, below), { recursive: true });
  if (random.isLucky(depth === 0 ? 1 : 0.3)) writeRules(root, below, '.gitignore', random);
  for (let count = random.below(7); count >= 0; count -= 1) {
    const path = join(root, below, random.pick(names));
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    if (depth < 4 && random.isLucky(0.5))
      fill(root, join(below, path.slice(path.lastIndexOf('/') + 1)), random, depth + 1);
    else if (random.isLucky(0.1)) symlinkSync(random.pick(['.', 'a', 'missing']), path);
    else writeFileSync(path, '');
  }
  if (depth > 0 && random.isLucky(0.04)) gitAs(user, join(root, below), 'init', '-q', '--template=');
}

function writeRules(root: string, below: string, name: string, random: Random): void {
  mkdirSync(join(root, below), { recursive: true });
  let text = random.isLucky(0.05) ? '\uFEFF' : '';
  for (let count = random.below(6); count >= 0; count -= 1)
    text += createRule(random) + random.pick(['\n', '\n', '\n', '\r\n', ' \n']);
  writeFileSync(join(root, below, name), random.isLucky(0.2) ? text.trimEnd() : text);
}

function createRule(random: Random): string {
  let rule = random.pick(['', '', '', '!', '/', '!/']);
  if (random.isLucky(0.4)) return rule + random.pick(names) + random.pick(['', '', '/', '/*', '/**', '*']);
  for (let count = random.below(5); count >= 0; count -= 1) rule += random.pick(pieces);
  return rule;
}

function track(root: string, random: Random): void {
  const all = gitAs(user, root, 'ls-files', '-oz')
    .split('\0')
    .filter((path) => path !== '' && !path.endsWith('/'));
  const chosen = all.filter(() => random.isLucky(0.3));
  if (chosen.length > 0)
    gitAs(user, root, '--literal-pathspecs', '-c', 'core.ignoreCase=false', 'add', '-f', '--', ...chosen);
  if (random.isLucky(0.3))
    gitAs(user, root, 'update-index', '--force-write-index', '--index-version', random.pick(['2', '4']));
  for (const path of chosen) if (random.isLucky(0.1)) rmSync(join(root, path));
}

/**
 * Of any folders, some of which are repositories; git refuses those that hold tracked files. Where case is ignored and a
 * neighbour differs in case alone, git 2.39 both lists a submodule and enters it, which is not copied.
 */
function addSubmodules(root: string, random: Random): void {
  const all = findNamed(root, '*', '-not', '-path', '*/.git*').map((path) => relative(root, path));
  const isAlone = (path: string) => !all.some((other) => other !== path && other.toLowerCase() === path.toLowerCase());
  for (const path of all.filter((each) => isFolder(join(root, each))).sort()) {
    if (path === '' || !random.isLucky(0.2) || !isAlone(path)) continue;
    try {
      gitAs(user, root, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},${path}`);
    } catch {}
  }
}

/** What git lists where the work tree is no repository itself. */
function referenceOfPlain(root: string): string[] {
  const bare = join(folder, 'bare.git');
  if (!existsSync(bare)) git(folder, 'init', '-q', '--bare', '--template=', bare);
  return reference(root, { user, args: [`--git-dir=${bare}`, '--work-tree=.'] });
}

function forgetRepositories(root: string): void {
  for (const path of findNamed(root, '.git')) rmSync(path, { recursive: true });
}

/** Octant's own ignore files have the grammar of git's. */
function renameRules(root: string): void {
  for (const path of findNamed(root, '.gitignore', '-type', 'f')) renameSync(path, join(dirname(path), ownIgnoreFile));
}

/** The deepest first. */
function findNamed(root: string, name: string, ...tests: string[]): string[] {
  const found = execFileSync('find', [root, '-depth', '-name', name, ...tests, '-print0'], { encoding: 'utf8' });
  return found.split('\0').slice(0, -1);
}

function describeDifference(seed: number, found: string[], expected: string[]): string {
  const missing = expected.filter((path) => !found.includes(path));
  const extra = found.filter((path) => !expected.includes(path));
  return `OCTANT_WALK_SEED=${seed} OCTANT_WALK_TREES=1: missing ${JSON.stringify(missing)}, extra ${JSON.stringify(extra)}${readRules(join(folder, 'random'), found)}`;
}

function readRules(root: string, found: string[]): string {
  const files = ['.gitignore', '.git/info/exclude', ...found.filter((path) => path.endsWith('/.gitignore'))];
  return files
    .filter((path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isFile())
    .map((path) => `; ${path} ${JSON.stringify(readFileSync(join(root, path), 'utf8'))}`)
    .join('');
}
