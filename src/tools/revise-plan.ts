import * as z from 'zod';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { applyRevision, emptyPlan, type PlanChange } from '../plans/apply-revision.ts';
import type { StepChange } from '../plans/change-steps.ts';
import { checkPlan } from '../plans/check-plan.ts';
import type { MadePlan } from '../plans/make-plan.ts';
import { parseAcceptance, parseFile } from '../plans/notation.ts';
import { type Plan, type PlanDocument, planId, planUri, stepSizes } from '../plans/plan.ts';
import type { Finding } from '../plans/plan-facts.ts';
import type { PlanHead } from '../plans/plan-rows.ts';
import { revisedMeanwhile } from '../plans/plans.ts';
import { replan } from '../plans/replan.ts';
import { waves } from '../plans/step-graph.ts';
import { describeFindings, describeWaves } from '../plans/view.ts';
import type { Project } from '../projects/registry.ts';
import { cut } from '../text/cut.ts';
import { fitting } from '../text/fitting.ts';
import type { Author } from '../tickets/ticket.ts';
import { asRun } from './as-run.ts';
import { authorOf, requestId, source } from './change-params.ts';
import { project } from './params.ts';
import * as fields from './plan-params.ts';
import { type Call, defineTool } from './tool.ts';

const step = z.strictObject({
  step: fields.stepNumber.optional().describe('Its number; none adds one'),
  title: fields.stepTitle.optional(),
  why: fields.why.optional(),
  files: fields.stepFiles.optional().describe('e.g. ["src/a.ts", "new src/b.ts", "delete src/c.ts"]'),
  depends_on: fields.stepNumbers.optional(),
  acceptance: fields.acceptance.optional().describe('["Totals are right => npm test"]'),
  size: z.enum(stepSizes).optional(),
  risk: fields.why.optional(),
  position: z.int().min(1).max(100).optional(),
  merge: fields.stepNumbers.optional().describe('Steps to join into it'),
  split_from: fields.stepNumber.optional().describe('Step that hands these files and items over'),
  remove: z.boolean().optional(),
});

const input = z.strictObject({
  plan: fields.plan.optional().describe('"P-3"'),
  title: fields.title.optional().describe('One line'),
  goal: fields.goal.optional().describe('A sentence for each thing that is wanted'),
  constraints: fields.constraints,
  assumptions: fields.items.describe('Taken for granted'),
  approach: fields.approach.optional().describe('How'),
  alternatives: fields.items.describe('Set aside'),
  test_plan: fields.items.describe('Tests and commands'),
  rollout: fields.items.describe('After it is built'),
  steps: z.array(step).max(100).optional().describe('To add, change, split, merge, move or remove'),
  all_steps: z.boolean().optional().describe('steps are all there are, in order'),
  answers: fields.items.describe('e.g. ["Q1: yes"]'),
  ask: fields.items.describe('New open questions'),
  replan_from: fields.stepNumber.optional().describe('Plan anew from this step on'),
  model: fields.model,
  restore: fields.revision.optional().describe('Revision to bring back first'),
  dry_run: z.boolean().optional().describe('Keep nothing'),
  if_revision: fields.revision.optional().describe('Refuse if changed since'),
  source,
  request_id: requestId,
  project,
});

type Input = z.output<typeof input>;

const output = z.looseObject({
  project: z.string(),
  run_id: z.string().optional(),
  revision: z.int().optional(),
  findings: z.array(z.looseObject({ rule: z.string() })),
});

export const revisePlan = defineTool({
  name: 'revise_plan',
  title: 'Revise plan',
  description:
    'Change a plan, answer its questions or fill in an offline one; only what is given changes. Makes a revision and tells what ' +
    'the linter finds. With dry_run and a goal it checks a plan of your own.',
  toolset: 'plans',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input,
  output,

  async run(input, call) {
    const { projects, plans, workers, digests, caller, job } = call;
    if (input.plan === undefined) {
      const found = await projects.find(input.project);
      const document = applyRevision(ownPlan(input), changeOf(input));
      const looked = await checkPlan(document, { project: found, workers, digests, job });
      return answer(found.id, undefined, looked.document, looked.findings);
    }
    const { project: found, number } = await fields.findPlan({ plan: input.plan, project: input.project }, projects);
    const reading = { project: found, workers, digests, job };
    const author = authorOf('revise_plan', input, caller);
    const repeated = await plans.repeated(found, author);
    if (repeated)
      return answer(found.id, repeated, repeated.document, (await checkPlan(repeated.document, reading)).findings);
    const { based, document: start } = await plans.start(found.id, number, input.restore);
    if (input.if_revision !== undefined && input.if_revision !== based.revision) {
      throw revisedMeanwhile(based, input.if_revision);
    }
    const change = changeOf(input);
    const changed = applyRevision(start, change);
    if (input.replan_from !== undefined)
      return replanFrom(input.replan_from, { input, found, based, changed, author }, call);
    const { document, findings } = await checkPlan(changed, reading);
    const isSame = input.restore === undefined && Object.values(change).every((value) => value === undefined);
    if (isSame) return answer(found.id, { ...based, isNew: false }, document, findings);
    if (input.dry_run) return answer(found.id, undefined, document, findings);
    return answer(found.id, await plans.revise(found, based, document, author), document, findings);
  },
});

interface Replanning {
  input: Input;
  found: Project;
  based: PlanHead;
  changed: PlanDocument;
  author: Author;
}

async function replanFrom(from: number, { input, found, based, changed, author }: Replanning, call: Call) {
  const model = input.model ?? fields.modelOfPlanner(call);
  return asRun(
    {
      project: found,
      about: { tool: 'revise_plan', task: `${planId(based.number)} from step ${from} on`, paths: [], asked: model },
      async do({ job, beginRun }) {
        const services = fields.planningServices(call, found.id);
        const planning = { project: found, job, actor: call.caller.source, beginRun };
        const made = await replan(changed, { from, model }, services, planning);
        job.signal.throwIfAborted();
        const kept = input.dry_run ? undefined : await call.plans.revise(found, based, made.document, author);
        return { made, kept };
      },
      show: ({ made, kept }) => withMode(answer(found.id, kept, made.document, made.findings), made),
      showGoing: (run) => ({ ...run, findings: [] }),
      output,
    },
    call,
  );
}

function withMode({ data, text }: ReturnType<typeof answer>, { mode, model, note }: MadePlan) {
  const how = { mode, ...(model !== undefined && { model }), ...(note !== undefined && { note }) };
  return { data: { ...data, ...how }, text: [note ?? '', text].filter(Boolean).join('\n') };
}

function ownPlan({ dry_run, goal, restore, if_revision }: Input): PlanDocument {
  if (dry_run && goal !== undefined && restore === undefined && if_revision === undefined) return emptyPlan(goal);
  throw new UserError(
    'bad_input',
    'Name the "plan" to revise, e.g. "P-3" (list_plans has them). To check one of your own give "dry_run": true, a "goal" and "steps"; to keep one call create_plan first.',
  );
}

function changeOf({ test_plan: testPlan, all_steps: isAllSteps, steps, ...input }: Input): PlanChange {
  const { title, goal, constraints, assumptions, approach, alternatives, rollout, answers, ask } = input;
  const own = { title, goal, constraints, assumptions, approach, alternatives, testPlan, rollout, answers, ask };
  return { ...own, isAllSteps, steps: steps?.map(stepChangeOf) };
}

function stepChangeOf({
  depends_on: dependsOn,
  split_from: splitFrom,
  files,
  acceptance,
  ...rest
}: z.output<typeof step>): StepChange {
  return { ...rest, dependsOn, splitFrom, files: files?.map(parseFile), acceptance: acceptance?.map(parseAcceptance) };
}

const maxFindings = 6000;
const maxMessage = 500;

/** @param kept the revision, where one was made, or there is nothing new */
function answer(
  projectId: string,
  kept: (Pick<Plan, 'number' | 'revision'> & { isNew?: boolean }) | undefined,
  { steps, title }: PlanDocument,
  all: readonly Finding[],
) {
  const findings = fitting(
    all.map((each) => ({ ...each, steps: each.steps.slice(0, 20), message: cut(each.message, maxMessage) })),
    maxFindings,
  );
  const more = all.length - findings.length;
  const named = kept && { plan: planId(kept.number), revision: kept.revision, uri: planUri(projectId, kept.number) };
  const data = {
    ...{ project: projectId, ...named, findings, ...(more > 0 && { more_findings: more }) },
    ...{ steps: steps.map(({ id }) => id), waves: waves(steps) },
  };
  const state = kept?.isNew === false ? 'has nothing new, and stays' : 'is now';
  const head = named
    ? `${named.plan} in ${projectId} ${state} revision ${named.revision}: ${title}`
    : `Nothing was kept: ${title}`;
  const order = steps.length > 0 ? [`Order; those in brackets at once: ${describeWaves(data.waves)}`] : [];
  const rest = more > 0 ? [`and ${more} more findings`] : [];
  const text = [head, ...describeFindings(findings), ...rest, ...order, ...(named ? [named.uri] : [])].join('\n');
  return { data, text };
}
