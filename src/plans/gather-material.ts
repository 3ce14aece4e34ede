import { UserError } from '../errors.ts';
import type { Conventions } from '../projects/conventions.ts';
import { type Root, withinRoot } from '../projects/door.ts';
import { parseProjectPath } from '../projects/paths.ts';
import { countdown, type JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import { roleOf } from '../search/files/file-role.ts';
import type { OutlinedFile } from '../search/outlines/outline-files.ts';
import { documentKinds } from '../search/outlines/symbols.ts';
import type { FileLinks } from '../search/task/link-files.ts';
import type { RankedFile } from '../search/task/rank-task.ts';
import type { TextSearch } from '../search/text-search.ts';
import type { TaskJobs } from '../search/threads/task-worker.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { commandsOf } from './commands.ts';
import type { LikelyFile, LikeTicket, Material } from './material.ts';
import { findNamedCode, type NamedCode } from './named-code.ts';
import { stemsOfText } from './requirements.ts';

export interface GatherQuestion {
  root: Root;
  goal: string;
  /** Files that are always among them, be they there or not. */
  files: readonly string[];
}

export interface GatherServices {
  workers: WorkerPool<Jobs>;
  taskIndexer: WorkerPool<TaskJobs>;
  textSearch: TextSearch;
  /** Those that wait for somebody, the latest first. */
  openTickets(): Promise<LikeTicket[]>;
}

const mostSuggested = 16;
const maxGoal = 20_000;
const maxCommits = 8;
const documentCharacters = 6000;

/**
 * What the project has to say of a goal, without a model.
 *
 * @throws UserError for a named file that may not be read
 */
export async function gatherMaterial(
  { root, goal, files }: GatherQuestion,
  { workers, taskIndexer, textSearch, openTickets }: GatherServices,
  call: JobCall,
): Promise<Material> {
  const { onProgress, ...quiet } = call;
  const left = countdown(quiet);
  const named = [...new Set(files.map((path) => parseProjectPath(withinRoot(root, path))))];
  onProgress?.({ done: 1, message: 'Looking for the files that the goal concerns' });
  const code = await findNamedCode(root, goal.slice(0, maxGoal), { textSearch }, left());
  const task = { root, task: goal.slice(0, maxGoal), limit: mostSuggested, near: named, include: [], exclude: [] };
  const [suggested, conventions, tickets] = await Promise.all([
    taskIndexer.run('suggestFiles', task, left()),
    workers.run('readConventions', { root, characters: documentCharacters, commits: maxCommits }, left()),
    openTickets(),
  ]);
  onProgress?.({ done: 2, message: `Reading ${suggested.files[0]?.path ?? 'what was named'} and others` });
  const isWhole = suggested.incompleteBecause === undefined;
  const ranked = withNamed(withNamedCode(suggested.files, code, isWhole), named);
  const paths = ranked.map(({ path }) => path);
  const [outlined, links] = await Promise.all([
    workers.run('outlineFiles', { root, paths, withoutParser: true }, left()),
    taskIndexer.run('linkFiles', { root, paths, folders: [] }, left()),
  ]);
  const gap =
    suggested.incompleteBecause === undefined ? undefined : (links.incompleteBecause ?? suggested.incompleteBecause);
  return {
    files: toFiles(ranked, outlined, links.files, new Set(named)),
    ...toHabits(conventions),
    tickets: ticketsLike(goal, tickets),
    notes: [code.gap, gap].filter((each) => each !== undefined),
  };
}

/**
 * What is left of the score of files that have no name of the goal, where others define one: much where all files were read,
 * since commits show that a change often goes elsewhere too, and less where they are ranked by their paths alone.
 */
const unnamedShare = { read: 0.9, unread: 0.6 };

/** Who names a thing means it: what defines it comes first. */
function withNamedCode(suggested: readonly RankedFile[], { places, users }: NamedCode, isWhole: boolean): RankedFile[] {
  if (places.length === 0) return [...suggested];
  const known = new Map(suggested.map((file) => [file.path, file]));
  const first = places.map(({ path, why }) => {
    return { path, score: 1, why: [`${why}, which the goal names`, ...(known.get(path)?.why ?? [])] };
  });
  const others = suggested
    .filter(({ path }) => !places.some((place) => place.path === path))
    .map((file) => {
      const share = users.has(file.path) ? 1 : isWhole ? unnamedShare.read : unnamedShare.unread;
      return { ...file, score: file.score * share };
    });
  return [...first, ...others.sort((a, b) => b.score - a.score)].slice(0, mostSuggested);
}

function withNamed(suggested: readonly RankedFile[], named: readonly string[]): RankedFile[] {
  const known = new Map(suggested.map((file) => [file.path, file]));
  const first = named.map((path) => known.get(path) ?? { path, score: 1, why: ['named by the caller'] });
  return [...first, ...suggested.filter(({ path }) => !named.includes(path))];
}

function toFiles(
  ranked: readonly RankedFile[],
  outlined: readonly OutlinedFile[],
  links: readonly FileLinks[],
  named: ReadonlySet<string>,
): LikelyFile[] {
  const outlines = new Map(ranked.map(({ path }, at) => [path, outlined[at]]));
  const linksOf = new Map(links.map((each) => [each.path, each]));
  return ranked.flatMap((file) => {
    const found = outlines.get(file.path);
    const isNamed = named.has(file.path);
    if (found?.state === 'error' && isNamed && found.code !== 'not_found') {
      throw new UserError(found.code, found.message);
    }
    if (found?.state === 'error' && !isNamed) return [];
    return toFile(file, isNamed, found, linksOf.get(file.path));
  });
}

function toFile(
  { path, score, why }: RankedFile,
  isNamed: boolean,
  found: OutlinedFile | undefined,
  links: FileLinks | undefined,
): LikelyFile {
  const outline = found?.state === 'outlined' ? found.outline : undefined;
  const code = outline?.symbols.filter(({ kind }) => !documentKinds.has(kind)) ?? [];
  const offered = code.filter(({ isOffered }) => isOffered);
  return {
    ...{ path, isNamed, score, why },
    isNew: found?.state === 'error',
    role: outline?.role ?? roleOf(path),
    lines: outline?.lines ?? 0,
    purpose: outline?.purpose ?? '',
    declares: (offered.length > 0 ? offered : code).map(({ line, signature }) => ({ line, signature })),
    imports: links?.imports ?? [],
    importedBy: links?.importedBy ?? [],
    tests: links?.testedBy ?? [],
  };
}

function toHabits({ documents, changelog, scripts, tools, commits }: Conventions) {
  const [head] = commits;
  return {
    documents,
    ...(changelog !== undefined && { changelog }),
    commands: commandsOf(scripts, tools),
    commits: commits.map(({ id, date, subject }) => ({ id: id.slice(0, 10), date: date.slice(0, 10), subject })),
    ...(head && { commit: head.id }),
  };
}

const maxTickets = 5;
const leastShared = 2;

/** By the words of their titles: half of them, and at least two, stand in the goal. */
function ticketsLike(goal: string, tickets: readonly LikeTicket[]): LikeTicket[] {
  const words = new Set(stemsOfText(goal));
  const scored = tickets.map((ticket) => {
    const stems = new Set(stemsOfText(ticket.title));
    const shared = [...stems].filter((stem) => words.has(stem)).length;
    return { ticket, shared, share: shared / Math.max(1, stems.size) };
  });
  return scored
    .filter(({ shared, share }) => shared >= leastShared && share >= 0.5)
    .sort((a, b) => b.share - a.share || b.shared - a.shared)
    .slice(0, maxTickets)
    .map(({ ticket }) => ticket);
}
