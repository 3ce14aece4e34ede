import * as z from 'zod';
import { UserError } from '../errors.ts';
import { comparePlans, describeComparison, type PlanComparison } from '../plans/compare-plans.ts';
import { findDrift } from '../plans/drift.ts';
import { readCommits, readFilesNow } from '../plans/files-now.ts';
import { fitPlanView } from '../plans/fit-view.ts';
import { gatherFacts } from '../plans/gather-facts.ts';
import { lintPlan } from '../plans/lint-plan.ts';
import { planMarkdown, planMermaid } from '../plans/markdown.ts';
import { type Plan, planId, planUri } from '../plans/plan.ts';
import { createPlanView, describePlanView } from '../plans/view.ts';
import { cut } from '../text/cut.ts';
import { fitting } from '../text/fitting.ts';
import { maxCharacters, project } from './params.ts';
import * as fields from './plan-params.ts';
import { defineTool } from './tool.ts';

export const getPlan = defineTool({
  name: 'get_plan',
  title: 'Get plan',
  description:
    'One plan: steps, order, acceptance, open questions, findings of the linter, the tickets made of it, and how far the code ' +
    'has moved from each step (drift). With compare: what another revision had otherwise.',
  toolset: 'plans',
  effect: 'read',
  input: z.strictObject({
    plan: fields.plan,
    revision: fields.revision.optional().describe('Default: the newest'),
    compare: fields.revision.optional().describe('Revision to compare with'),
    format: z.enum(['data', 'markdown', 'mermaid']).default('data').describe('mermaid: a graph'),
    max_characters: maxCharacters,
    project,
  }),
  output: z.looseObject({ project: z.string(), plan: fields.planOutput }),

  async run({ revision, compare, format, max_characters: most, ...input }, { projects, plans, tickets, ...services }) {
    const { project: found, number } = await fields.findPlan(input, projects);
    const plan = await plans.get(found.id, number, revision);
    if (compare !== undefined) return comparison(found.id, await plans.get(found.id, number, compare), plan, most);
    const made = await fields.ticketsOf(plan, tickets);
    if (format !== 'data') {
      const content = format === 'markdown' ? planMarkdown(plan, made) : planMermaid(plan.document, made);
      return whole(found.id, plan, content, most);
    }
    const { workers, digests, job } = services;
    const reading = { project: found, workers, digests, job };
    const facts = await gatherFacts(plan.document.steps, reading);
    const now = await readFilesNow([plan.document], reading);
    const nearestTo = (path: string) => now.renamed(plan.document.commit, path) ?? facts.nearestTo(path);
    const findings = lintPlan(plan.document, { ...facts, nearestTo });
    const drift = findDrift(plan.document, made, now, await readCommits(plan, reading));
    const view = fitPlanView(createPlanView(plan, { findings, drift, tickets: made }), most - fields.viewOverhead);
    return { data: { project: found.id, plan: view }, text: describePlanView(view) };
  },
});

function named({ number, revision, document }: Plan) {
  return { id: planId(number), revision, title: cut(document.title, 200) };
}

function whole(projectId: string, plan: Plan, content: string, most: number) {
  if (content.length > most - fields.viewOverhead) {
    const uri = planUri(projectId, plan.number);
    throw new UserError(
      'limit',
      `That has ${content.length} characters, and ${most} were asked for. Read ${uri}, give a larger max_characters, or leave out format.`,
    );
  }
  return { data: { project: projectId, plan: named(plan), content }, text: content };
}

const maxDetail = 300;

function comparison(projectId: string, before: Plan, after: Plan, most: number) {
  const all = comparePlans(before.document, after.document);
  const room = (most - 2 * fields.viewOverhead) / 2;
  const shown: PlanComparison = {
    fields: fitting(
      all.fields.map((each) => cut(each, maxDetail)),
      room / 2,
    ),
    steps: fitting(all.steps.map(shortChange), room),
  };
  const left = all.steps.length - shown.steps.length;
  const head = `${planId(after.number)}: revision ${after.revision} compared with ${before.revision}`;
  const rest = left > 0 ? [`and ${left} more steps; ask with a larger max_characters`] : [];
  const text = [head, describeComparison(shown), ...rest].join('\n');
  return {
    data: { project: projectId, plan: { ...named(after), compared_with: before.revision }, comparison: shown },
    text,
  };
}

function shortChange(change: PlanComparison['steps'][number]) {
  const details = change.details.slice(0, 10).map((each) => cut(each, maxDetail));
  return { ...change, title: cut(change.title, 100), details };
}
