import { setTimeout } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { parsePlanId } from '../plans/plan.ts';
import type { Plans } from '../plans/plans.ts';
import { splitLineRange } from '../projects/paths.ts';
import type { Project } from '../projects/registry.ts';
import { countdown, type JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { TaskJobs } from '../search/threads/task-worker.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { type Tokenizer, tokenizerOf } from '../text/tokens.ts';
import { parseTicketId } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';
import { gatherTexts, type TextServices } from './gather-texts.ts';
import { pathsOfGroups, readGroups } from './groups.ts';
import { askedWeight, mostRead, type Packed, type WantedFile } from './pack.ts';
import type { PackJobs } from './pack-worker.ts';
import type { Format } from './render.ts';

export interface ContextQuestion {
  project: Project;
  /** What the files are for; where it is empty, the ticket or the plan says so. */
  task: string;
  /** Files, perhaps with lines, folders and globs. */
  paths: readonly string[];
  groups: readonly string[];
  exclude: readonly string[];
  ticket?: string | undefined;
  plan?: string | undefined;
  /** `C-3`, or one branch of it: `C-3/try redis`. */
  conversation?: string | undefined;
  /** Names of saved ones, which say what is to be done: they stand behind all that it is to be done with. */
  prompts?: readonly string[];
  /** What has changed since the last commit. */
  diff: boolean;
  tree: boolean;
  /** Whether the task stands in the text, at its end. */
  showsTask?: boolean;
  /** Whether to wait until all of the project is known, if it takes half of the time. */
  waits?: boolean;
  budget: number;
  format: Format;
  /** Whose tokens are counted. */
  model?: string | undefined;
  /** Of the text as JSON. */
  maxCharacters?: number | undefined;
  actor: string;
}

export interface BuiltContext extends Packed {
  tokenizer: Tokenizer;
  /** Why something may be missing, where it may. */
  notes: string[];
}

/** Chooses what a model should read, and packs it into a budget. */
export interface Contexts {
  /** @throws UserError for a ticket, plan, conversation, prompt or group that there is not, or where nothing that was named can be read */
  build(question: ContextQuestion, call: JobCall): Promise<BuiltContext>;
}

export interface ContextServices extends TextServices {
  packer: WorkerPool<PackJobs>;
  taskIndexer: WorkerPool<TaskJobs>;
  workers: WorkerPool<Jobs>;
  tickets: Tickets;
  plans: Plans;
}

/** Beside the best file that is suggested for a task. */
const weights = { named: 2 * askedWeight, ticket: 1.2, plan: 1, diff: 1, matched: 0.6 };
/** What is suggested counts less the further down it stands: the second half of a list is seldom right. */
const suggestedPower = 4;
const named = 'named';
const maxTask = 20_000;
/** Before files are read for good. */
const stages = 3;
const retryMs = 500;

/** What a ticket or a plan says of itself. */
interface Subject {
  text: string;
  files: WantedFile[];
}

export function createContexts(services: ContextServices): Contexts {
  const { packer, taskIndexer, workers, projects, tickets, plans } = services;

  return {
    async build(question, { onProgress, ...quiet }) {
      const { project: root, budget, format, maxCharacters } = question;
      const left = countdown(quiet);
      onProgress?.({ done: 1, message: 'Reading what was asked for' });
      const subjects = await readSubjects(question);
      const texts = await gatherTexts(question, services, left);
      const task = (question.task || [...subjects.map(({ text }) => text), ...texts.about].join('\n')).slice(
        0,
        maxTask,
      );
      onProgress?.({ done: 2, message: 'Choosing files' });
      const matches = await listNamed(question, left());
      const suggested = task === '' ? undefined : await suggest(question, task, left());
      const files = merge([
        ...matches.named.map((path) => ({ path, weight: weights.named, why: named })),
        ...subjects.flatMap((subject) => subject.files),
        ...texts.changed.map((path) => ({ path, weight: weights.diff, why: 'changed' })),
        ...matches.matched.map((path) => ({ path, weight: weights.matched, why: 'matches' })),
        ...(suggested?.files ?? []),
      ]);
      const total = stages + Math.min(files.length, mostRead);
      onProgress?.({ done: stages, total, message: `Packing ${files.length} files` });
      const tellMore: JobCall['onProgress'] = ({ done, message }) =>
        onProgress?.({ done: stages + done, total: Math.max(total, stages + done), message });
      const tokenizer = tokenizerOf(question.model);
      const shown =
        question.showsTask && question.task !== ''
          ? [{ kind: 'task', name: '', text: question.task, redactions: 0 }]
          : [];
      const input = { root, tokenizer, budget, format, task, texts: [...texts.wanted, ...shown], files, maxCharacters };
      const call = left();
      const packed = await packer.run(
        'packTexts',
        { ...input, withinMs: call.budgetMs },
        { ...call, onProgress: tellMore },
      );
      const [refused] = packed.refused;
      if (refused && packed.items.length === 0 && packed.missed.length === 0) throw asUserError(refused);
      const notes = [
        ...texts.notes,
        ...matches.empty.map((path) => `nothing matches ${JSON.stringify(path)}`),
        ...(matches.isCut ? ['not all of the project was looked through'] : []),
        ...(suggested?.gap ? [suggested.gap] : []),
      ];
      return { ...packed, tokenizer, notes };
    },
  };

  async function readSubjects({ project, ticket, plan }: ContextQuestion): Promise<Subject[]> {
    const found = await Promise.all([
      ticket === undefined ? undefined : readTicket(ticket, project),
      plan === undefined ? undefined : readPlan(plan, project),
    ]);
    return found.filter((each) => each !== undefined);
  }

  /** Of another project, it names no files of this one. */
  async function readTicket(id: string, project: Project): Promise<Subject> {
    const { project: named, number } = parseTicketId(id);
    const found = await projects.findKept(named ?? project.id);
    const { title, overview = '', files } = (await tickets.get(found.id, number, { history: 0 })).ticket.document;
    const own = found.folder === project.folder ? files : [];
    const wanted = own.map(({ path }) => ({ path, weight: weights.ticket, why: `of ${id}` }));
    return { text: `${title}\n${overview}`, files: wanted };
  }

  async function readPlan(id: string, project: Project): Promise<Subject> {
    const { project: named, number } = parsePlanId(id);
    const found = await projects.findKept(named ?? project.id);
    const { title, goal, steps } = (await plans.get(found.id, number)).document;
    const own = found.folder === project.folder ? steps.flatMap(({ files }) => files) : [];
    const old = own.filter(({ action }) => action !== 'new');
    const wanted = old.map(({ path }) => ({ path, weight: weights.plan, why: `of ${id}` }));
    return { text: `${title}\n${goal}`, files: wanted };
  }

  async function listNamed({ project: root, paths, groups, exclude }: ContextQuestion, call: JobCall) {
    const grouped = groups.length === 0 ? [] : pathsOfGroups(groups, await readGroups(root, workers, call));
    return packer.run('listMatches', { root, paths: [...paths, ...grouped], exclude }, call);
  }

  async function suggest(question: ContextQuestion, task: string, call: JobCall) {
    const { project: root, budget, exclude, waits = false } = question;
    const limit = Math.min(100, 10 + Math.ceil(budget / 300));
    const asked = { root, task, limit, near: [], include: [], exclude: [...exclude, '.octant/'] };
    const until = performance.now() + call.budgetMs / 2;
    let found = await taskIndexer.run('suggestFiles', asked, call);
    while (waits && found.incompleteBecause !== undefined && performance.now() < until) {
      await setTimeout(retryMs, undefined, { signal: call.signal });
      found = await taskIndexer.run('suggestFiles', asked, call);
    }
    const { files, incompleteBecause: gap } = found;
    const wanted = files.map(({ path, score, why }): WantedFile => {
      return { path, weight: score ** suggestedPower, why: why.join('; ') };
    });
    return { files: wanted, gap };
  }
}

/** What is wanted for several reasons is wanted more. What is wanted most comes first. */
function merge(files: readonly WantedFile[]): WantedFile[] {
  const byFile = Map.groupBy(files, ({ path }) => splitLineRange(path).path);
  const merged = [...byFile].flatMap(([path, same]) => mergeFile(path, same));
  return merged.sort((a, b) => b.weight - a.weight || (a.path < b.path ? -1 : 1));
}

/** Lines that were named stand for their file, unless all of it was named too. */
function mergeFile(path: string, same: readonly WantedFile[]): WantedFile[] {
  const whole = same.filter((each) => each.path === path);
  const parts = Map.groupBy(
    same.filter((each) => each.path !== path),
    (each) => each.path,
  );
  if (parts.size === 0 || whole.some(({ weight }) => weight >= askedWeight)) return [sumOf(path, same)];
  return [...parts].map(([part, reasons]) => sumOf(part, [...reasons, ...whole]));
}

function sumOf(path: string, reasons: readonly WantedFile[]): WantedFile {
  const weight = reasons.reduce((sum, each) => sum + each.weight, 0);
  return { path, weight, why: reasons.map(({ why }) => why).join('; ') };
}

function asUserError({ code, message }: Packed['refused'][number]): UserError {
  return new UserError(code, message);
}
