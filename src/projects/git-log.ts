import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { readRegularFile } from './git-file.ts';
import { type GitObjects, openObjects } from './git-objects.ts';
import { isInside } from './paths.ts';

export interface Commit {
  /** Full hex. */
  id: string;
  /** The author's name as the commit has it, at most 200 characters. */
  author: string;
  /** When it was authored: ISO 8601 with the author's offset, `2026-08-01T09:30:00+02:00`. */
  date: string;
  /** The first paragraph of the message on one line, at most 1,000 characters. */
  subject: string;
}

/** Where a repository lies: `gitDir` has HEAD, `commonDir` the objects. They differ in a linked worktree. */
export interface GitFolders {
  gitDir: string;
  commonDir: string;
}

export interface DatedCommit extends Commit {
  parents: string[];
  /** The id of its root folder. */
  tree: string;
  /** All of the message, at most 8,192 bytes of it. */
  message: string;
  /** Seconds since 1970, by the committer's clock. */
  committed: number;
}

const objectId = /^[0-9a-f]{40}(?=\s|$)/;
const refFileCap = 4096;
const packedRefsCap = 64 * 1024 * 1024;
const shallowCap = 4 * 1024 * 1024;
const symbolicRefCap = 5;
const parentCap = 100;

/**
 * The newest commits of HEAD, in the order of a plain `git log`, read from the files of a SHA-1 repository without git.
 * Never throws: commits that cannot be read, and those reachable only through them, are left out. Mailmaps and replace
 * refs are not followed.
 */
export function recentCommits(git: GitFolders, limit: number): Commit[] {
  const commits: Commit[] = [];
  const head = readHead(git);
  if (head === undefined || limit === 0) return commits;
  const objects = openObjectsOf(git);
  try {
    for (const { id, author, date, subject } of history(git, objects, head)) {
      if (commits.push({ id, author, date, subject }) >= limit) break;
    }
  } finally {
    objects.close();
  }
  return commits;
}

/** The id of the commit that is checked out; undefined where there is none, or no objects to read it from. */
export function readHead(git: GitFolders): string | undefined {
  return isReallyInside(git.commonDir, 'objects') ? resolveRef(git, 'HEAD') : undefined;
}

/** The objects of a repository, to be closed. @param options see openObjects */
export function openObjectsOf(git: GitFolders, options?: Parameters<typeof openObjects>[1]): GitObjects {
  return openObjects(join(git.commonDir, 'objects'), options);
}

/** The root folder of a commit, by its id; undefined where the commit is not there, as where a shallow clone ends. */
export function treeOf(objects: GitObjects, commit: string): string | undefined {
  return /^tree ([0-9a-f]{40})\n/.exec(objects.read(commit, 'commit')?.toString('latin1', 0, 46) ?? '')?.[1];
}

function resolveRef(git: GitFolders, head: string): string | undefined {
  let ref = head;
  for (let hops = 0; hops <= symbolicRefCap; hops++) {
    const value = readRef(git, ref);
    if (value === undefined || objectId.test(value)) return value?.slice(0, 40);
    const target = value.startsWith('ref:') ? value.slice('ref:'.length).trim() : '';
    if (!isSafeRef(target)) return undefined;
    ref = target;
  }
  return undefined;
}

function readRef({ gitDir, commonDir }: GitFolders, ref: string): string | undefined {
  const own = readOwnFile(gitDir, ref, refFileCap);
  const shared = own ?? readOwnFile(commonDir, ref, refFileCap);
  return shared?.toString() ?? readPackedRef(commonDir, ref);
}

/** A file of the repository itself: a link could hand in the head of another one. */
function readOwnFile(folder: string, path: string, maxBytes: number): Buffer | undefined {
  return isReallyInside(folder, path) ? readRegularFile(join(folder, path), maxBytes, { follow: false }) : undefined;
}

function isReallyInside(folder: string, path: string): boolean {
  try {
    return isInside(realpathSync.native(folder), realpathSync.native(join(folder, path)), sep);
  } catch {
    return false;
  }
}

/** Lines of `packed-refs` are `<id> <ref>`, and a ref has no spaces. */
function readPackedRef(commonDir: string, ref: string): string | undefined {
  const file = readOwnFile(commonDir, 'packed-refs', packedRefsCap);
  const at = file?.indexOf(` ${ref}\n`) ?? -1;
  return at < 40 ? undefined : file?.toString('latin1', at - 40, at);
}

/** Keeps a ref under `refs/`; a repository in the reftable format has `refs/heads/.invalid` here. */
function isSafeRef(ref: string): boolean {
  const parts = ref.split('/');
  return parts[0] === 'refs' && parts.every((part) => /^[^.\\\0][^\\\0]*$/.test(part));
}

/** Commits whose parents were not fetched, or are to be ignored if they were. */
function shallowIds({ commonDir }: GitFolders): Set<string> {
  const text = readOwnFile(commonDir, 'shallow', shallowCap)?.toString() ?? '';
  return new Set(text.split('\n'));
}

/**
 * A commit and all before it: takes the newest commit of the queue and puts its unseen parents in, as git does, so that a
 * child always precedes its parents.
 *
 * @param known commits to leave out, with those that only they lead to
 */
export function* history(
  git: GitFolders,
  objects: GitObjects,
  head: string,
  known: ReadonlySet<string> = new Set(),
): Generator<DatedCommit> {
  const shallow = shallowIds(git);
  const queue: DatedCommit[] = [];
  const seen = new Set<string>(known);
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    const content = objects.read(id, 'commit');
    if (content !== undefined) insertByDate(queue, parseCommit(id, content));
  };

  visit(head);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    yield next;
    if (!shallow.has(next.id)) next.parents.forEach(visit);
  }
}

/** Keeps the newest last; of equal dates, the one that came first stays nearer to the end. */
function insertByDate(queue: DatedCommit[], commit: DatedCommit): void {
  const before = queue.findLastIndex((other) => other.committed < commit.committed);
  queue.splice(before + 1, 0, commit);
}

function parseCommit(id: string, content: Buffer): DatedCommit {
  const end = content.indexOf('\n\n');
  const header = content.subarray(0, end < 0 ? content.length : end);
  const lines = header.toString('latin1').split('\n');
  const decode = decoder(lines.find((line) => line.startsWith('encoding '))?.slice('encoding '.length));
  const text = decode(header).split('\n');
  const author = parsePerson(text.find((line) => line.startsWith('author ')) ?? '');
  const committer = parsePerson(text.find((line) => line.startsWith('committer ')) ?? '');
  const message = end < 0 ? '' : decode(content.subarray(end, end + 8192));
  return {
    id,
    author: author.name.slice(0, 200),
    date: isoDate(author.seconds, author.zone),
    subject: parseSubject(message),
    message,
    tree: objectId.exec((lines[0] ?? '').slice('tree '.length))?.[0] ?? '',
    parents: parentIds(lines),
    committed: committer.seconds,
  };
}

function decoder(encoding: string | undefined): (bytes: Buffer) => string {
  try {
    const text = new TextDecoder(encoding);
    return (bytes) => text.decode(bytes);
  } catch {
    return (bytes) => bytes.toString();
  }
}

/** `author Ada Lovelace <ada@example.org> 1785400000 +0200` */
function parsePerson(line: string): { name: string; seconds: number; zone: string } {
  const mail = line.indexOf('<');
  const name = line.slice(line.indexOf(' ') + 1, mail < 0 ? line.length : mail).trim();
  const [seconds = '', zone = ''] = line
    .slice(line.lastIndexOf('>') + 1)
    .trim()
    .split(' ');
  return { name, seconds: /^\d{1,11}$/.test(seconds) ? Number(seconds) : 0, zone };
}

function isoDate(seconds: number, zone: string): string {
  const [, sign = '+', hours = '00', minutes = '00'] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60 : 60);
  const local = new Date((seconds + offset) * 1000).toISOString().slice(0, 19);
  return `${local}${sign}${hours}:${minutes}`;
}

function parseSubject(message: string): string {
  const [paragraph = ''] = message
    .replaceAll('\r', '')
    .trimStart()
    .split(/\n[ \t]*\n/, 1);
  const lines = paragraph.split('\n').map((line) => line.trimEnd());
  return lines.join(' ').trim().slice(0, 1000);
}

/** Parents come right after the tree, so that a line of a signature further on cannot pose as one. */
function parentIds(lines: string[]): string[] {
  const parents: string[] = [];
  for (const line of lines.slice(1, 1 + parentCap)) {
    if (!line.startsWith('parent ')) break;
    parents.push(line.slice('parent '.length));
  }
  return parents.filter((id) => objectId.test(id));
}
