import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitIndex, parseGitIndex, readGitIndex } from '../../src/projects/git-index.ts';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'octant-index-'));
  file = join(folder, '.git/index');
  git('init', '-q');
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  for (const path of ['top', 'a/one', 'a/b/twö', 'a/b/twø', 'a/b/日本', `a/${'long'.repeat(60)}`])
    writeFileSync(join(folder, path), path);
  git('add', '.');
  git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},libs/sub`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('readGitIndex', () => {
  it.each(['2', '3', '4'])('reads version %s as git wrote it', (version) => {
    if (version === '3') git('add', '-N', intentToAdd());
    git('update-index', '--force-write-index', '--index-version', version === '3' ? '2' : version);
    expect(readFileSync(file).readUInt32BE(4)).toBe(Number(version));
    expect(all(readGitIndex(file))).toEqual(git('ls-files', '-z').split('\0').filter(Boolean).toSorted());
    git('update-index', '--force-remove', 'later');
  });

  it('knows folders and submodules as such', () => {
    const index = readGitIndex(file);
    expect(index?.list().directories).toEqual(new Set(['a', 'a/b', 'libs']));
    expect(['', 'a/', 'a/b/', 'libs/', 'a/b', 'top/', 'libs/sub/', 'b/'].map((each) => index?.hasFolder(each))).toEqual(
      [...[true, true, true, true], ...[true, false, false, false]],
    );
    expect(index?.namesIn('')).toEqual({ files: new Set(['top']), directories: new Set(['a', 'libs']) });
    expect(index?.namesIn('a/').directories).toEqual(new Set(['b']));
    expect(index?.namesIn('a/b/').files).toEqual(new Set(['twö', 'twø', '日本']));
    expect(index?.namesIn('libs/')).toEqual({ files: new Set(), directories: new Set() });
    expect(index?.namesIn('none/')).toEqual({ files: new Set(), directories: new Set() });
    expect(index?.repositories).toEqual(new Set(['libs/sub']));
    expect(index?.list().files).not.toContain('libs/sub');
  });

  it('lists a path in conflict once', () => {
    const blob = git('hash-object', '-w', 'top').trim();
    const lines = [1, 2, 3].map((stage) => `100644 ${blob} ${stage}\tclash`).join('\n');
    execFileSync('git', ['update-index', '--index-info'], { cwd: folder, input: `${lines}\n` });
    expect(readGitIndex(file)?.list().files).toContain('clash');
    expect(readGitIndex(file)?.namesIn('').files).toContain('clash');
    git('rm', '-q', '--cached', 'clash');
  });

  it('reads a repository of SHA-256 objects', () => {
    const other = mkdtempSync(join(tmpdir(), 'octant-index-'));
    execFileSync('git', ['init', '-q', '--object-format=sha256'], { cwd: other });
    writeFileSync(join(other, 'x'), '');
    execFileSync('git', ['add', 'x'], { cwd: other });
    expect(all(readGitIndex(join(other, '.git/index'), 32))).toEqual(['x']);
    rmSync(other, { recursive: true });
  });

  it('gives nothing for a split, missing or foreign file', () => {
    git('update-index', '--split-index');
    expect(readGitIndex(file)).toBeUndefined();
    git('update-index', '--no-split-index');
    expect(readGitIndex(file)).toBeDefined();
    expect(readGitIndex(join(folder, 'missing'))).toBeUndefined();
    expect(readGitIndex(folder)).toBeUndefined();
    expect(readGitIndex(join(folder, 'top'))).toBeUndefined();
  });

  it.each(['2', '4'])('never throws on damage to version %s', (version) => {
    git('update-index', '--force-write-index', '--index-version', version);
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length += 1) parseGitIndex(whole.subarray(0, length));
    for (let at = 0; at < whole.length; at += 1) {
      for (const value of [0, 127, 128, 255]) {
        const damaged = Buffer.from(whole);
        damaged[at] = value;
        parseGitIndex(damaged);
      }
    }
  });

  it('refuses paths that unfold without end', () => {
    const entry = Buffer.alloc(65);
    entry[63] = 'x'.charCodeAt(0);
    const head = Buffer.from('DIRC\0\0\0\x04\0\x0f\0\0', 'latin1');
    const started = performance.now();
    const bomb = Buffer.concat([head, ...Array.from({ length: 983_040 }, () => entry), Buffer.alloc(20)]);
    expect(parseGitIndex(bomb)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

/** Only an extended entry makes git write version 3. */
function intentToAdd(): string {
  writeFileSync(join(folder, 'later'), '');
  return 'later';
}

function all(index: GitIndex | undefined): string[] {
  return [...(index?.list().files ?? []), ...(index?.repositories ?? [])].sort();
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}
