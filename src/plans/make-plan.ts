import { deadlinesMs } from '../deadlines.ts';
import { modelOrOffline } from '../models/model-or-offline.ts';
import type { Digest } from '../projects/hash-files.ts';
import type { Project } from '../projects/registry.ts';
import { countdown, type JobCall, type JobProgress } from '../projects/worker-job.ts';
import { type Models, NoModel } from '../providers/models.ts';
import type { BeginRun } from '../runs/run.ts';
import type { Cache } from '../store/caches.ts';
import { type CheckedPlan, checkDraft, checkPlan } from './check-plan.ts';
import { draftPlan, type PlanRequest, wholeGoal } from './draft-plan.ts';
import { factsText } from './facts-text.ts';
import { type GatherServices, gatherMaterial } from './gather-material.ts';
import type { Material, TokenShares } from './material.ts';
import type { PlanDocument, Step } from './plan.ts';
import type { Planner } from './planner.ts';
import { createTeller } from './teller.ts';

export interface PlanOrder extends PlanRequest {
  /** Files that it concerns in any case. */
  files: readonly string[];
  /** Steps that stay as they are. */
  kept: readonly Step[];
  /** The number of the first new step. */
  nextStep: number;
  /** `provider/model`, a tier, or `none`. */
  model: string;
  /** Most tokens that models may take, of which the facts have a part. */
  maxTokens: number;
}

export interface PlanningServices extends GatherServices {
  digests: Cache<Digest>;
  models: Models;
  planner: Planner;
}

export interface PlanningCall {
  project: Project;
  job: JobCall;
  /** For whom. */
  actor: string;
  beginRun: BeginRun;
}

export interface MadePlan extends CheckedPlan {
  mode: 'model' | 'offline';
  model?: string;
  note?: string;
  material: Material;
  /** Tokens of what was gathered, by part. */
  shares: TokenShares;
}

/** What the facts may take of all tokens. */
const factsShare = 0.3;
const maxFactTokens = 16_000;
/** What is left for storing and answering of the time that a call has. */
const reserveMs = 3000;

/**
 * A plan: by a model where one answers in time, else the draft.
 *
 * @throws UserError for a model or a file that there is not, and the reason of the signal
 */
export async function makePlan(order: PlanOrder, services: PlanningServices, call: PlanningCall): Promise<MadePlan> {
  checkModel(order.model, services.models);
  const { signal } = call.job;
  const left = countdown({ signal, budgetMs: call.job.budgetMs - reserveMs });
  const teller = createTeller(call.job);
  try {
    const question = { root: call.project, goal: wholeGoal(order), files: order.files };
    const budgetMs = Math.min(left().budgetMs, deadlinesMs.patience - reserveMs);
    const job = { signal, budgetMs, onProgress: ({ message }: JobProgress) => teller.tell(message) };
    const material = await gatherMaterial(question, services, job);
    const facts = factsText(material, Math.min(maxFactTokens, order.maxTokens * factsShare));
    const draft = draftPlan(order, material);
    const { workers, digests } = services;
    const reading = () => ({ project: call.project, workers, digests, job: left() });
    const check = (document: PlanDocument) => checkPlan(document, reading());
    const offline = () => checkDraft(draftFor(order, draft), reading());
    const withModel = async () => {
      const asked = { ...draft, next_step: order.nextStep, next_question: order.nextQuestion };
      const { model, kept, maxTokens } = order;
      services.models.named(model); // where there is none, nothing is begun
      const runId = await call.beginRun();
      const { actor, project } = call;
      const limits = { signal, withinMs: left().budgetMs, purpose: 'planner', actor, project, runId };
      return services.planner.plan(
        { draft: asked, kept, facts, model, maxTokens, check, progress: teller.tell },
        limits,
      );
    };
    const { value, ...how } =
      order.model === 'none'
        ? { value: await offline(), mode: 'offline' as const }
        : await modelOrOffline(signal, withModel, offline);
    return { ...value, ...how, material, shares: facts.shares };
  } finally {
    teller.stop();
  }
}

/** What no operator has set up is no fault of the caller. */
function checkModel(model: string, models: Models) {
  if (model === 'none') return;
  try {
    models.named(model);
  } catch (error) {
    if (!(error instanceof NoModel)) throw error;
  }
}

/** After the steps that stay, those of the draft that touch anything else. */
function draftFor({ kept, nextStep }: PlanOrder, draft: PlanDocument): PlanDocument {
  if (kept.length === 0) return draft;
  const done = new Set(kept.flatMap(({ files }) => files.map(({ path }) => path)));
  const fresh = draft.steps.filter(({ files }) => files.length === 0 || files.some(({ path }) => !done.has(path)));
  const ids = new Map(fresh.map(({ id }, at) => [id, nextStep + at]));
  const renumbered = fresh.map((step) => ({
    ...step,
    id: ids.get(step.id) ?? step.id,
    depends_on: step.depends_on.flatMap((id) => ids.get(id) ?? []),
  }));
  return { ...draft, steps: [...kept, ...renumbered], next_step: nextStep + fresh.length };
}
