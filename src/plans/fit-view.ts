import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { describePlanView, type PlanView, type StepView } from './view.ts';

interface Level {
  /** Of goal and approach, in characters. */
  text: number;
  /** Of reasons, risks, questions and findings. */
  line: number;
  /** Of titles, files and acceptance items. */
  short: number;
  steps: number;
  /** Of each list of a step, and of the plan. */
  items: number;
}

/** What is kept at each step, in characters and in numbers of items. */
const levels: readonly Level[] = [
  { text: 2000, line: 200, short: 200, steps: 40, items: 10 },
  { text: 1000, line: 100, short: 120, steps: 25, items: 5 },
  { text: 400, line: 60, short: 80, steps: 15, items: 3 },
  { text: 200, line: 0, short: 60, steps: 8, items: 2 },
  { text: 0, line: 0, short: 30, steps: 2, items: 0 },
];

/** Shortens a view in steps until its text and its data both fit; what was left out is said, and where it is. */
export function fitPlanView(view: PlanView, maxCharacters: number): PlanView {
  const fits = (each: PlanView) =>
    JSON.stringify(each).length <= maxCharacters && describePlanView(each).length <= maxCharacters;
  if (fits(view)) return view;
  const shorter = levels.map((level) => shorten(view, level));
  return shorter.find(fits) ?? shorter.at(-1) ?? view;
}

function shorten(view: PlanView, { text, line, short, steps, items }: Level): PlanView {
  const some = (all: readonly string[] | undefined) => all?.slice(0, items).map((each) => cut(each, line));
  const { questions, findings, constraints, assumptions, alternatives, test_plan, rollout, approach } = view;
  return {
    ...view,
    ...{ title: cut(view.title, short), goal: cut(view.goal, text) },
    ...(approach !== undefined && { approach: cut(approach, text) }),
    ...(constraints && { constraints: some(constraints) ?? [] }),
    ...(assumptions && { assumptions: some(assumptions) ?? [] }),
    ...(alternatives && { alternatives: some(alternatives) ?? [] }),
    ...(test_plan && { test_plan: some(test_plan) ?? [] }),
    ...(rollout && { rollout: some(rollout) ?? [] }),
    ...(questions && { questions: questions.slice(0, items).map((each) => ({ ...each, text: cut(each.text, line) })) }),
    ...(findings && { findings: findings.slice(0, 2 * items).map((each) => shortFinding(each, short)) }),
    steps: view.steps.slice(0, steps).map((step) => shortStep(step, { line, short, items })),
    ...{ waves: view.waves.slice(0, steps), ready: view.ready.slice(0, steps) },
    shortened: `Shortened to fit (in all ${counted(view.steps.length, 'step')}). All of it: read ${view.uri}`,
  };
}

function shortFinding(finding: NonNullable<PlanView['findings']>[number], length: number) {
  return { ...finding, steps: finding.steps.slice(0, 10), message: cut(finding.message, length) };
}

function shortStep(step: StepView, { line, short, items }: Pick<Level, 'line' | 'short' | 'items'>): StepView {
  const some = (all: readonly string[]) => all.slice(0, items).map((each) => cut(each, short));
  return {
    ...{ ...step, title: cut(step.title, short), files: some(step.files), acceptance: some(step.acceptance) },
    ...(step.why !== undefined && { why: cut(step.why, line) }),
    ...(step.risk !== undefined && { risk: cut(step.risk, line) }),
    ...(step.depends_on && { depends_on: step.depends_on.slice(0, 10) }),
    ...(step.changed && { changed: some(step.changed) }),
    ...(step.commits && { commits: some(step.commits) }),
    ...(step.tickets && { tickets: some(step.tickets) }),
  };
}
