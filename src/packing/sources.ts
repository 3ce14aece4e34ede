import { UserError } from '../errors.ts';
import type { SentFile } from '../models/question.ts';
import { planMarkdown } from '../plans/markdown.ts';
import { parsePlanId, planId } from '../plans/plan.ts';
import type { Plans } from '../plans/plans.ts';
import { toStepTickets } from '../plans/progress.ts';
import type { Project, Projects } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import { describeSummary } from '../summaries/describe-summary.ts';
import type { Summaries } from '../summaries/summaries.ts';
import { tokenizerOf } from '../text/tokens.ts';
import { toMarkdown } from '../tickets/markdown.ts';
import { parseTicketId } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';
import type { PackJobs, SafeText } from './pack-worker.ts';

/** Where text for a model comes from. What it names is as a caller wrote it: `T-12`, `shop.P-3`, `src/cart.ts:10-40`. */
export type Source = { kind: 'file' | 'summary' | 'ticket' | 'plan' | 'text'; of: string } | { kind: 'diff' | 'tree' };

export interface SourceQuestion {
  project: Project;
  maxTokens: number;
  /** The model that will read it; its tokens are counted. */
  model?: string | undefined;
  actor: string;
}

export interface SourceText extends SafeText {
  /** Of a diff, the files that it shows. */
  paths?: string[];
  /** Of a file, what of it is in the text. */
  file?: SentFile;
}

/** Texts within a number of tokens, without secrets. */
export interface Sources {
  /** @throws UserError for what is not there or may not be read */
  read(source: Source, question: SourceQuestion, call: JobCall): Promise<SourceText>;
  count(texts: readonly string[], model: string | undefined, call: JobCall): Promise<number[]>;
}

export interface SourceServices {
  packer: WorkerPool<PackJobs>;
  projects: Projects;
  tickets: Tickets;
  plans: Plans;
  summaries: Summaries;
}

export function createSources({ packer, projects, tickets, plans, summaries }: SourceServices): Sources {
  return {
    async read(source, question, call) {
      const { project: root, maxTokens, model } = question;
      const measure = { tokenizer: tokenizerOf(model), maxTokens };
      const within = (text: string) => packer.run('fitSafeText', { text, ...measure }, call);
      switch (source.kind) {
        case 'file':
          return packer.run('readFile', { root, path: source.of, ...measure }, call);
        case 'diff':
          return (await packer.run('readDiff', { root, ...measure }, call)) ?? withoutHistory(root);
        case 'tree':
          return packer.run('readTree', { root, ...measure }, call);
        case 'ticket':
          return within(await ticketText(source.of, question));
        case 'plan':
          return within(await planText(source.of, question));
        case 'summary':
          return within(await summaryText(source.of, question, call));
        default:
          return within(source.of);
      }
    },

    count: (texts, model, call) => packer.run('countTokens', { texts, tokenizer: tokenizerOf(model) }, call),
  };

  async function ticketText(id: string, { project }: SourceQuestion): Promise<string> {
    const { project: named, number } = parseTicketId(id);
    const { id: projectId } = await projects.findKept(named ?? project.id);
    return toMarkdown((await tickets.get(projectId, number, { history: 0 })).ticket);
  }

  async function planText(id: string, { project }: SourceQuestion): Promise<string> {
    const { project: named, number } = parsePlanId(id);
    const { id: projectId } = await projects.findKept(named ?? project.id);
    const plan = await plans.get(projectId, number);
    return planMarkdown(plan, toStepTickets(await tickets.ofPlans(projectId, [planId(number)])));
  }

  /** What is known of a file or a folder; no model is asked for it. */
  async function summaryText(path: string, { project: root, actor }: SourceQuestion, call: JobCall): Promise<string> {
    const page = await summaries.summarize(
      {
        ...{ root, paths: [path], actor, focus: '', model: 'none', refresh: false, detail: 'normal' },
        from: { named: 0, after: '' },
        maxCharacters: summaryCharacters,
      },
      call,
    );
    const [first] = page.summaries;
    if (first?.kind === 'error') throw new UserError('not_found', first.error);
    return page.summaries.map(describeSummary).join('\n\n');
  }
}

const summaryCharacters = 100_000;

function withoutHistory({ id }: Project): never {
  throw new UserError('not_found', `${id} has no commit to compare with that can be read here. Leave the diff out.`);
}
