import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Commit, recentCommits } from '../../src/projects/git-log.ts';

const start = 1_700_000_000;

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'octant-git-log-'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function git(folder: string, args: string[], env: Record<string, string> = {}, input = ''): string {
  const clean = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', ...env };
  const output = execFileSync('git', args, { cwd: folder, env: clean, input, maxBuffer: 1 << 28, stdio: 'pipe' });
  return output.toString().trim();
}

function createRepository(name: string, ...args: string[]): string {
  const folder = join(root, name);
  git(root, ['init', '-q', '-b', 'main', ...args, folder]);
  return folder;
}

/** A commit at start plus `minutes`, by an author whose zone and words vary with it. */
function commit(folder: string, minutes: number, message = `change ${minutes}`, ...args: string[]): void {
  const zone = ['+0000', '-0330', '+0545', '+1400'][minutes % 4] ?? '+0000';
  const env = {
    GIT_AUTHOR_NAME: minutes % 3 === 0 ? 'Zoë  O’Neil' : 'Ada Lovelace',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_AUTHOR_DATE: `${start + minutes * 60 - 7200} ${zone}`,
    GIT_COMMITTER_NAME: 'Bot',
    GIT_COMMITTER_EMAIL: 'bot@example.org',
    GIT_COMMITTER_DATE: `${start + minutes * 60} +0000`,
  };
  git(folder, ['commit', '-q', '--allow-empty', '--allow-empty-message', '-m', message, ...args], env);
}

function commitMany(folder: string, count: number): void {
  for (let minutes = 0; minutes < count; minutes++) {
    commit(folder, minutes, `change ${minutes}: ${'the same long body makes good deltas. '.repeat(8)}`);
  }
}

/** What git itself says, with Z spelled as older versions spell it. */
function gitLog(folder: string, limit = 10_000): Commit[] {
  const output = git(folder, ['log', `-${limit}`, '--format=%H%x00%an%x00%aI%x00%s%x01']);
  const records = output.split('\x01').map((record) => record.trim().split('\0'));
  return records.slice(0, -1).map(([id = '', author = '', date = '', subject = '']) => ({
    id,
    author,
    date: date.replace('Z', '+00:00'),
    subject: subject.slice(0, 1000).trim(),
  }));
}

function foldersOf(folder: string) {
  const path = (flag: string) => git(folder, ['rev-parse', '--path-format=absolute', flag]);
  return { gitDir: path('--git-dir'), commonDir: path('--git-common-dir') };
}

function looseObject(folder: string, id: string): string {
  return join(folder, '.git', 'objects', id.slice(0, 2), id.slice(2));
}

/** Stores a commit that git would refuse to write, and points main at it. */
function writeCommit(folder: string, content: string | Buffer): string {
  const file = join(folder, 'object');
  writeFileSync(file, content);
  const id = git(folder, ['hash-object', '-t', 'commit', '--literally', '-w', file]);
  writeFileSync(join(folder, '.git', 'refs', 'heads', 'main'), `${id}\n`);
  return id;
}

function packEntryTypes(folder: string): string {
  const pack = readdirSync(join(folder, '.git', 'objects', 'pack')).find((name) => name.endsWith('.pack')) ?? '';
  return git(folder, ['verify-pack', '-v', join(folder, '.git', 'objects', 'pack', pack)]);
}

describe('the history is the one that git log prints', () => {
  test('from loose objects', () => {
    const folder = createRepository('loose');
    commitMany(folder, 12);
    expect(gitLog(folder)).toHaveLength(12);
    expect(recentCommits(foldersOf(folder), 100)).toEqual(gitLog(folder));
    expect(recentCommits(foldersOf(folder), 5)).toEqual(gitLog(folder, 5));
    expect(recentCommits(foldersOf(folder), 0)).toEqual([]);
  });

  test.each(['true', 'false'])('from packed deltas, by offset: %s', (byOffset) => {
    const folder = createRepository(`packed-${byOffset}`);
    commitMany(folder, 40);
    git(folder, ['-c', `repack.useDeltaBaseOffset=${byOffset}`, 'gc', '-q', '--aggressive', '--prune=now']);
    expect(packEntryTypes(folder)).toMatch(/commit \d+ \d+ \d+ [2-9] [0-9a-f]{40}/);
    expect(existsSync(join(folder, '.git', 'refs', 'heads', 'main'))).toBe(false);
    expect(recentCommits(foldersOf(folder), 100)).toEqual(gitLog(folder));
  });

  test('from several packs and loose objects together', () => {
    const folder = createRepository('mixed');
    for (const part of [0, 1, 2]) {
      for (let minutes = part * 5; minutes < part * 5 + 5; minutes++) commit(folder, minutes);
      if (part < 2) git(folder, ['repack', '-q', '-d']);
    }
    expect(recentCommits(foldersOf(folder), 100)).toEqual(gitLog(folder));
  });

  test('with merges, an octopus, equal dates and two roots', () => {
    const folder = createRepository('merges');
    commit(folder, 0);
    for (const branch of ['a', 'b', 'c']) {
      git(folder, ['checkout', '-q', '-b', branch, 'main']);
      for (const minutes of [3, 3, 5, 4]) commit(folder, minutes, `${branch} ${minutes}`);
    }
    git(folder, ['checkout', '-q', '--orphan', 'other']);
    commit(folder, 4, 'another root');
    git(folder, ['checkout', '-q', 'main']);
    commit(folder, 2);
    const merge = { GIT_COMMITTER_DATE: `${start + 3600} +0000`, GIT_AUTHOR_DATE: `${start + 3600} +0000` };
    const user = ['-c', 'user.name=M', '-c', 'user.email=m@example.org'];
    git(folder, [...user, 'merge', '-q', '--no-ff', '-m', 'octopus', 'a', 'b', 'c'], merge);
    git(folder, [...user, 'merge', '-q', '--no-ff', '--allow-unrelated-histories', '-m', 'roots', 'other'], merge);
    const expected = gitLog(folder);
    expect(expected).toHaveLength(17);
    for (const limit of [3, 7, 100]) expect(recentCommits(foldersOf(folder), limit)).toEqual(expected.slice(0, limit));
  });

  test('with a detached HEAD, a nested branch name, and a linked worktree', () => {
    const folder = createRepository('heads');
    commitMany(folder, 4);
    git(folder, ['checkout', '-q', '--detach', 'HEAD~2']);
    expect(recentCommits(foldersOf(folder), 100)).toEqual(gitLog(folder));
    git(folder, ['worktree', 'add', '-q', '-b', 'topic/deep', '../heads-worktree', 'main']);
    const worktree = join(root, 'heads-worktree');
    commit(worktree, 9, 'only in the worktree');
    expect(recentCommits(foldersOf(worktree), 100)).toEqual(gitLog(worktree));
    git(folder, ['pack-refs', '--all']);
    expect(recentCommits(foldersOf(worktree), 100)).toEqual(gitLog(worktree));
    expect(gitLog(worktree)).not.toEqual(gitLog(folder));
  });

  test('with objects in alternates of alternates', () => {
    const folder = createRepository('lender');
    commitMany(folder, 3);
    git(root, ['clone', '-q', '--shared', folder, 'borrower']);
    git(root, ['clone', '-q', '--shared', join(root, 'borrower'), 'borrower-2']);
    const borrower = join(root, 'borrower-2');
    commit(borrower, 8);
    expect(recentCommits(foldersOf(borrower), 100)).toEqual(gitLog(borrower));
    expect(gitLog(borrower)).toHaveLength(4);
  });

  test('with unusual messages and other encodings', () => {
    const folder = createRepository('messages');
    const messages = [
      '',
      'two\nlines\n\nbody',
      'ünï → 漢字',
      'tab\tand trailing   \n  \nbody',
      `long ${'x'.repeat(3000)}`,
    ];
    messages.forEach((message, index) => void commit(folder, index, message, '--cleanup=verbatim'));
    const tree = git(folder, ['rev-parse', 'HEAD^{tree}']);
    const parent = git(folder, ['rev-parse', 'HEAD']);
    const people = `author J\xf6rg <j@x> ${start} +0200\ncommitter J <j@x> ${start + 900} +0200`;
    const text = `tree ${tree}\nparent ${parent}\n${people}\nencoding ISO-8859-1\n\nStra\xdfe\n`;
    writeCommit(folder, Buffer.from(text, 'latin1'));
    expect(recentCommits(foldersOf(folder), 100)).toEqual(gitLog(folder));
    expect(recentCommits(foldersOf(folder), 1)).toMatchObject([{ author: 'Jörg', subject: 'Straße' }]);
  });

  test('up to a shallow boundary', () => {
    const folder = createRepository('deep');
    commitMany(folder, 9);
    git(root, ['clone', '-q', '--depth', '3', `file://${folder}`, 'shallow']);
    const shallow = join(root, 'shallow');
    expect(recentCommits(foldersOf(shallow), 100)).toEqual(gitLog(shallow));
    expect(gitLog(shallow)).toHaveLength(3);
  });

  test('in the repository of this project', () => {
    const folder = join(import.meta.dirname, '..', '..');
    const hasCommits = existsSync(join(folder, '.git')) && git(folder, ['rev-list', '-1', '--all']) !== '';
    if (!hasCommits) return;
    expect(recentCommits(foldersOf(folder), 300)).toEqual(gitLog(folder, 300));
  });
});

describe('what cannot be read is left out, and nothing throws', () => {
  const at = (folder: string) => ({ gitDir: join(folder, '.git'), commonDir: join(folder, '.git') });

  test('an empty, missing, sha256 or reftable-like repository has no commits', () => {
    expect(recentCommits(at(createRepository('empty')), 10)).toEqual([]);
    expect(recentCommits(at(join(root, 'missing')), 10)).toEqual([]);
    const sha256 = createRepository('sha256', '--object-format=sha256');
    commit(sha256, 1);
    expect(recentCommits(at(sha256), 10)).toEqual([]);
    for (const head of ['ref: refs/heads/.invalid', 'ref: ../../outside', 'ref: refs/../HEAD', 'ref: HEAD', '', '\0']) {
      writeFileSync(join(sha256, '.git', 'HEAD'), head);
      expect(recentCommits(at(sha256), 10)).toEqual([]);
    }
  });

  test('symbolic refs that form a circle end', () => {
    const folder = createRepository('circle');
    writeFileSync(join(folder, '.git', 'refs', 'heads', 'main'), 'ref: refs/heads/main\n');
    expect(recentCommits(at(folder), 10)).toEqual([]);
  });

  test.each(['truncated', 'not zlib', 'another commit', 'missing', 'FIFO'])(
    'a commit that is %s ends its line',
    (damage) => {
      const folder = createRepository(`damage-${damage.replace(' ', '-')}`);
      commitMany(folder, 5);
      const log = gitLog(folder);
      const file = looseObject(folder, log[2]?.id ?? '');
      const other = deflateSync('commit 4\0tree');
      rmSync(file);
      if (damage === 'FIFO') execFileSync('mkfifo', [file]);
      else if (damage !== 'missing')
        writeFileSync(file, damage === 'not zlib' ? 'nonsense' : other.subarray(0, damage === 'truncated' ? 6 : 99));
      expect(recentCommits(at(folder), 10)).toEqual(log.slice(0, 2));
    },
  );

  test('a corrupt pack gives fewer commits or none, at whatever byte it is corrupt', () => {
    const folder = createRepository('corrupt-pack');
    commitMany(folder, 20);
    git(folder, ['gc', '-q', '--aggressive', '--prune=now']);
    const log = gitLog(folder);
    const packFolder = join(folder, '.git', 'objects', 'pack');
    for (const name of readdirSync(packFolder).filter((file) => /\.(idx|pack)$/.test(file))) {
      const file = join(packFolder, name);
      const sound = readFileSync(file);
      chmodSync(file, 0o644);
      for (let byte = 0; byte < sound.length; byte += 7) {
        const corrupt = Buffer.from(sound);
        corrupt[byte] = 255 - (corrupt[byte] ?? 0);
        writeFileSync(file, byte % 2 === 0 ? corrupt : sound.subarray(0, byte));
        const commits = recentCommits(at(folder), 100);
        expect(commits).toEqual(log.slice(0, commits.length));
      }
      writeFileSync(file, sound);
    }
    expect(recentCommits(at(folder), 100)).toEqual(log);
  });

  test('a FIFO or a folder as HEAD, ref or pack cannot hang it', () => {
    const folder = createRepository('fifo');
    const head = join(folder, '.git', 'HEAD');
    execFileSync('mkfifo', [join(folder, '.git', 'refs', 'heads', 'main'), join(folder, '.git', 'packed-refs')]);
    execFileSync('mkfifo', [join(folder, '.git', 'objects', 'pack', 'pack-1.idx')]);
    expect(recentCommits(at(folder), 10)).toEqual([]);
    writeFileSync(head, `${'a'.repeat(40)}\n`);
    expect(recentCommits(at(folder), 10)).toEqual([]);
    rmSync(head);
    execFileSync('mkfifo', [head]);
    expect(recentCommits(at(folder), 10)).toEqual([]);
    rmSync(head);
    mkdirSync(head);
    expect(recentCommits(at(folder), 10)).toEqual([]);
  });

  test('a zlib bomb is not inflated past the cap', () => {
    const folder = createRepository('bomb');
    writeFileSync(join(folder, '.git', 'refs', 'heads', 'main'), 'b'.repeat(40));
    mkdirSync(join(folder, '.git', 'objects', 'bb'));
    const size = 200 * 1024 * 1024;
    writeFileSync(join(folder, '.git', 'objects', 'bb', 'b'.repeat(38)), deflateSync(Buffer.alloc(size)));
    const before = process.memoryUsage().rss;
    const start = performance.now();
    expect(recentCommits(at(folder), 10)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('a delta that is its own base ends', () => {
    const folder = createRepository('own-base');
    const id = Buffer.alloc(20, 0xcc);
    writeFileSync(join(folder, '.git', 'refs', 'heads', 'main'), id.toString('hex'));
    const pack = join(folder, '.git', 'objects', 'pack', 'pack-1');
    const fanout = Buffer.alloc(1024);
    for (let byte = 0xcc; byte < 256; byte++) fanout.writeUInt32BE(1, byte * 4);
    const start = Buffer.from('ff744f6300000002', 'hex');
    writeFileSync(`${pack}.idx`, Buffer.concat([start, fanout, id, Buffer.from([0, 0, 0, 0, 0, 0, 0, 12])]));
    const refDelta = Buffer.concat([Buffer.from([0x7a]), id, deflateSync('ten bytes.')]);
    writeFileSync(`${pack}.pack`, Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0\x01'), refDelta]));
    expect(recentCommits(at(folder), 10)).toEqual([]);
  });

  test('a commit with broken people, dates and parents is read as far as it goes', () => {
    const folder = createRepository('broken-header');
    const id = writeCommit(
      folder,
      'tree x\nparent nonsense\nauthor nobody\ncommitter <> 99999999999999999 +zz\n\nsubject',
    );
    const date = '1970-01-01T00:00:00+00:00';
    expect(recentCommits(at(folder), 10)).toEqual([{ id, author: 'nobody', date, subject: 'subject' }]);
  });

  test('no descriptor stays open', () => {
    const folder = createRepository('descriptors');
    commitMany(folder, 3);
    git(folder, ['gc', '-q']);
    const count = () => readdirSync('/proc/self/fd').length;
    const before = existsSync('/proc/self/fd') ? count() : 0;
    for (let round = 0; round < 20; round++) recentCommits(at(folder), 10);
    if (before > 0) expect(count()).toBeLessThan(before + 10);
  });
});
