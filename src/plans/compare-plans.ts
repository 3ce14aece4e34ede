import { formatAcceptance, formatFile } from './notation.ts';
import type { PlanDocument, Step } from './plan.ts';

/** What one revision of a plan has that another has not, step by step. */
export interface PlanComparison {
  /** Fields of the plan itself that differ. */
  fields: string[];
  steps: Array<{ step: number; change: 'added' | 'dropped' | 'changed' | 'moved'; title: string; details: string[] }>;
}

export function comparePlans(before: PlanDocument, after: PlanDocument): PlanComparison {
  const old = new Map(before.steps.map((step) => [step.id, step]));
  const now = new Map(after.steps.map((step) => [step.id, step]));
  const moved = movedSteps(before.steps, after.steps);
  const dropped = before.steps.filter(({ id }) => !now.has(id)).map((step) => told(step, 'dropped', []));
  const others = after.steps.flatMap((step) => {
    const earlier = old.get(step.id);
    if (!earlier) return [told(step, 'added', [])];
    const details = compareSteps(earlier, step);
    if (details.length > 0) return [told(step, 'changed', details)];
    return moved.has(step.id) ? [told(step, 'moved', [])] : [];
  });
  return { fields: compareFields(before, after), steps: [...others, ...dropped] };
}

function told({ id, title }: Step, change: PlanComparison['steps'][number]['change'], details: string[]) {
  return { step: id, change, title, details };
}

const ownFields = ['title', 'goal', 'ticket', 'approach', 'mode'] as const;
const listFields = ['constraints', 'assumptions', 'alternatives', 'test_plan', 'rollout'] as const;

function compareFields(before: PlanDocument, after: PlanDocument): string[] {
  const own = ownFields.flatMap((field) => {
    return before[field] === after[field] ? [] : [`${field}: ${before[field] ?? 'none'} -> ${after[field] ?? 'none'}`];
  });
  const lists = listFields.flatMap((field) => compareLists(field, before[field], after[field]));
  const questions = [before, after].map((each) =>
    each.questions.map(({ id, text, answer }) => `${id} ${text} ${answer ?? 'open'}`),
  );
  return [...own, ...lists, ...compareLists('questions', questions[0] ?? [], questions[1] ?? [])];
}

function compareSteps(before: Step, after: Step): string[] {
  const single = (['title', 'why', 'size', 'risk'] as const).flatMap((field) =>
    before[field] === after[field] ? [] : [`${field}: ${before[field] || 'none'} -> ${after[field] || 'none'}`],
  );
  return [
    ...single,
    ...compareLists('files', before.files.map(formatFile), after.files.map(formatFile)),
    ...compareLists('depends_on', before.depends_on.map(String), after.depends_on.map(String)),
    ...compareLists('acceptance', before.acceptance.map(formatAcceptance), after.acceptance.map(formatAcceptance)),
  ];
}

/** `files: + new src/a.ts, - edit src/b.ts` */
function compareLists(name: string, before: readonly string[], after: readonly string[]): string[] {
  const added = after.filter((each) => !before.includes(each)).map((each) => `+ ${each}`);
  const removed = before.filter((each) => !after.includes(each)).map((each) => `- ${each}`);
  return added.length + removed.length === 0 ? [] : [`${name}: ${[...added, ...removed].join(', ')}`];
}

/** Steps of both that stand behind another one than before, among those that both have. */
function movedSteps(before: readonly Step[], after: readonly Step[]): Set<number> {
  const both = (steps: readonly Step[], others: readonly Step[]) => {
    const known = new Set(others.map(({ id }) => id));
    return steps.map(({ id }) => id).filter((id) => known.has(id));
  };
  const [old, now] = [both(before, after), both(after, before)];
  return new Set(now.filter((id, index) => index !== old.indexOf(id)));
}

export function describeComparison({ fields, steps }: PlanComparison): string {
  const marks = { added: '+', dropped: '-', changed: '~', moved: '>' } as const;
  const lines = steps.flatMap(({ step, change, title, details }) => [
    `${marks[change]} ${step} ${title} (${change})`,
    ...details.map((detail) => `    ${detail}`),
  ]);
  return [...fields, ...lines].join('\n') || 'Both are the same.';
}
