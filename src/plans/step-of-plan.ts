import { UserError } from '../errors.ts';
import { formatFile } from './notation.ts';
import { type Plan, planId, type Step, stepId } from './plan.ts';

/**
 * Reads `P-3`, or `P-3/1,4` for chosen steps of it.
 *
 * @throws UserError `bad_input`
 */
export function parsePlanSteps(text: string): { plan: string; steps: number[] | undefined } {
  const [plan = '', chosen] = text.split('/', 2);
  if (chosen === undefined) return { plan, steps: undefined };
  if (/^\s*[1-9]\d{0,4}(\s*,\s*[1-9]\d{0,4})*\s*$/.test(chosen)) {
    return { plan, steps: [...new Set(chosen.split(',').map(Number))] };
  }
  throw new UserError('bad_input', `${JSON.stringify(text.slice(0, 60))} names no steps of a plan. Write "P-3/1,4".`);
}

/** @param numbers all steps where it is absent @throws UserError `not_found` */
export function chosenSteps({ number, document }: Plan, numbers: readonly number[] | undefined): Step[] {
  const known = new Set(document.steps.map(({ id }) => id));
  const missing = numbers?.find((each) => !known.has(each));
  if (missing !== undefined) {
    const ids = [...known].join(', ') || 'none';
    throw new UserError('not_found', `${planId(number)} has no step ${missing}. Known: ${ids}.`);
  }
  const steps = document.steps.filter(({ id }) => numbers === undefined || numbers.includes(id));
  if (steps.length > 0) return steps;
  throw new UserError('bad_input', `${planId(number)} has no steps yet. Add some with revise_plan first.`);
}

/** What a ticket says that is made of a step. */
export function describeStepAsWork({ number, document }: Plan, step: Step): string {
  const others = step.files.filter(({ action }) => action !== 'edit').map((file) => `- ${formatFile(file)}`);
  const parts = [
    step.why,
    step.risk === undefined ? '' : `Risk: ${step.risk}`,
    others.length > 0 ? `Files that come or go:\n${others.join('\n')}` : '',
    `Step ${stepId(number, step.id)} of the plan "${document.title}".`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}
