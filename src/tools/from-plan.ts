import { UserError } from '../errors.ts';
import { formatAcceptance } from '../plans/notation.ts';
import { planId, stepId } from '../plans/plan.ts';
import { chosenSteps, describeStepAsWork, parsePlanSteps } from '../plans/step-of-plan.ts';
import type { Reading } from '../search/file-hashes.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import type { TicketChange } from '../tickets/apply-change.ts';
import { linksOf, parseLink } from '../tickets/links.ts';
import type { MadeTickets } from '../tickets/step-tickets.ts';
import { parseTicketId, type Ticket, ticketId } from '../tickets/ticket.ts';
import { authorOf } from './change-params.ts';
import { findPlan } from './plan-params.ts';
import { toChange } from './ticket-params.ts';
import type { Call } from './tool.ts';

/** What of a ticket is the same for all that are made of a plan. */
type Shared = Pick<TicketChange, 'status' | 'priority' | 'labels' | 'assignee' | 'due'> & {
  from_plan: string;
  links?: string[] | undefined;
  project?: string | undefined;
  source?: string | undefined;
  request_id?: string | undefined;
};

const ofSteps = ['title', 'overview', 'estimate', 'files', 'prompts', 'plan_step', 'tasks', 'acceptance'] as const;

/** Makes a ticket of each step of a plan that has none, in one change. */
export async function createFromPlan(input: Shared & Readonly<Record<string, unknown>>, call: Call) {
  refuse(input);
  const { projects, plans, tickets, workers, digests, caller, job } = call;
  const asked = parsePlanSteps(input.from_plan);
  const { project, number } = await findPlan({ plan: asked.plan, project: input.project }, projects);
  const plan = await plans.get(project.id, number);
  const reading: Reading = { project, workers, digests, job };
  const { status, priority, labels, assignee, due } = input;
  const wanted = new Map<string, TicketChange>();
  for (const step of chosenSteps(plan, asked.steps)) {
    const files = step.files.map(({ path }) => path);
    const own = { title: step.title, overview: describeStepAsWork(plan, step), files };
    const change = await toChange({ ...own, status, priority, labels, assignee, due }, reading);
    const acceptance = step.acceptance.map((item) => ({ text: cut(formatAcceptance(item), 1000) }));
    wanted.set(stepId(number, step.id), { ...change, acceptance });
  }
  const { steps, ticket } = plan.document;
  const planned = {
    ...{ plan: planId(number), wanted, links: (input.links ?? []).map(parseLink) },
    dependsOn: new Map(
      steps.map(({ id, depends_on }) => [stepId(number, id), depends_on.map((each) => stepId(number, each))]),
    ),
    parent: ticket === undefined ? undefined : parseTicketId(ticket).number,
  };
  const made = await tickets.createForPlan(project, planned, authorOf('create_ticket', input, caller));
  return answer(planned.plan, made);
}

function refuse(input: Readonly<Record<string, unknown>>) {
  const given = ofSteps.filter((field) => input[field] !== undefined);
  if (given.length === 0) return;
  throw new UserError(
    'bad_input',
    `"from_plan" takes these from the steps: leave out ${given.join(', ')}, or change the plan.`,
  );
}

const maxTitle = 60;

function answer(plan: string, { projectId, created, existing }: MadeTickets) {
  const data = {
    project: projectId,
    created: created.map(showTicket),
    existing: existing.map(({ planStep, number, status }) => ({ id: ticketId(number), step: planStep, status })),
  };
  const text = [
    `Made ${counted(created.length, 'ticket')} of ${plan} in ${projectId}.`,
    ...data.created.map(({ id, step, title, waits_for: waits }) => {
      return `${id} ${step} ${title}${waits.length > 0 ? ` (waits for ${waits.join(', ')})` : ''}`;
    }),
    ...data.existing.map(({ id, step, status }) => `${id} ${step} was there before (${status})`),
  ].join('\n');
  return { data, text };
}

function showTicket({ number, document }: Ticket) {
  const waits = linksOf(document).filter(({ kind }) => kind === 'blocked_by');
  return {
    ...{ id: ticketId(number), step: document.plan_step ?? '', title: cut(document.title, maxTitle) },
    waits_for: waits.slice(0, 5).map((link) => ticketId(link.number)),
  };
}
