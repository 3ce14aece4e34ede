import type { PlanDocument, Step } from '../../src/plans/plan.ts';
import type { Rule } from '../../src/plans/plan-facts.ts';
import { predecessors } from '../../src/plans/step-graph.ts';
import type { GoodPlan } from './good-plans.ts';
import { factsOf } from './projects.ts';

/** One known way to spoil a plan; `undefined` where a plan has nothing to spoil so. */
export interface Damage {
  name: string;
  rule: Rule;
  spoil(plan: GoodPlan, pick: <Item>(items: readonly Item[]) => Item | undefined): PlanDocument | undefined;
}

export const damages: readonly Damage[] = [
  damage('all steps are gone', 'no_steps', ({ document }) => ({ ...document, steps: [] })),
  damage('a step is dropped that alone serves a part of the goal', 'uncovered_requirement', ({ document }) => {
    // Steps that others wait for are left: dropping these is found by another rule.
    const leaf = document.steps.findLast(({ id }) => document.steps.every((step) => !step.depends_on.includes(id)));
    return leaf && { ...document, steps: document.steps.filter(({ id }) => id !== leaf.id) };
  }),
  damage('a constraint is asked for that nothing speaks of', 'uncovered_requirement', ({ document }) => {
    return { ...document, constraints: [...document.constraints, 'Screen readers announce every colour theme.'] };
  }),
  damage('two steps wait for each other', 'cycle', ({ document }) => {
    const [first, last] = [document.steps[0], document.steps.at(-1)];
    return first && last && first !== last
      ? edited(document, first, { depends_on: [...first.depends_on, ...waiting(document, first)] })
      : undefined;
  }),
  damage('a step waits for itself', 'cycle', ({ document }, pick) => {
    const step = pick(document.steps);
    return step && edited(document, step, { depends_on: [...step.depends_on, step.id] });
  }),
  damage('a step waits for one that is not there', 'unknown_dependency', ({ document }, pick) => {
    const step = pick(document.steps);
    return step && edited(document, step, { depends_on: [...step.depends_on, 77] });
  }),
  damage('a path is misspelt', 'missing_file', ({ document }, pick) => {
    const step = pick(document.steps.filter(({ files }) => files.some(({ action }) => action === 'edit')));
    return step && withFile(document, step, 'edit', (path) => path.replace(/(\w)(\.\w+)$/, '$1x$2'));
  }),
  damage('a folder is edited', 'missing_file', ({ document }, pick) => {
    const step = pick(document.steps.filter(({ files }) => files.some(({ action }) => action === 'edit')));
    return step && withFile(document, step, 'edit', (path) => path.slice(0, Math.max(1, path.lastIndexOf('/'))));
  }),
  damage('a file is made that is there', 'file_exists', ({ document }, pick) => {
    const step = pick(document.steps.filter(({ files }) => files.some(({ action }) => action === 'edit')));
    return step && edited(document, step, { files: step.files.map(({ path }) => ({ path, action: 'new' })) });
  }),
  damage('a file is made in a misspelt folder', 'missing_folder', ({ document, project }, pick) => {
    const step = pick(document.steps);
    const path = `${project.modules[0].source.replace(/^\w/, 'x')}.extra.${project.extension}`;
    return step && edited(document, step, { files: [...step.files, { path, action: 'new' }] });
  }),
  damage('a path leaves the project', 'path_outside', ({ document }, pick) => {
    const step = pick(document.steps);
    return step && edited(document, step, { files: [...step.files, { path: '../other/main.ts', action: 'edit' }] });
  }),
  damage('a secret file is edited', 'secret_file', ({ document }, pick) => {
    const step = pick(document.steps);
    return step && edited(document, step, { files: [...step.files, { path: '.env.production', action: 'edit' }] });
  }),
  damage('a generated or vendored file is edited', 'generated_file', ({ document, project }, pick) => {
    const step = pick(document.steps);
    return step && edited(document, step, { files: [...step.files, { path: project.generated, action: 'edit' }] });
  }),
  damage('the acceptance items of a step are removed', 'no_acceptance', ({ document }, pick) => {
    const step = pick(document.steps);
    return step && edited(document, step, { acceptance: [] });
  }),
  damage('an acceptance item becomes empty praise', 'vague_acceptance', ({ document }, pick) => {
    const step = pick(document.steps);
    const text = pick(praise);
    return step && text !== undefined ? edited(document, step, { acceptance: [{ text }] }) : undefined;
  }),
  damage('the tests are left out', 'untested_change', (plan) => {
    if (plan.project.extension === 'rs') return undefined; // its tests may stand in the files themselves
    const { roleOf } = factsOf(plan.project);
    const steps = plan.document.steps.map((step) => ({
      ...step,
      files: step.files.filter(({ path }) => roleOf(path) !== 'test'),
      acceptance: step.acceptance.map(({ text }) => ({ text })),
    }));
    return { ...plan.document, test_plan: [], steps };
  }),
  damage('all steps are merged into one', 'too_large', ({ document }) => {
    const [first] = document.steps;
    if (!first) return undefined;
    const files = new Map(document.steps.flatMap((step) => step.files).map((file) => [file.path, file]));
    if (files.size <= 6) return undefined; // a step of so few files may be one
    const merged = {
      ...first,
      files: [...files.values()],
      acceptance: document.steps.flatMap((step) => step.acceptance),
    };
    return { ...document, steps: [{ ...merged, size: 'medium', depends_on: [] }] };
  }),
  damage('a large step is called small', 'too_large', ({ document, project }, pick) => {
    const step = pick(document.steps);
    const files = project.modules.flatMap(({ source, test }) => [source, test]);
    const edits = files.map((path) => ({ path, action: 'edit' as const }));
    return step && edited(document, step, { files: edits, size: 'small' });
  }),
  damage('the files of a step are removed', 'no_files', ({ document }, pick) => {
    const step = pick(document.steps);
    return step && edited(document, step, { files: [] });
  }),
  damage('a step is there twice', 'duplicate_step', ({ document }, pick) => {
    const step = pick(document.steps);
    return step && { ...document, steps: [...document.steps, { ...step, id: document.next_step }] };
  }),
  damage('a step is there twice in other words', 'duplicate_step', ({ document }, pick) => {
    const step = pick(document.steps);
    const title = step && `${step.title} again`;
    return (
      step && {
        ...document,
        steps: [...document.steps, { ...step, id: 99, title: title ?? '', depends_on: [step.id] }],
      }
    );
  }),
  damage('steps that share a file lose their order', 'unordered_overlap', ({ document }) => {
    const before = predecessors(document.steps);
    const sharing = document.steps.find((step) =>
      document.steps.some((other) => {
        const isBefore = before.get(step.id)?.has(other.id) === true;
        return isBefore && other.files.some(({ path }) => step.files.some((file) => file.path === path));
      }),
    );
    return sharing && edited(document, sharing, { depends_on: [] });
  }),
  damage('a file is deleted and edited afterwards', 'used_after_delete', ({ document }) => {
    const [first] = document.steps.filter(({ id }) => waiting(document, { id }).length > 0);
    const later = first && document.steps.find(({ depends_on }) => depends_on.includes(first.id));
    const path = later?.files.find(({ action }) => action === 'edit')?.path;
    if (!first || path === undefined) return undefined;
    const others = first.files.filter((file) => file.path !== path);
    return edited(document, first, { files: [...others, { path, action: 'delete' }] });
  }),
];

const praise = [
  'It works as expected.',
  'The code is clean and the tests pass.',
  'Everything is implemented properly',
  'Feature is complete and robust',
  'Done correctly, no bugs',
];

function damage(name: string, rule: Rule, spoil: Damage['spoil']): Damage {
  return { name, rule, spoil };
}

function edited(document: PlanDocument, step: Step, change: Partial<Step>): PlanDocument {
  const steps = document.steps.map((each) => (each === step ? { ...each, ...change } : each));
  return { ...document, steps };
}

function withFile(
  document: PlanDocument,
  step: Step,
  action: Step['files'][number]['action'],
  rename: (path: string) => string,
) {
  const file = step.files.find((each) => each.action === action);
  const files = step.files.map((each) => (each === file ? { ...each, path: rename(each.path) } : each));
  return edited(document, step, { files });
}

/** Ids of the steps that wait for one. */
function waiting({ steps }: PlanDocument, { id }: Pick<Step, 'id'>): number[] {
  return steps.filter(({ depends_on }) => depends_on.includes(id)).map((step) => step.id);
}
