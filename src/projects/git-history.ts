import { changedFiles, type FileChange } from './git-changes.ts';
import { findGitDirectory, type GitDirectory, isOwnRepository, prefixOf } from './git-directory.ts';
import { history, openObjectsOf, readHead, treeOf } from './git-log.ts';

/** A commit as the ranking for a task uses it. */
export interface PastCommit {
  id: string;
  subject: string;
  message: string;
  /** Seconds since 1970. */
  time: number;
  /** The files that it changed and that had the same name ever since, or moved unchanged; relative to the project. */
  files: readonly string[];
}

export interface HistoryReader {
  /** The commit that is checked out; undefined without a history of the project's own. Cheap enough for every call. */
  head(): string | undefined;
  /**
   * The commits that lead to `head`, the newest first, one step at a time. Those of `known` are not read again, and
   * what is before them is known as well.
   *
   * @param moves takes in the files that moved meanwhile: where those are now that known commits call by an older name
   */
  read(head: string, known: ReadonlySet<string>, moves?: Map<string, string>): Generator<PastCommit | undefined>;
}

/** What changes more files at once says nothing about which belong together. */
const maxFiles = 40;
/** What changes more than so many is not even looked at for files that moved. */
const maxChanges = 4000;
const maxMessage = 2000;
/** Bytes to read and inflate. */
const workCap = 2 ** 31;

export function createHistoryReader(folder: string): HistoryReader {
  const git = findGitDirectory(folder);
  const own = git && isOwnRepository(git) ? git : undefined;
  return {
    head: () => own && readHead(own),
    read: (head, known, moves = new Map()) => (own ? readCommits({ git: own, folder, head, known, moves }) : nothing()),
  };
}

function* nothing(): Generator<PastCommit | undefined> {}

interface Reading {
  git: GitDirectory;
  folder: string;
  head: string;
  known: ReadonlySet<string>;
  moves: Map<string, string>;
}

/** Yields undefined for a commit of no use, so that the caller can stop after any of them. */
function* readCommits({ git, folder, head, known, moves }: Reading): Generator<PastCommit | undefined> {
  const objects = openObjectsOf(git, { isForMany: true, work: workCap });
  const prefix = prefixOf(git, folder);
  const movedTo = new Map<string, string>();
  try {
    for (const commit of history(git, objects, head, known)) {
      const files = commit.parents.length > 1 ? [] : filesOf(commit.tree, commit.parents[0]);
      const { id, subject, committed: time } = commit;
      yield files.length === 0 ? undefined : { id, subject, message: commit.message.slice(0, maxMessage), time, files };
    }
  } finally {
    objects.close();
  }

  function filesOf(tree: string, parent: string | undefined): string[] {
    const before = parent === undefined ? undefined : treeOf(objects, parent);
    if (parent !== undefined && before === undefined) return []; // where a shallow clone ends
    const changes = changedFiles(objects, { before, after: tree }, maxChanges) ?? [];
    const paths = changes.filter(({ after }) => after !== undefined).map(({ path }) => movedTo.get(path) ?? path);
    for (const [from, to] of noteMoves(changes, movedTo)) {
      if (from.startsWith(prefix) && to.startsWith(prefix))
        moves.set(from.slice(prefix.length), to.slice(prefix.length));
    }
    const inside = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
    return inside.length <= maxFiles ? inside : [];
  }
}

/**
 * History is read backwards: from here on, the old path means the file at the new one. A moved file has the same content,
 * or else the same name and folder, as git takes it at first sight (diffcore-rename's "basename" rule).
 */
function noteMoves(changes: readonly FileChange[], movedTo: Map<string, string>): Array<[from: string, to: string]> {
  const removed = changes.filter(({ after }) => after === undefined);
  if (removed.length === 0) return [];
  const added = changes.filter(({ before }) => before === undefined);
  const byContent = new Map(added.map(({ after, path }) => [after, path]));
  const byName = Map.groupBy(added, ({ path }) => nameOf(path));
  return removed.flatMap(({ path, before }): Array<[string, string]> => {
    const target = byContent.get(before) ?? mostAlike(path, byName.get(nameOf(path)) ?? []);
    if (target === undefined) return [];
    const now = movedTo.get(target) ?? target;
    movedTo.set(path, now);
    return [[path, now]];
  });
}

/** The one that shares most folders from the name upwards, where one does and shares at least one. */
function mostAlike(path: string, candidates: readonly FileChange[]): string | undefined {
  const own = path.split('/').reverse();
  const shared = candidates.map((candidate) => {
    const other = candidate.path.split('/').reverse();
    const end = own.findIndex((part, at) => part !== other[at]);
    return end < 0 ? own.length : end;
  });
  const most = Math.max(0, ...shared);
  if (most < 2 || shared.filter((count) => count === most).length > 1) return undefined;
  return candidates[shared.indexOf(most)]?.path;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
