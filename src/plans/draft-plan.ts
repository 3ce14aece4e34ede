import { cut } from '../text/cut.ts';
import { chooseFiles, type PlanSize } from './choose-files.ts';
import { type OpenQuestion, questionsOn } from './draft-questions.ts';
import { draftSteps } from './draft-steps.ts';
import type { LikelyFile, Material } from './material.ts';
import type { PlanDocument, Question, Step } from './plan.ts';
import { requirementsOf, sentencesOf } from './requirements.ts';

export interface PlanRequest {
  goal: string;
  constraints: readonly string[];
  ticket?: string | undefined;
  size: PlanSize;
  /** Questions that were asked before, with their answers. */
  answered: readonly Question[];
  /** What the next of them is called. */
  nextQuestion: number;
}

/** A plan from what the code itself tells: where the change most likely goes, and how to tell that it is there. */
export function draftPlan(request: PlanRequest, material: Material): PlanDocument {
  const { goal, constraints, ticket, size } = request;
  const chosen = chooseFiles(material, goal, size);
  const asked = requirementsOf({ goal: wholeGoal(request), constraints: [] }).map(({ text }) => text);
  const requirements = asked.length > 0 ? asked : [titleOf(goal)];
  const steps = chosen.length > 0 ? draftSteps(chosen, requirements, material) : [findStep(requirements)];
  const last = changelogStep(steps, request, material);
  const questions = toQuestions(questionsOn({ goal, hasTicket: ticket !== undefined, chosen, material }), request);
  const opened = questions.length - request.answered.length;
  const all = last ? [...steps, last] : steps;
  return {
    title: titleOf(goal),
    goal,
    constraints: [...constraints],
    mode: 'offline',
    ...(ticket !== undefined && { ticket }),
    assumptions: assumptionsOf(chosen, steps),
    questions,
    approach: approachOf(chosen, steps),
    alternatives: alternativesTo(chosen, material),
    steps: all,
    test_plan: material.commands.map(({ run, kind }) => `\`${run}\` ${kind === 'test' ? 'passes' : 'finds nothing'}.`),
    rollout: [],
    ...(material.commit !== undefined && { commit: material.commit }),
    next_step: all.length + 1,
    next_question: request.nextQuestion + opened,
  };
}

/** With what was answered, which says more of it. */
export function wholeGoal({ goal, answered }: Pick<PlanRequest, 'goal' | 'answered'>): string {
  return [goal, ...answered.flatMap(({ answer }) => answer ?? [])].join('\n\n');
}

const maxTitle = 100;

export function titleOf(goal: string): string {
  const first = sentencesOf(goal)[0] ?? goal.trim();
  return cut(first.replace(/\s+/g, ' ').replace(/[.:]$/, ''), maxTitle);
}

/** Where no file has anything of the goal. */
function findStep(requirements: readonly string[]): Step {
  return {
    id: 1,
    title: 'Find out where this belongs',
    why: 'No file of the project has words of the goal.',
    files: [],
    depends_on: [],
    acceptance: requirements.slice(0, 8).map((text) => ({ text })),
    size: 'medium',
  };
}

function changelogStep(steps: readonly Step[], { goal }: PlanRequest, { changelog }: Material): Step | undefined {
  if (changelog === undefined || steps.some(({ files }) => files.some(({ path }) => path === changelog)))
    return undefined;
  return {
    id: steps.length + 1,
    title: `Tell of it in ${changelog}`,
    why: 'The project keeps one by hand.',
    files: [{ path: changelog, action: 'edit' }],
    depends_on: steps.map(({ id }) => id),
    acceptance: [{ text: `\`${changelog}\` tells users of it: ${titleOf(goal)}.` }],
    size: 'small',
  };
}

function toQuestions(open: readonly OpenQuestion[], { answered, nextQuestion }: PlanRequest): Question[] {
  const known = new Set(answered.map(({ text }) => text));
  const asked = open.filter(({ text }) => !known.has(text));
  return [...answered, ...asked.map((each, at) => ({ id: `Q${nextQuestion + at}`, ...each }))];
}

function assumptionsOf(chosen: readonly LikelyFile[], steps: readonly Step[]): string[] {
  const made = steps.flatMap(({ files }) => files.filter(({ action }) => action === 'new').map(({ path }) => path));
  const newTests = made.filter((path) => !chosen.some((file) => file.path === path));
  return [
    'The files were ranked by their words, names, imports and history; nobody has read them for this goal.',
    newTests.length > 0
      ? `Tests of their own were not found for some files; these are new: ${newTests.join(', ')}.`
      : '',
    'No other new files are needed: a draft cannot know them.',
  ].filter(Boolean);
}

function approachOf(chosen: readonly LikelyFile[], steps: readonly Step[]): string {
  const [best] = [...chosen].sort((a, b) => Number(b.isNamed) - Number(a.isNamed) || b.score - a.score);
  if (!best) return 'A draft without a model: it could not tell where the change goes.';
  const others = steps.length > 1 ? ' The steps follow the imports: what others build on comes first.' : '';
  return `A draft without a model: where the change most likely goes, not how it is made. Read ${best.path} first.${others}`;
}

const mostOthers = 5;

function alternativesTo(chosen: readonly LikelyFile[], { files }: Material): string[] {
  const paths = new Set(chosen.map(({ path }) => path));
  const others = files.filter(({ path, role }) => !paths.has(path) && role !== 'test' && role !== 'generated');
  if (others.length === 0) return [];
  return [
    `If it is not there, look at ${others
      .slice(0, mostOthers)
      .map(({ path }) => path)
      .join(', ')}.`,
  ];
}
