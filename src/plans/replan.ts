import { UserError } from '../errors.ts';
import { type MadePlan, makePlan, type PlanningCall, type PlanningServices } from './make-plan.ts';
import type { PlanDocument } from './plan.ts';

export interface ReplanOptions {
  /** The first step that does not stay. */
  from: number;
  /** `provider/model`, a tier, or `none`. */
  model: string;
}

const maxTokens = 40_000;

/** The plan with what comes before a step as it is, and the rest made anew. @throws UserError as makePlan, and `not_found` */
export async function replan(
  document: PlanDocument,
  { from, model }: ReplanOptions,
  services: PlanningServices,
  call: PlanningCall,
): Promise<MadePlan> {
  const place = document.steps.findIndex(({ id }) => id === from);
  if (place < 0) {
    const known = document.steps.map(({ id }) => id).join(', ') || 'none';
    throw new UserError('not_found', `The plan has no step ${from}. Its steps: ${known}.`);
  }
  const { goal, constraints, ticket, next_step: nextStep, next_question: nextQuestion, questions } = document;
  const order = {
    ...{ goal, constraints, ticket, nextStep, nextQuestion, files: [], size: 'medium' as const, maxTokens, model },
    answered: questions.filter(({ answer }) => answer !== undefined),
    kept: document.steps.slice(0, place),
  };
  const made = await makePlan(order, services, call);
  return { ...made, document: { ...made.document, title: document.title } };
}
