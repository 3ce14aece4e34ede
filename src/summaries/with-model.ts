import { language } from '../projects/languages.ts';
import type { Project } from '../projects/registry.ts';
import { isSecretPath } from '../projects/secrets.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { Models } from '../providers/models.ts';
import { NoModel } from '../providers/models.ts';
import type { BeginRun } from '../runs/run.ts';
import { roleOf } from '../search/files/file-role.ts';
import type { FileEntry } from '../search/outlines/folder-tree.ts';
import type { SurveyTargetsOutput } from '../search/outlines/survey-targets.ts';
import { versionOf } from './ask-summary.ts';
import type { StoredSummary } from './model-answer.ts';
import {
  askMissing,
  findSummaries,
  type KnownFile,
  type Missing,
  type ModelServices,
  type ModelWish,
  reasonOf,
} from './model-files.ts';
import { rollUp } from './model-folders.ts';

export interface ModelQuestion {
  root: Project;
  /** `provider/model` or a tier; `none` for no model; undefined for the least tier that has any, where little is to be asked. */
  model: string | undefined;
  focus: string;
  /** Whether what is older than some minutes is made anew. */
  refresh: boolean;
  actor: string;
  /** Where it may take longer than its caller waits. */
  beginRun?: BeginRun;
}

/** What models have told, in this call or before. */
export interface Told {
  /** By path. */
  files: ReadonlyMap<string, StoredSummary>;
  /** By path, `''` for the project. */
  folders: ReadonlyMap<string, StoredSummary>;
  /** Why something is not told by a model, where it was to be. */
  missing?: Missing;
}

export const nothingTold: Told = { files: new Map(), folders: new Map() };

/** Files that are sent to a model without the caller having named one. */
const mostUnasked = 60;
/** Files that are looked up for that. */
const mostLookedUp = 2000;
const maxBytes = 2_000_000;
/** What was made since the call before this one is fresh: a caller who asks again wants the rest. */
const freshMs = 10 * 60_000;
/** Of the time of a call, for asking. The rest is for what is told without a model. */
const askingShare = 0.78;

export function mayAsk(asked: string | undefined, { tiers }: Models): boolean {
  return asked === undefined ? Object.values(tiers).some((names) => names.length > 0) : asked !== 'none';
}

/** Which model is meant; undefined for none. @throws UserError for one that is unknown, NoModel for a tier without any */
function chooseModel(asked: string | undefined, models: Models): string | undefined {
  if (asked === 'none') return undefined;
  const model = asked ?? Object.entries(models.tiers).find(([, names]) => names.length > 0)?.[0];
  if (model !== undefined) models.named(model);
  return model;
}

/** Lets a model summarize what has no summary of it yet: files first, then the folders that were asked for. */
export async function tellWithModel(
  question: ModelQuestion,
  found: SurveyTargetsOutput,
  services: ModelServices & { models: Models },
  job: JobCall,
): Promise<Told> {
  const wish = wishOf(question, services, job);
  if (wish instanceof NoModel) return { ...nothingTold, missing: { reason: reasonOf(wish), canGoOn: false } };
  if (!wish) return nothingTold;
  const paths = eligible(found);
  const isAsked = question.model !== undefined;
  if (!isAsked && paths.length > mostLookedUp) return nothingTold;
  const known = await findSummaries(paths, wish, services, job);
  let missing = await askMissing(known, wish, services, job);
  const folders = new Map<string, StoredSummary>();
  for (const { path } of found.folders) {
    if (missing && !missing.isMinor) break;
    const inside = known.filter((file) => file.summary && isInside(file, path));
    if (inside.length > 0) missing = (await rollUp(path, inside, wish, services, job, folders)) ?? missing;
  }
  return { files: summariesOf(known), folders, missing };
}

/** What models have told of files before; nothing is asked. */
export async function toldBefore(
  question: Omit<ModelQuestion, 'model' | 'refresh'>,
  paths: readonly string[],
  services: ModelServices & { models: Models },
  job: JobCall,
): Promise<Told> {
  const wish = wishOf({ ...question, model: undefined, refresh: false }, services, job);
  if (!wish || wish instanceof NoModel) return nothingTold;
  return { ...nothingTold, files: summariesOf(await findSummaries(paths, wish, services, job)) };
}

function wishOf(
  { root, model: asked, focus, refresh, actor, beginRun }: ModelQuestion,
  { models, words }: ModelServices & { models: Models },
  { budgetMs }: JobCall,
): ModelWish | NoModel | undefined {
  let model: string | undefined;
  try {
    model = chooseModel(asked, models);
  } catch (error) {
    if (error instanceof NoModel) return error;
    throw error;
  }
  if (model === undefined) return undefined;
  return {
    ...{ root, model, actor, ...(beginRun && { beginRun }) },
    kind: { version: versionOf(words), models: models.named(model).join(), focus },
    notBefore: refresh ? Date.now() - freshMs : 0,
    until: performance.now() + budgetMs * askingShare,
    most: asked === undefined ? mostUnasked : Number.POSITIVE_INFINITY,
  };
}

/** What was named, whatever it is; of the rest what people write, which is neither data nor generated. */
function eligible({ named, matched, inFolders }: SurveyTargetsOutput): string[] {
  const isWritten = ({ path, bytes }: FileEntry) => {
    const role = roleOf(path);
    return bytes > 0 && bytes <= maxBytes && language(path) !== undefined && role !== 'data' && role !== 'generated';
  };
  const found = [...matched, ...inFolders].filter(isWritten).map(({ path }) => path);
  return [...new Set([...named, ...found])].filter((path) => !isSecretPath(path));
}

function isInside({ path }: KnownFile, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

function summariesOf(files: readonly KnownFile[]): Map<string, StoredSummary> {
  return new Map(files.flatMap(({ path, summary }) => (summary ? [[path, summary] as const] : [])));
}
