import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHistoryReader } from '../../src/projects/git-history.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

function git(cwd: string, ...args: string[]) {
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@b', ...args], { cwd, env: cleanEnvironment() });
}

function commit(folder: string, message: string, files: Record<string, string> = {}) {
  writeFiles(folder, files);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', message);
}

function read(folder: string, known: string[] = [], moves = new Map<string, string>()) {
  const reader = createHistoryReader(folder);
  const head = reader.head();
  const commits = head === undefined ? [] : [...reader.read(head, new Set(known), moves)];
  return commits.filter((each) => each !== undefined);
}

function start(files: Record<string, string>): string {
  const folder = tempProject(files);
  git(folder, 'init', '-q', '-b', 'main');
  commit(folder, 'Begin\n\nWith a reason.');
  return folder;
}

it('tells which files each commit changed, the newest first', () => {
  const folder = start({ 'a.ts': '1', 'src/b.ts': '2' });
  commit(folder, 'Change b', { 'src/b.ts': '3' });
  git(folder, 'gc', '-q'); // from here on, packed and loose objects
  commit(folder, 'Add c', { 'src/deep/c.ts': '4' });
  expect(read(folder).map(({ subject, files }) => [subject, files])).toEqual([
    ['Add c', ['src/deep/c.ts']],
    ['Change b', ['src/b.ts']],
    ['Begin', ['a.ts', 'src/b.ts']],
  ]);
  expect(read(folder)[2]?.message).toContain('With a reason.');
});

it('follows files that move, by content or by name and folder', () => {
  const folder = start({ 'old/cart.ts': 'cart', 'old/api/tax.ts': 'tax', 'gone.ts': 'gone' });
  mkdirSync(join(folder, 'new'));
  renameSync(join(folder, 'old/cart.ts'), join(folder, 'new/basket.ts'));
  renameSync(join(folder, 'old/api'), join(folder, 'new/api'));
  renameSync(join(folder, 'gone.ts'), join(folder, 'other.ts'));
  const [known = ''] = read(folder).map(({ id }) => id);
  commit(folder, 'Move', { 'new/api/tax.ts': 'another tax', 'other.ts': 'rewritten' });
  expect(read(folder).at(-1)?.files.toSorted()).toEqual(['gone.ts', 'new/api/tax.ts', 'new/basket.ts']);

  const moves = new Map<string, string>();
  expect(read(folder, [known], moves).map(({ subject }) => subject)).toEqual(['Move']);
  expect(Object.fromEntries(moves)).toEqual({ 'old/cart.ts': 'new/basket.ts', 'old/api/tax.ts': 'new/api/tax.ts' });
});

it('gives a project within a repository what concerns it, and leaves merges and wide commits out', () => {
  const folder = start({ 'app/a.ts': '1', 'lib/b.ts': '2' });
  git(folder, 'checkout', '-q', '-b', 'side');
  commit(folder, 'Aside', { 'app/side.ts': '' });
  git(folder, 'checkout', '-q', 'main');
  commit(folder, 'Elsewhere', { 'lib/b.ts': '3' });
  git(folder, 'merge', '-q', '--no-edit', 'side');
  commit(folder, 'Wide', Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`app/many/${at}.ts`, `${at}`])));
  const commits = read(join(folder, 'app')).map(({ subject, files }) => [subject, files]);
  expect(commits.toSorted()).toEqual([
    ['Aside', ['side.ts']],
    ['Begin', ['a.ts']],
  ]);
});

it('is empty without a repository', () => {
  expect(read(tempProject({ 'a.ts': '' }))).toEqual([]);
});
