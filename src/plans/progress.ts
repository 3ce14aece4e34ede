import type { PlanDocument } from './plan.ts';

/** A ticket that was made of a step. */
export interface StepTicket {
  step: number;
  /** `T-12` */
  id: string;
  status: string;
}

/** The tickets that cite steps of a plan, as the store of tickets knows them. */
export function toStepTickets(
  tickets: ReadonlyArray<{ planStep: string; number: number; status: string }>,
): StepTicket[] {
  return tickets.map(({ planStep, number, status }) => {
    return { step: Number(planStep.slice(planStep.indexOf('/') + 1)), id: `T-${number}`, status };
  });
}

/** `3 of 5 steps done, 1 in progress`: what the tickets of the steps say. */
export interface Progress {
  steps: number;
  done: number;
  in_progress: number;
  /** Steps that have tickets. */
  with_tickets: number;
}

export function progressOf({ steps }: PlanDocument, tickets: readonly StepTicket[]): Progress {
  const states = steps.map(({ id }) => stateOf(tickets.filter(({ step }) => step === id)));
  const count = (state: string) => states.filter((each) => each === state).length;
  return {
    ...{ steps: steps.length, done: count('done'), in_progress: count('in_progress') },
    with_tickets: states.filter((state) => state !== 'none').length,
  };
}

/** Steps that can be worked on now: not done, nobody is at them, and all that they wait for is done. */
export function readySteps({ steps }: PlanDocument, tickets: readonly StepTicket[]): number[] {
  const state = new Map(steps.map(({ id }) => [id, stateOf(tickets.filter(({ step }) => step === id))]));
  const isDone = (id: number) => !state.has(id) || state.get(id) === 'done';
  const open = steps.filter(({ id }) => state.get(id) === 'none' || state.get(id) === 'open');
  return open.filter(({ depends_on }) => depends_on.every(isDone)).map(({ id }) => id);
}

/** Of a step, by its tickets; a cancelled one tells nothing. */
export function stateOf(tickets: readonly StepTicket[]): 'none' | 'open' | 'in_progress' | 'done' {
  const live = tickets.filter(({ status }) => status !== 'cancelled');
  if (live.length === 0) return 'none';
  if (live.every(({ status }) => status === 'done')) return 'done';
  return live.some(({ status }) => status === 'in_progress' || status === 'done') ? 'in_progress' : 'open';
}
