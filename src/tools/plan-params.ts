import * as z from 'zod';
import type { PlanningServices } from '../plans/make-plan.ts';
import { type Plan, parsePlanId, planId } from '../plans/plan.ts';
import { type StepTicket, toStepTickets } from '../plans/progress.ts';
import type { Project, Projects } from '../projects/registry.ts';
import { cleanLine, cleanText } from '../text/clean.ts';
import { ticketId, unsettled } from '../tickets/ticket.ts';
import type { Tickets } from '../tickets/tickets.ts';
import type { Call } from './tool.ts';

/** Fields that the plan tools share, and what joins plans and tickets. */

const line = (max: number) => z.string().max(max).transform(cleanLine);
const text = (max: number) => z.string().max(max).transform(cleanText);
const lines = z.array(text(2000).pipe(z.string().min(1))).max(50);

export const plan = z.string().min(1).max(220).describe('"P-3" or "shop.P-3"');
export const title = line(200).pipe(z.string().min(1));
export const goal = text(20_000).pipe(z.string().min(1));
export const approach = text(20_000);
export const constraints = lines.optional().describe('What must hold');
export const items = lines.optional();
export const stepTitle = line(300);
export const why = text(2000);
export const stepFiles = z.array(line(1100).pipe(z.string().min(1))).max(50);
export const acceptance = z.array(text(1000).pipe(z.string().min(1))).max(30);
export const stepNumber = z.int().min(1).max(99_999);
export const stepNumbers = z.array(stepNumber).max(100);
export const revision = z.int().min(1).max(999_999_999);

export const model = z.string().min(1).max(200).optional().describe('PROVIDER/MODEL, tier or "none"');

/** The view of `plans/view.ts`; its fields are plain and say what they are, so clients need not pay for a schema. */
export const planOutput = z.looseObject({ id: z.string(), revision: z.int(), title: z.string() });
/** What stands around a view in an answer, in characters. */
export const viewOverhead = 300;

/** The plan that a caller names, in the project that the id or the argument names. */
export async function findPlan(
  input: { plan: string; project?: string | undefined },
  projects: Projects,
): Promise<{ project: Project; number: number }> {
  const { project, number } = parsePlanId(input.plan);
  return { project: await projects.findKept(project ?? input.project), number };
}

/** The tickets that were made of the steps of a plan. */
export async function ticketsOf({ projectId, number }: Plan, tickets: Tickets): Promise<StepTicket[]> {
  return toStepTickets(await tickets.ofPlans(projectId, [planId(number)]));
}

/** As for the agent of that name. */
export function modelOfPlanner({ agents }: Pick<Call, 'agents'>): string {
  const planner = agents.known().find(({ name }) => name === 'planner');
  return (planner && agents.modelOf(planner)) ?? 'planning';
}

const mostTickets = 200;

/** What it takes to make a plan. */
export function planningServices(call: Call, projectId: string): PlanningServices {
  const { workers, taskIndexer, textSearch, digests, models, planner, tickets } = call;
  return {
    ...{ workers, taskIndexer, textSearch, digests, models, planner },
    async openTickets() {
      const question = { statuses: unsettled, ready: false, sort: 'updated' as const, limit: mostTickets };
      const { rows } = await tickets.list(projectId, question);
      return rows.map(({ number, title, status }) => ({ id: ticketId(number), title, status }));
    },
  };
}
