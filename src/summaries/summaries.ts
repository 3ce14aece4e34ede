import type { Root } from '../projects/door.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { SurveyTargetsOutput } from '../search/outlines/survey-targets.ts';
import type { TaskJobs } from '../search/threads/task-worker.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { folderSummary } from './folder-summary.ts';
import { outlineSummary } from './outline-summary.ts';
import { fitPage } from './page.ts';
import type { Detail, Summary } from './summary.ts';

export interface SummaryQuestion {
  root: Root;
  /** Files, folders and globs; none means the project. */
  paths: readonly string[];
  detail: Detail;
  /** Where the last page ended. */
  from: PagePosition;
  maxCharacters: number;
}

export interface PagePosition {
  /** How many of the folders and files that were named are told. */
  named: number;
  /** The last of the files that matched a glob, in path order. */
  after: string;
}

export interface SummaryPage {
  summaries: Summary[];
  /** Of all pages. */
  total: number;
  next?: PagePosition;
  /** Why the page may lack something, where it may. */
  reasons: string[];
}

export interface Summaries {
  summarize(question: SummaryQuestion, call: JobCall): Promise<SummaryPage>;
}

/** Files that are outlined at once, before it is known how many of them a page holds. */
const chunk = { brief: 60, normal: 12, full: 6 } as const;

export function createSummaries(services: { workers: WorkerPool<Jobs>; taskIndexer: WorkerPool<TaskJobs> }): Summaries {
  const { workers, taskIndexer } = services;

  return {
    async summarize({ root, paths, detail, from, maxCharacters }, call) {
      const left = countdown(call);
      const found = await workers.run('surveyTargets', { root, paths, listsFolders: false }, left());
      const items = itemsOf(found);
      const start = placeOf(items, found, from);
      const reasons = found.cut ? ['the walk over the project was cut short'] : [];
      const summaries: Summary[] = [];
      let room = maxCharacters;
      for (let at = start; at < items.length && room > 0; ) {
        const some = items.slice(at, at + chunk[detail]);
        const told = await tell(root, found, some, detail, left(), reasons);
        const page = fitPage(told, room, summaries.length === 0);
        summaries.push(...page.kept);
        at += page.kept.length;
        room = page.kept.length < some.length ? 0 : page.room;
      }
      const end = start + summaries.length;
      const next = end < items.length ? positionAfter(items, found, end) : undefined;
      return { summaries, total: items.length, reasons: [...new Set(reasons)], ...(next && { next }) };
    },
  };

  /** In the order of the items; those at the end may be missing where the time was too short. */
  async function tell(
    root: Root,
    { folders }: SurveyTargetsOutput,
    items: readonly Item[],
    detail: Detail,
    call: JobCall,
    reasons: string[],
  ): Promise<Summary[]> {
    const files = items.flatMap(({ kind, path }) => (kind === 'file' ? path : []));
    const asked = items.flatMap(({ kind, path }) => (kind === 'folder' ? path : []));
    const outlined = files.length > 0 ? await workers.run('outlineFiles', { root, paths: files }, call) : [];
    const paths = outlined.flatMap(({ state, path }) => (state === 'outlined' && detail !== 'brief' ? path : []));
    const hasLinks = paths.length + asked.length > 0;
    const links = hasLinks ? await taskIndexer.run('linkFiles', { root, paths, folders: asked }, call) : undefined;
    if (links?.incompleteBecause) reasons.push(`who imports what is not all known yet: ${links.incompleteBecause}`);
    const byPath = new Map(links?.files.map((each) => [each.path, each]));
    return [
      ...folders
        .filter(({ path }) => asked.includes(path))
        .map((survey) => folderSummary(survey, links?.central[asked.indexOf(survey.path)] ?? [], detail)),
      ...outlined.map((file) => outlineSummary(file, byPath.get(file.path), detail)),
    ];
  }
}

interface Item {
  kind: 'folder' | 'file';
  path: string;
}

/** Folders, then what was named, then what matched. */
function itemsOf({ folders, named, matched }: SurveyTargetsOutput): Item[] {
  return [
    ...folders.map(({ path }): Item => ({ kind: 'folder', path })),
    ...named.map((path): Item => ({ kind: 'file', path })),
    ...matched.map(({ path }): Item => ({ kind: 'file', path })),
  ];
}

function placeOf(
  items: readonly Item[],
  { folders, named }: SurveyTargetsOutput,
  { named: told, after }: PagePosition,
) {
  const first = folders.length + named.length;
  if (told < first || after === '') return Math.min(told, items.length);
  const place = items.findIndex(({ path }, at) => at >= first && path > after);
  return place < 0 ? items.length : place;
}

function positionAfter(items: readonly Item[], { folders, named }: SurveyTargetsOutput, end: number): PagePosition {
  const first = folders.length + named.length;
  return { named: Math.min(end, first), after: end > first ? (items[end - 1]?.path ?? '') : '' };
}

/** For several jobs that share the time of one call. */
function countdown(call: JobCall): () => JobCall {
  const until = performance.now() + call.budgetMs;
  return () => ({ ...call, budgetMs: Math.max(1, until - performance.now()) });
}
