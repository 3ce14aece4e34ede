import type { Root } from '../projects/door.ts';
import { countdown, type JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Models } from '../providers/models.ts';
import type { SurveyTargetsOutput } from '../search/outlines/survey-targets.ts';
import type { TaskJobs } from '../search/threads/task-worker.ts';
import { addToFile, addToFolder } from './add-model.ts';
import { folderSummary, mostPurpose } from './folder-summary.ts';
import type { ModelServices } from './model-files.ts';
import { outlineSummary } from './outline-summary.ts';
import { fitPage } from './page.ts';
import type { Detail, Summary } from './summary.ts';
import { type ModelQuestion, mayAsk, type Told, tellWithModel, toldBefore } from './with-model.ts';

export interface SummaryQuestion extends ModelQuestion {
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
  /** The models that told something of it. */
  models: string[];
  /** Why something is not told by a model that was to be. */
  note?: string;
}

export interface Summaries {
  /** @throws UserError for a model that is unknown */
  summarize(question: SummaryQuestion, call: JobCall): Promise<SummaryPage>;
  /** What is known of files, with what a model has told before; none is asked. */
  look(
    question: Omit<ModelQuestion, 'model' | 'refresh'> & { paths: readonly string[] },
    call: JobCall,
  ): Promise<Summary[]>;
}

/** Files that are outlined at once, before it is known how many of them a page holds. */
const chunk = { brief: 60, normal: 12, full: 6 } as const;

export function createSummaries(
  services: ModelServices & { models: Models; taskIndexer: WorkerPool<TaskJobs> },
): Summaries {
  const { workers, taskIndexer } = services;

  return {
    async summarize(question, call) {
      const { root, paths, detail, from, maxCharacters, model } = question;
      const left = countdown(call);
      const listsFolders = mayAsk(model, services.models);
      const found = await workers.run('surveyTargets', { root, paths, listsFolders }, left());
      const { onProgress } = call;
      const told = await tellWithModel(question, found, services, { ...left(), ...(onProgress && { onProgress }) });
      const items = itemsOf(found);
      const start = placeOf(items, found, from);
      const reasons = found.cut ? ['the walk over the project was cut short'] : [];
      if (start > 0 && start >= items.length)
        reasons.push('nothing is left after this cursor; leave it out to begin again');
      const summaries: Summary[] = [];
      let room = maxCharacters;
      for (let at = start; at < items.length && room > 0; ) {
        const some = items.slice(at, at + chunk[detail]);
        const page = fitPage(await tell(root, found, some, told, detail, left(), reasons), room, at === start);
        summaries.push(...page.kept);
        at += page.kept.length;
        room = page.kept.length < some.length ? 0 : page.room;
      }
      const end = start + summaries.length;
      const next = end < items.length ? positionAfter(items, found, end) : undefined;
      const { missing } = told;
      if (missing?.canGoOn) reasons.unshift(`${missing.reason}; call again to go on`);
      return {
        ...{ summaries, total: items.length, models: modelsOf(told), reasons: [...new Set(reasons)] },
        ...(missing && !missing.canGoOn && { note: missing.reason }),
        ...(next && { next }),
      };
    },

    async look({ paths, ...question }, call) {
      const left = countdown(call);
      const told = await toldBefore(question, paths, services, left());
      const items = paths.map((path): Item => ({ kind: 'file', path }));
      return tell(question.root, { folders: [] }, items, told, 'normal', left(), []);
    },
  };

  /** In the order of the items; those at the end may be missing where the time was too short. */
  async function tell(
    root: Root,
    { folders }: Pick<SurveyTargetsOutput, 'folders'>,
    items: readonly Item[],
    told: Told,
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
    const surveys = folders.filter(({ path }) => asked.includes(path));
    return [
      ...surveys.map((survey) => {
        const summary = folderSummary(survey, links?.central[asked.indexOf(survey.path)] ?? [], detail);
        return addToFolder(summary, survey.path, told, mostPurpose(detail));
      }),
      ...outlined.map((file) => {
        const summary = outlineSummary(file, byPath.get(file.path), detail);
        return summary.kind === 'file' ? addToFile(summary, told.files.get(file.path), detail) : summary;
      }),
    ];
  }
}

function modelsOf({ files, folders }: Told): string[] {
  return [...new Set([...files.values(), ...folders.values()].map(({ model }) => model))];
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
