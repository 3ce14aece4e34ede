import { UserError } from '../errors.ts';
import { withoutAbsent } from '../text/absent.ts';
import { type Acceptance, type PlanDocument, type Step, type StepFile, stepSizes } from './plan.ts';

/** Without `step` a new one is added; with it, the fields that are given change. */
export interface StepChange {
  step?: number | undefined;
  title?: string | undefined;
  why?: string | undefined;
  files?: readonly StepFile[] | undefined;
  dependsOn?: readonly number[] | undefined;
  acceptance?: readonly Acceptance[] | undefined;
  size?: Step['size'] | undefined;
  /** An empty one takes it away. */
  risk?: string | undefined;
  /** Its place in the order from 1 on. */
  position?: number | undefined;
  /** Steps that become part of this one. */
  merge?: readonly number[] | undefined;
  /** For a new one: the step that it takes its files and acceptance items from, and stands behind. */
  splitFrom?: number | undefined;
  remove?: boolean | undefined;
}

const maxSteps = 100;

/** @param isAll whether the steps that are given are all that there are, in this order */
export function changeSteps(document: PlanDocument, changes: readonly StepChange[], isAll: boolean): PlanDocument {
  if (changes.length === 0 && !isAll) return document;
  const numbered = numberNew(document, changes);
  const changed = numbered.reduce((steps, change) => changeStep(steps, change, numbered), document.steps);
  const steps = isAll ? onlyThese(changed, numbered) : changed;
  if (steps.length > maxSteps) throw new UserError('limit', `A plan may have ${maxSteps} steps. Make several plans.`);
  const last = Math.max(document.next_step - 1, ...numbered.map(({ id }) => id));
  return { ...document, steps, next_step: last + 1 };
}

type Numbered = StepChange & { id: number };

/** New steps get the next numbers before any is changed, so that they can wait for each other. */
function numberNew({ steps, next_step: next }: PlanDocument, changes: readonly StepChange[]): Numbered[] {
  let free = next;
  return changes.map((change) => {
    if (change.step === undefined) return { ...change, id: free++ };
    if (!steps.some(({ id }) => id === change.step)) throw unknownStep(steps, change.step);
    return { ...change, id: change.step };
  });
}

function changeStep(steps: readonly Step[], change: Numbered, all: readonly Numbered[]): Step[] {
  const { id, step, remove, splitFrom } = change;
  if (step === undefined) return splitFrom === undefined ? add(steps, change) : split(steps, change, splitFrom, all);
  const found = find(steps, id);
  if (remove) return drop(steps, id, found.depends_on);
  const merged = (change.merge ?? []).filter((each) => each !== id).map((each) => find(steps, each));
  const joined = edited(merged.reduce(join, found), change);
  const kept = merged.reduce<Step[]>((left, each) => drop(left, each.id, [id]), replaced(steps, joined));
  return move(merged.length > 0 ? kept.map(withoutItself) : kept, id, change.position);
}

function withoutItself(step: Step): Step {
  return { ...step, depends_on: without(step.depends_on, [step.id]) };
}

function add(steps: readonly Step[], change: Numbered): Step[] {
  return move([...steps, newStep(change)], change.id, change.position);
}

function newStep(change: Numbered): Step {
  if (!change.title || change.remove) {
    throw new UserError('bad_input', 'A new step needs a "title"; to change or remove one name its "step".');
  }
  const empty = { id: change.id, title: change.title, why: '', files: [], depends_on: [], acceptance: [] };
  return edited({ ...empty, size: 'medium' }, change);
}

/** Dependents of the whole wait for its last part. */
function split(steps: readonly Step[], change: Numbered, from: number, all: readonly Numbered[]): Step[] {
  const whole = find(steps, from);
  const part = newStep({ ...change, dependsOn: change.dependsOn ?? [from] });
  const own = all.find(({ step }) => step === from);
  const paths = new Set(part.files.map(({ path }) => path));
  const texts = new Set(part.acceptance.map(({ text }) => text));
  const rest = {
    ...whole,
    ...(own?.files === undefined && { files: whole.files.filter(({ path }) => !paths.has(path)) }),
    ...(own?.acceptance === undefined && { acceptance: whole.acceptance.filter(({ text }) => !texts.has(text)) }),
  };
  const waiting = replaced(steps, rest).map((step) => {
    return step.id === from ? step : { ...step, depends_on: swapped(step.depends_on, from, [part.id]) };
  });
  const at = waiting.findIndex(({ id }) => id === from);
  return move(waiting.toSpliced(at + 1, 0, part), part.id, change.position);
}

function edited(step: Step, { title, why, files, dependsOn, acceptance, size, risk }: StepChange): Step {
  const known = new Map(step.files.map((file) => [file.path, file]));
  return withoutAbsent({
    ...step,
    title: title || step.title,
    why: why ?? step.why,
    ...(files !== undefined && { files: files.map((file) => ({ ...hashOf(known.get(file.path)), ...file })) }),
    ...(dependsOn !== undefined && { depends_on: [...new Set(dependsOn)] }),
    ...(acceptance !== undefined && { acceptance: [...acceptance] }),
    size: size ?? step.size,
    risk: (risk ?? step.risk) || undefined,
  });
}

/** A file that stays is told to have changed since it was first planned. */
function hashOf(file: StepFile | undefined): Pick<StepFile, 'hash'> {
  return file?.hash === undefined ? {} : { hash: file.hash };
}

function join(one: Step, other: Step): Step {
  const files = new Map(one.files.map((file) => [file.path, file]));
  for (const file of other.files) {
    const isMade = files.get(file.path)?.action === 'new' && file.action === 'edit';
    if (!isMade) files.set(file.path, file);
  }
  const size = stepSizes[Math.max(stepSizes.indexOf(one.size), stepSizes.indexOf(other.size))] ?? one.size;
  const risk = [one.risk, other.risk].filter((each) => each !== undefined).join(' ');
  return {
    ...{ ...one, size, files: [...files.values()], acceptance: [...one.acceptance, ...other.acceptance] },
    why: [one.why, other.why].filter((each) => each !== '').join(' '),
    depends_on: without([...new Set([...one.depends_on, ...other.depends_on])], [one.id, other.id]),
    ...(risk !== '' && { risk }),
  };
}

/** Those that waited for it wait for others in its place. */
function drop(steps: readonly Step[], id: number, instead: readonly number[]): Step[] {
  const others = steps.filter((step) => step.id !== id);
  return others.map((step) => {
    return { ...step, depends_on: without(swapped(step.depends_on, id, instead), [step.id]) };
  });
}

function onlyThese(steps: readonly Step[], changes: readonly Numbered[]): Step[] {
  const wanted = [...new Set(changes.map(({ id }) => id))];
  const dropped = steps.filter(({ id }) => !wanted.includes(id));
  const left = dropped.reduce<Step[]>((kept, { id, depends_on }) => drop(kept, id, depends_on), [...steps]);
  return left.sort((a, b) => wanted.indexOf(a.id) - wanted.indexOf(b.id));
}

function swapped(ids: readonly number[], id: number, instead: readonly number[]): number[] {
  return ids.includes(id) ? [...new Set(ids.flatMap((each) => (each === id ? instead : [each])))] : [...ids];
}

function without(ids: readonly number[], unwanted: readonly number[]): number[] {
  return ids.filter((id) => !unwanted.includes(id));
}

function replaced(steps: readonly Step[], step: Step): Step[] {
  return steps.map((each) => (each.id === step.id ? step : each));
}

function move(steps: readonly Step[], id: number, position: number | undefined): Step[] {
  const step = steps.find((each) => each.id === id);
  if (position === undefined || !step) return [...steps];
  return steps.filter((each) => each.id !== id).toSpliced(position - 1, 0, step);
}

function find(steps: readonly Step[], id: number): Step {
  const found = steps.find((step) => step.id === id);
  if (!found) throw unknownStep(steps, id);
  return found;
}

function unknownStep(steps: readonly Step[], id: number): UserError {
  const known = steps.map((step) => step.id).join(', ') || 'none';
  return new UserError('not_found', `The plan has no step ${id}. Known: ${known}.`);
}
