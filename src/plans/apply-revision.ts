import { withoutAbsent } from '../text/absent.ts';
import { changeSteps, type StepChange } from './change-steps.ts';
import { parseAnswer } from './notation.ts';
import type { PlanDocument } from './plan.ts';

/** What a caller wants of a plan. A field that is absent stays; a list takes the place of the one that is there. */
export interface PlanChange {
  title?: string | undefined;
  goal?: string | undefined;
  constraints?: readonly string[] | undefined;
  assumptions?: readonly string[] | undefined;
  approach?: string | undefined;
  alternatives?: readonly string[] | undefined;
  testPlan?: readonly string[] | undefined;
  rollout?: readonly string[] | undefined;
  steps?: readonly StepChange[] | undefined;
  /** The steps that are given are all that there are, in this order. */
  isAllSteps?: boolean | undefined;
  /** `Q1: ...`; an empty answer opens the question again. */
  answers?: readonly string[] | undefined;
  /** New questions. */
  ask?: readonly string[] | undefined;
}

/** An empty plan, to which a change is applied to look at a plan that is not kept. */
export function emptyPlan(goal: string): PlanDocument {
  return {
    ...{ title: titleOf(goal), goal, constraints: [], mode: 'offline', assumptions: [], questions: [], approach: '' },
    ...{ alternatives: [], steps: [], test_plan: [], rollout: [], next_step: 1, next_question: 1 },
  };
}

const maxTitle = 100;

/** The first words of a goal. */
export function titleOf(goal: string): string {
  const line =
    goal
      .trim()
      .split('\n')[0]
      ?.replace(/^(?:#+|[-*+]|\d+[.)])\s+/, '') ?? '';
  const sentence = line.split(/(?<=[^.])\.\s/)[0] ?? '';
  return sentence.slice(0, maxTitle).trim().replace(/\.$/, '');
}

/**
 * The plan after a change. Pure.
 *
 * @throws UserError for a step or question that is not there, and for a step without a title
 */
export function applyRevision(document: PlanDocument, change: PlanChange): PlanDocument {
  const { title, goal, constraints, assumptions, approach, alternatives, testPlan, rollout } = change;
  const changed = withoutAbsent({
    ...document,
    ...(title !== undefined && { title }),
    ...(goal !== undefined && { goal }),
    ...(constraints !== undefined && { constraints: [...constraints] }),
    ...(assumptions !== undefined && { assumptions: [...assumptions] }),
    ...(approach !== undefined && { approach }),
    ...(alternatives !== undefined && { alternatives: [...alternatives] }),
    ...(testPlan !== undefined && { test_plan: [...testPlan] }),
    ...(rollout !== undefined && { rollout: [...rollout] }),
  });
  return changeQuestions(changeSteps(changed, change.steps ?? [], change.isAllSteps === true), change);
}

function changeQuestions(document: PlanDocument, { answers = [], ask = [] }: PlanChange): PlanDocument {
  const given = new Map(answers.map((each) => parseAnswer(each, document.questions)).map((each) => [each.id, each]));
  const answered = document.questions.map((question) => {
    const answer = given.get(question.id)?.answer ?? question.answer;
    return withoutAbsent({ ...question, answer: answer || undefined });
  });
  const asked = ask.map((text, index) => ({ id: `Q${document.next_question + index}`, text }));
  return { ...document, questions: [...answered, ...asked], next_question: document.next_question + ask.length };
}
