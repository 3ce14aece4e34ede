import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { diffText } from '../../src/packing/diff-text.ts';
import { createJobControl } from '../../src/projects/job-control.ts';
import { workTreeChanges } from '../../src/projects/work-tree.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

function git(cwd: string, ...args: string[]): string {
  const options = { cwd, env: cleanEnvironment(), encoding: 'utf8' } as const;
  return execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@b', ...args], options);
}

function changesOf(folder: string, budgetMs = 20_000) {
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  const control = createJobControl({ budgetMs, stopFlag, report() {} });
  return workTreeChanges({ folder, refuseHardLinks: false }, control);
}

function listOf(folder: string) {
  return changesOf(folder)?.changes.map(({ path, kind, note }) => [kind, path, note].filter(Boolean).join(' '));
}

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`).join('');

function start(): string {
  const folder = tempProject({
    'same.ts': 'same\n',
    'src/changed.ts': lines(40),
    'src/staged.ts': 'one\ntwo\n',
    'src/end.ts': 'no line end',
    'removed.ts': 'gone\n',
    'logo.png': Buffer.from([1, 0, 2]),
    '.env': 'TOKEN=abc\n',
    'crlf.txt': 'a\nb\n',
    '.gitignore': 'ignored/\n',
  });
  symlinkSync('same.ts', join(folder, 'link.ts'));
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '-A', '-f');
  git(folder, 'commit', '-q', '-m', 'Begin');
  return folder;
}

function change(folder: string) {
  writeFiles(folder, {
    'src/changed.ts': lines(40).replace('line 3\n', 'line three\n').replace('line 30\n', ''),
    'src/staged.ts': 'one\n2\n',
    'src/end.ts': 'no line end, still',
    'new folder/new.ts': 'new\n',
    'logo.png': Buffer.from([1, 0, 3]),
    '.env': 'TOKEN=abcd\n',
    'crlf.txt': 'a\r\nb\r\n',
    'ignored/x.ts': 'x',
  });
  git(folder, 'add', 'src/staged.ts');
  rmSync(join(folder, 'removed.ts'));
}

describe('The changes of a work tree', () => {
  it('are those that git sees, staged or not, with the files that it does not track', () => {
    const folder = start();
    expect(listOf(folder)).toEqual([]);
    change(folder);
    expect(listOf(folder)).toEqual([
      'changed .env secret',
      'changed logo.png binary',
      'removed removed.ts',
      'changed src/changed.ts',
      'changed src/end.ts',
      'changed src/staged.ts',
      'added new folder/new.ts',
    ]);
  });

  it('make a diff that git can take back, from packed objects too', () => {
    const folder = start();
    git(folder, 'gc', '-q');
    change(folder);
    const changes = changesOf(folder);
    const text = diffText(changes ?? { changes: [] });
    expect(text).not.toContain('abcd');
    expect(text).toContain('# Changed: .env may hold credentials and is not shown.');
    writeFileSync(join(folder, 'ignored/patch'), text);
    git(folder, 'apply', '-R', 'ignored/patch');
    expect(git(folder, 'diff', 'HEAD', '--name-only')).toBe('.env\ncrlf.txt\nlogo.png\n');
  });

  it('keep to a project that is a folder of the repository', () => {
    const folder = start();
    change(folder);
    expect(listOf(join(folder, 'src'))).toEqual(['changed changed.ts', 'changed end.ts', 'changed staged.ts']);
  });

  it('are seen where a file of the same size was written a moment ago', () => {
    const folder = start();
    writeFileSync(join(folder, 'same.ts'), 'SAME\n');
    expect(listOf(folder)).toEqual(['changed same.ts']);
    const { mtimeMs } = statSync(join(folder, 'src/staged.ts')); // in the same second as git looked at it, and long ago
    writeFileSync(join(folder, 'src/staged.ts'), 'one\nTWO\n');
    for (const [path, at] of [
      ['same.ts', 0],
      ['src/staged.ts', mtimeMs - (mtimeMs % 1000) + ((mtimeMs + 1) % 1000)],
    ] as const) {
      utimesSync(join(folder, path), at / 1000, at / 1000);
    }
    vi.setSystemTime(Date.now() + 60_000);
    expect(listOf(folder)).toEqual(['changed same.ts', 'changed src/staged.ts']);
    vi.useRealTimers();
  });

  it('are unknown without a repository of its own, or without a commit', () => {
    const folder = tempProject({ 'a.ts': 'a' });
    expect(changesOf(folder)).toBeUndefined();
    git(folder, 'init', '-q');
    expect(changesOf(folder)).toBeUndefined();
    const victim = start();
    const thief = tempProject({ '.git': `gitdir: ${victim}/.git\n` });
    expect(changesOf(thief)).toBeUndefined();
  });

  it('leave submodules and links alone, and say where they are not all', () => {
    const inner = start();
    const folder = start();
    git(folder, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'inner');
    git(folder, 'commit', '-q', '-m', 'Add inner');
    mkdirSync(join(folder, 'many'));
    expect(listOf(folder)).toEqual([]);
    for (let at = 0; at < 2100; at++) writeFileSync(join(folder, 'many', `${at}.txt`), '');
    expect(changesOf(folder)).toMatchObject({ cut: 'count' });
    expect(changesOf(folder, 0)).toMatchObject({ cut: 'time' });
  });
});
