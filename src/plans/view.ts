import { cut } from '../text/cut.ts';
import type { Drift, StepDrift } from './drift.ts';
import { formatAcceptance, formatFile } from './notation.ts';
import { type Plan, planId, planUri, type Step } from './plan.ts';
import type { Finding } from './plan-facts.ts';
import type { Progress, StepTicket } from './progress.ts';
import { progressOf, readySteps } from './progress.ts';
import { waves } from './step-graph.ts';

/** What is known of a plan beside what is stored of it. */
export interface Beside {
  findings?: readonly Finding[];
  drift?: ReadonlyMap<number, StepDrift>;
  tickets?: readonly StepTicket[];
}

/** All that there is to show of a plan: what clients get as data, and what the text is written from. */
export function createPlanView({ projectId, number, revision, document, ...times }: Plan, beside: Beside) {
  const { title, goal, mode, model, ticket, constraints, assumptions, questions, approach, alternatives } = document;
  const { steps, test_plan, rollout, commit, next_step } = document;
  const { findings, drift, tickets = [] } = beside;
  const progress = tickets.length > 0 ? { progress: progressOf(document, tickets) } : {};
  return {
    ...{ id: planId(number), revision, title, mode, ...(model !== undefined && { model }), ...progress },
    ...(ticket !== undefined && { ticket }),
    ...{ goal, ...(constraints.length > 0 && { constraints }) },
    ...(findings && { findings: findings.map((each) => ({ ...each })) }),
    ...(questions.length > 0 && { questions: questions.map(({ id, ...question }) => ({ question: id, ...question })) }),
    ...(assumptions.length > 0 && { assumptions }),
    ...(approach !== '' && { approach }),
    ...(alternatives.length > 0 && { alternatives }),
    steps: steps.map((step) => showStep(step, drift?.get(step.id), tickets)),
    ...{ waves: waves(steps), ready: readySteps(document, tickets) },
    ...(test_plan.length > 0 && { test_plan }),
    ...(rollout.length > 0 && { rollout }),
    ...(commit !== undefined && { commit: commit.slice(0, 12) }),
    ...{ next_step, created: time(times.createdAt), updated: time(times.updatedAt) },
    uri: planUri(projectId, number),
  };
}

export type PlanView = ReturnType<typeof createPlanView> & { shortened?: string };
export type StepView = PlanView['steps'][number];

function showStep(
  { id, title, why, files, depends_on, acceptance, size, risk }: Step,
  drift: StepDrift | undefined,
  tickets: readonly StepTicket[],
) {
  const own = tickets.filter(({ step }) => step === id).map((each) => `${each.id} ${each.status}`);
  return {
    ...{ step: id, title, ...(why !== '' && { why }), files: files.map(formatFile) },
    ...(depends_on.length > 0 && { depends_on }),
    acceptance: acceptance.map(formatAcceptance),
    size,
    ...(risk !== undefined && { risk }),
    ...(own.length > 0 && { tickets: own }),
    ...(drift && drift.drift !== 'untouched' && { drift: drift.drift, changed: drift.files.map(changedFile) }),
    ...(drift && drift.commits.length > 0 && { commits: drift.commits.slice(0, 3).map(showCommit) }),
  };
}

function showCommit({ id, subject }: StepDrift['commits'][number]): string {
  return `${id.slice(0, 10)} ${cut(subject, 100)}`;
}

function changedFile({ path, now }: StepDrift['files'][number]): string {
  return `${path} ${now}`;
}

/** Seconds are enough, and shorter to read. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The view as text, one fact a line, the most important first. */
export function describePlanView(view: PlanView): string {
  const lines = [
    `${view.id} ${view.title}`,
    `revision ${view.revision}, ${view.mode}${view.model ? ` (${view.model})` : ''}${view.ticket ? `, for ${view.ticket}` : ''}`,
    view.progress && describeProgress(view.progress),
    ...block('Goal', view.goal.split('\n')),
    ...block('Constraints', view.constraints ?? []),
    ...(view.findings ? describeFindings(view.findings) : []),
    ...block('Open questions, and answers', (view.questions ?? []).map(describeQuestion)),
    ...block('Assumptions', view.assumptions ?? []),
    ...block('Approach', view.approach?.split('\n') ?? []),
    ...block('Set aside', view.alternatives ?? []),
    ...block('Steps', view.steps.flatMap(describeStep)),
    view.waves.length > 0 && `Order; those in brackets at once: ${describeWaves(view.waves)}`,
    view.ready.length > 0 && `Ready now: ${view.ready.join(', ')}`,
    ...block('Test plan', view.test_plan ?? []),
    ...block('Rollout', view.rollout ?? []),
    `${view.commit ? `Made at commit ${view.commit}. ` : ''}Next new step: ${view.next_step}. Created ${view.created}, updated ${view.updated}. ${view.uri}`,
    view.shortened,
  ];
  return lines.filter((line) => typeof line === 'string' && line !== '').join('\n');
}

export function describeProgress({ steps, done, in_progress, with_tickets }: Progress): string {
  return `${done} of ${steps} steps done, ${in_progress} in progress, ${with_tickets} with tickets`;
}

export function describeFindings(findings: ReadonlyArray<Pick<Finding, 'rule' | 'severity' | 'message'>>): string[] {
  if (findings.length === 0) return ['The linter found nothing.'];
  return block(
    'Findings',
    findings.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`),
  );
}

export function describeWaves(groups: ReadonlyArray<readonly number[]>): string {
  return groups.map((group) => (group.length > 1 ? `(${group.join(', ')})` : group.join(''))).join(', ');
}

function describeQuestion({ question, text, assumed, answer }: NonNullable<PlanView['questions']>[number]): string {
  if (answer !== undefined) return `${question} ${text} Answer: ${answer}`;
  return `${question} ${text}${assumed === undefined ? '' : ` (assumed: ${assumed})`}`;
}

const driftNotes: Record<Drift, string> = {
  untouched: '',
  touched: 'touched since',
  done_elsewhere: 'looks done elsewhere',
  contradicted: 'contradicted by the code',
};

function describeStep({ step, title, why, size, depends_on, risk, tickets, ...rest }: StepView): string[] {
  const notes = [
    size,
    ...(depends_on ? [`after ${depends_on.join(', ')}`] : []),
    ...(tickets ?? []),
    ...(rest.drift ? [`${driftNotes[rest.drift]}: ${rest.changed?.join(', ')}`] : []),
  ];
  return [
    `${step} ${title} (${notes.join('; ')})`,
    ...(why ? [`    ${why.replaceAll('\n', '\n      ')}`] : []),
    ...rest.files.map((file) => `    ${file}`),
    ...rest.acceptance.map((item) => `    done when: ${item}`),
    ...(risk ? [`    risk: ${risk}`] : []),
    ...(rest.commits ?? []).map((commit) => `    since: ${commit}`),
  ];
}

function block(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${item}`)];
}
