import type { Step, StepFile } from './plan.ts';
import type { Finding, PlanFacts, Rule } from './plan-facts.ts';
import { predecessors } from './step-graph.ts';

/** Whether each path of a plan is there, or can be made, and is somebody's to write. */
export function lintFiles(steps: readonly Step[], facts: PlanFacts): Finding[] {
  const before = predecessors(steps);
  return steps.flatMap((step) => {
    const earlier = steps.filter(({ id }) => before.get(step.id)?.has(id) && id !== step.id);
    return step.files.flatMap((file) => lintFile({ step, file, steps, earlier, facts }));
  });
}

interface Place {
  step: Step;
  file: StepFile;
  steps: readonly Step[];
  /** Those that are done before this one. */
  earlier: readonly Step[];
  facts: PlanFacts;
}

function lintFile(place: Place): Finding[] {
  const { step, file, facts } = place;
  const state = facts.stateOf(file.path);
  const found = (rule: Rule, severity: Finding['severity'], rest: string): Finding[] => {
    return [{ rule, severity, steps: [step.id], message: `Step ${step.id}: ${file.path} ${rest}` }];
  };
  if (state === 'outside') return found('path_outside', 'error', 'is not inside the project. Name a path in it.');
  if (state === 'closed') return found('secret_file', 'error', 'may hold credentials and is never read. Leave it out.');
  return [...lintPresence(place, state, found), ...lintOrigin(place, found)];
}

type Found = (rule: Rule, severity: Finding['severity'], rest: string) => Finding[];

function lintPresence(place: Place, state: 'file' | 'folder' | 'missing', found: Found): Finding[] {
  const { step, file, steps, earlier, facts } = place;
  const makers = makersOf(steps, file.path).filter(({ id }) => id !== step.id);
  const last = earlier.filter(({ files }) => files.some((each) => each.path === file.path && each.action !== 'edit'));
  const isDeleted = last.some((each) => actionOf(each, file.path) === 'delete');
  const isMade = last.some((each) => actionOf(each, file.path) === 'new');
  if (file.action === 'new') {
    if (state !== 'missing' && !isDeleted) return found('file_exists', 'error', existing(state));
    return lintFolder({ path: file.path, steps, facts }, found);
  }
  if (isDeleted && !isMade) {
    return found('used_after_delete', 'error', 'is deleted by a step before this one. Change the order, or drop one.');
  }
  if (state === 'file' || isMade) return [];
  if (state === 'folder') return found('missing_file', 'error', 'is a folder. Name the files in it.');
  const maker = makers[0];
  if (maker) {
    const reason = `is made by step ${maker.id}, which this step does not wait for. Add ${maker.id} to its depends_on.`;
    return found('missing_file', 'error', reason);
  }
  const near = facts.nearestTo?.(file.path);
  const advice = near
    ? `Is it ${near}? Else give it the action "new".`
    : 'Find it with search_files, mode "path", or give it the action "new".';
  return found('missing_file', 'error', `is not there, and the step is to ${file.action} it. ${advice}`);
}

function existing(state: 'file' | 'folder'): string {
  return state === 'folder'
    ? 'is to be made, but is a folder. Name a file in it.'
    : 'is to be made, but is there already. Give it the action "edit", or another name.';
}

/** A new folder is believed where more than one file is made in it; for one alone it may be a slip of the pen. */
function lintFolder({ path, steps, facts }: { path: string; steps: readonly Step[]; facts: PlanFacts }, found: Found) {
  const folder = folderOf(path);
  if (facts.stateOf(folder) === 'folder') return [];
  const beside = steps.flatMap(({ files }) => files).filter((file) => file.action === 'new' && file.path !== path);
  if (beside.some((file) => file.path.startsWith(`${folder}/`))) return [];
  const reason = `is to be made in ${folder}/, which is not there. Check its spelling; a new folder is fine.`;
  return found('missing_folder', 'warning', reason);
}

function lintOrigin({ file, facts }: Place, found: Found): Finding[] {
  if (facts.roleOf(file.path) !== 'generated' || followsItsManifest.test(file.path)) return [];
  const reason = 'is written by a program, or is the work of others. Change what it is made from instead.';
  return found('generated_file', 'warning', reason);
}

/** Lock files change with what they lock; a file of declarations is generated only where it says so. */
const followsItsManifest = /(-lock\.[a-z]+|\.lockb?|(^|\/)go\.sum)$/i;

function makersOf(steps: readonly Step[], path: string): Step[] {
  return steps.filter((step) => actionOf(step, path) === 'new');
}

function actionOf({ files }: Step, path: string): StepFile['action'] | undefined {
  return files.find((file) => file.path === path)?.action;
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
