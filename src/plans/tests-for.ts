import { roleOf, subjectOf } from '../search/files/file-role.ts';
import { hasOwnTests } from './lint-tests.ts';
import type { LikelyFile, Material } from './material.ts';
import type { StepFile } from './plan.ts';

const mostTests = 2;

/** The tests that a change of a file belongs to: those that there are, else the one that there should be. */
export function testsFor(file: LikelyFile, { files }: Material): StepFile[] {
  if (file.role !== 'source') return [];
  const own = closest(file);
  if (own.length > 0) return own.map((path) => ({ path, action: 'edit' }));
  const likely = files
    .filter(({ path, role }) => role === 'test' && isRunnable(path, file.path))
    .map(({ path }) => path);
  const alike = likely.find((path) => isTwin(path, file.path));
  const made = likeOthers(file.path, files);
  const [first] = likely;
  if (alike === undefined && made !== undefined) return [{ path: made, action: 'new' }];
  if (first !== undefined) return [{ path: alike ?? first, action: 'edit' }];
  const path = beside(file.path);
  return path === undefined ? [] : [{ path, action: 'new' }];
}

/** Those of its own name, or the one that tests the least besides. */
function closest({ path, tests }: LikelyFile): string[] {
  const runnable = tests.filter((test) => isRunnable(test, path));
  const twins = runnable.filter((test) => isTwin(test, path)).toSorted((a, b) => shared(b, path) - shared(a, path));
  return twins.length > 0
    ? twins.slice(0, mostTests)
    : runnable.filter((test) => subjectOf(test) !== subjectOf(path)).slice(0, 1);
}

/** A name such as `index` or `handler` says too little by itself. */
const tellingName = 10;

function isTwin(test: string, path: string): boolean {
  if (subjectOf(test) !== subjectOf(path)) return false;
  const folders = path.split('/').slice(0, -1);
  return folders.length < 2 || subjectOf(path).length >= tellingName || test.split('/').includes(folders.at(-1) ?? '');
}

/** How many folders of a path are on the way to its test. */
function shared(test: string, path: string): number {
  const folders = new Set(test.split('/').slice(0, -1));
  return path
    .split('/')
    .slice(0, -1)
    .filter((folder) => folders.has(folder)).length;
}

const scripts = /\.[cm]?[jt]sx?$/;
const marked = /[._-](tests?|specs?|e2e|cy)\.[a-z]+$|(^|\/)test_[^/]+$|(Tests?|Spec|TestCase|IT)\.[a-z]+$/;

/** Neither a helper nor a snapshot nor what tests work on: tests of scripts say what they are in their names. */
function isRunnable(test: string, of: string): boolean {
  if (/(^|\/)(__)?fixtures?(__)?\//.test(test)) return false;
  return marked.test(test) || (!scripts.test(of) && split(test).extension === split(of).extension);
}

/** Tests that lie as what they test say more of where others belong. */
const mirrorVotes = 3;

/** Where most tests of other files would have it. */
function likeOthers(path: string, files: readonly LikelyFile[]): string | undefined {
  const votes = new Map<string, number>();
  const tests = files.flatMap(closest);
  const folders = new Set([...tests.map((test) => split(test).folder), split(path).folder]);
  for (const other of files) {
    for (const test of closest(other)) {
      const made = mirrored(path, other.path, test);
      if (made === undefined || roleOf(made.path) !== 'test' || !folders.has(split(made.path).folder)) continue;
      votes.set(made.path, (votes.get(made.path) ?? 0) + (made.isMirror ? mirrorVotes : 1));
    }
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** What is to a path as a test is to what it tests. */
function mirrored(path: string, tested: string, test: string): { path: string; isMirror: boolean } | undefined {
  const [own, theirs, tests] = [split(path), split(tested), split(test)];
  if (own.extension !== theirs.extension || !tests.name.includes(theirs.stem)) return undefined;
  const name = tests.name.replace(theirs.stem, own.stem);
  const shared = commonEnd(theirs.folder, tests.folder);
  const from = theirs.folder.slice(0, theirs.folder.length - shared.length);
  const to = tests.folder.slice(0, tests.folder.length - shared.length);
  if (own.folder !== from && !own.folder.startsWith(`${from}/`)) return undefined;
  return { path: joined(`${to}${own.folder.slice(from.length)}`, name), isMirror: shared !== '' };
}

function split(path: string) {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return { folder, name, stem: dot < 1 ? name : name.slice(0, dot), extension: dot < 1 ? '' : name.slice(dot) };
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Whole names of folders: `/http/client` of `src/http/client` and `tests/http/client`; all of it where they are one. */
function commonEnd(one: string, other: string): string {
  if (one === other) return one;
  const [a, b] = [one.split('/'), other.split('/')];
  let count = 0;
  while (count < Math.min(a.length, b.length) - 1 && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count === 0 ? '' : `/${a.slice(a.length - count).join('/')}`;
}

/** What it declares is tested with what defines it. */
const header = /\.(?:h|hh|hpp|hxx)$/;

/** By the habit of the language; where tests stand in the file itself there is none. */
function beside(path: string): string | undefined {
  if (hasOwnTests.test(path) || header.test(path)) return undefined;
  const { folder, stem, extension } = split(path);
  if (extension === '.py') return joined(folder, `test_${stem}${extension}`);
  if (scripts.test(extension)) return joined(folder, `${stem}.test${extension}`);
  if (/^\.(java|kt|cs|swift|php|scala)$/.test(extension)) return joined(folder, `${stem}Test${extension}`);
  return joined(folder, `${stem}_test${extension}`);
}
