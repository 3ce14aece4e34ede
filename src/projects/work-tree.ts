import { closeFile, openToSearch, type Root, readStart } from './door.ts';
import { isThere, lookAt } from './file-look.ts';
import { changedFiles } from './git-changes.ts';
import { objectCap } from './git-delta.ts';
import { findGitDirectory, type GitDirectory, isOwnRepository, prefixOf, readGitSettings } from './git-directory.ts';
import { type GitIndex, nothingTracked, readGitIndex } from './git-index.ts';
import { openObjectsOf, readHead, treeOf } from './git-log.ts';
import { type GitObjects, objectId } from './git-objects.ts';
import type { JobControl } from './job-control.ts';
import { isSecretPath } from './secrets.ts';
import { decodeText } from './text-kind.ts';
import { walk } from './walk.ts';

/** How a file differs from the commit that is checked out, staged or not. */
export interface WorkTreeChange {
  /** Relative to the project. */
  path: string;
  kind: 'changed' | 'added' | 'removed';
  /** Undefined where there is none: the file was added or removed. */
  before?: string;
  after?: string;
  /** Why there is no text though there is a file. */
  note?: 'secret' | 'binary' | 'too large' | 'unreadable';
}

export interface WorkTreeChanges {
  /** What git tracks in path order, then what it does not. */
  changes: WorkTreeChange[];
  /** Why something may be missing, where it may. */
  cut?: 'time' | 'count';
}

const mostFiles = 2_000_000;
/** Whoever has so many open changes does not want to read them. */
const mostChanges = 2000;
const settledMs = 5000;
/** Bytes to read and inflate. */
const work = 2 ** 31;

/** Undefined where the project has no repository of its own, or no commit that can be read. Starts no git. */
export function workTreeChanges(root: Root, control: JobControl): WorkTreeChanges | undefined {
  const git = findGitDirectory(root.folder);
  const head = git && isOwnRepository(git) ? readHead(git) : undefined;
  if (!git || head === undefined) return undefined;
  const objects = openObjectsOf(git, { isForMany: true, work });
  try {
    const committed = committedFiles(git, root, objects, head);
    return committed && compare(root, git, objects, committed, control);
  } finally {
    objects.close();
  }
}

/** The blobs of HEAD by their path in the project. */
function committedFiles(git: GitDirectory, { folder }: Root, objects: GitObjects, head: string) {
  const tree = treeOf(objects, head);
  const all = tree === undefined ? undefined : changedFiles(objects, { before: undefined, after: tree }, mostFiles);
  const prefix = prefixOf(git, folder);
  const own = all?.filter(({ path }) => path.startsWith(prefix));
  return own && new Map(own.flatMap(({ path, after }) => (after ? [[path.slice(prefix.length), after] as const] : [])));
}

function compare(
  root: Root,
  git: GitDirectory,
  objects: GitObjects,
  committed: ReadonlyMap<string, string>,
  control: JobControl,
): WorkTreeChanges {
  const prefix = prefixOf(git, root.folder);
  const index = readGitIndex(`${git.gitDir}/index`, readGitSettings(git).hashBytes) ?? nothingTracked;
  const changes: WorkTreeChange[] = [];
  const added: WorkTreeChange[] = [];
  const seen = new Set<string>();
  const end = (cut?: 'time' | 'count') => ({ changes: [...changes, ...added], ...(cut && { cut }) });

  for (const { path, kind } of walk(root.folder, control.walkBudget)) {
    if (control.shouldStop()) return end('time');
    if (changes.length + added.length >= mostChanges) return end('count');
    if (kind !== 'file') continue;
    seen.add(path);
    const id = committed.get(path);
    if (id === undefined) added.push({ path, kind: 'added', ...now(root, path) });
    else if (!isUntouched(root, path, id, index, prefix)) changes.push(...changeOf(root, path, id, objects));
  }
  for (const [path, id] of committed) {
    if (seen.has(path) || index.repositories.has(prefix + path) || isThere(root, path)) continue;
    if (changes.length + added.length >= mostChanges) return end('count');
    changes.push({ path, kind: 'removed', ...committedText(objects, path, id) });
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return end(control.shouldStop() ? 'time' : undefined);
}

/**
 * By what git noted of the file, if it is older than that: the clocks of file systems may stand still for two seconds. What
 * is in a secret file is not even looked at to tell.
 */
function isUntouched(root: Root, path: string, id: string, index: GitIndex, prefix: string): boolean {
  const noted = index.lookUp(prefix + path);
  const look = noted?.id === id ? lookAt(root, path) : undefined;
  if (!noted || !look) return false;
  const isSame = look.size % 2 ** 32 === noted.size && Math.abs(look.modifiedAt - noted.modifiedAt) < 0.002;
  return isSame && (Date.now() - look.modifiedAt > settledMs || isSecretPath(path));
}

/** None where the content is the same all the same, or differs in nothing but its line ends. */
function changeOf(root: Root, path: string, id: string, objects: GitObjects): WorkTreeChange[] {
  if (isSecretPath(path)) return [{ path, kind: 'changed', note: 'secret' }];
  const bytes = readToCompare(root, path);
  if (bytes === undefined) return [{ path, kind: 'changed', note: 'unreadable' }];
  if (objectId(bytes, 'blob') === id) return [];
  const before = committedText(objects, path, id);
  const after = textOf(bytes);
  if (before.before?.includes('\r') === false && before.before === after.after?.replaceAll('\r\n', '\n')) return [];
  return [{ path, kind: 'changed', ...before, ...after }];
}

function now(root: Root, path: string): Pick<WorkTreeChange, 'after' | 'note'> {
  if (isSecretPath(path)) return { note: 'secret' };
  const bytes = readToCompare(root, path);
  return bytes === undefined ? { note: 'unreadable' } : textOf(bytes);
}

function textOf(bytes: Buffer): Pick<WorkTreeChange, 'after' | 'note'> {
  if (bytes.length > objectCap) return { note: 'too large' };
  const after = decodeText(bytes);
  return after === undefined ? { note: 'binary' } : { after };
}

function committedText(objects: GitObjects, path: string, id: string): Pick<WorkTreeChange, 'before' | 'note'> {
  if (isSecretPath(path)) return { note: 'secret' };
  const bytes = objects.read(id, 'blob');
  if (bytes === undefined) return { note: 'too large' };
  const before = decodeText(bytes);
  return before === undefined ? { note: 'binary' } : { before };
}

/** What a file holds now, with a byte more than git's objects are read to, so that too large files can be told. */
export function readToCompare(root: Root, path: string): Buffer | undefined {
  const file = openToSearch(root, path);
  if (file === undefined || file === 'unreadable') return undefined;
  try {
    return readStart(file, objectCap + 1);
  } finally {
    closeFile(file);
  }
}
