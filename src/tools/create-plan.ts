import * as z from 'zod';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { modelFields } from '../models/model-or-offline.ts';
import { fitPlanView } from '../plans/fit-view.ts';
import { keepStepIds } from '../plans/keep-step-ids.ts';
import { makePlan, type PlanOrder } from '../plans/make-plan.ts';
import { type Plan, parsePlanId, planId, type Question, stepSizes, type Told } from '../plans/plan.ts';
import { describeFacts, toldOf } from '../plans/told.ts';
import { createPlanView, describePlanView } from '../plans/view.ts';
import type { Project } from '../projects/registry.ts';
import { cleanText } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { type Author, parseTicketId, ticketId } from '../tickets/ticket.ts';
import { asRun, type LongCall } from './as-run.ts';
import { authorOf, requestId } from './change-params.ts';
import { project } from './params.ts';
import * as planFields from './plan-params.ts';
import { goingFields, waitFor } from './run-params.ts';
import { type Call, defineTool, OpenQuestions } from './tool.ts';

const input = z.strictObject({
  goal: planFields.goal.describe('What is wanted, a sentence for each requirement'),
  files: z.array(z.string().min(1).max(1100)).max(30).default([]).describe('Paths that it concerns, new ones too'),
  ticket: z.string().min(1).max(220).optional().describe('"T-12", to plan for'),
  constraints: z.array(z.string().min(1).max(1000).transform(cleanText)).max(20).default([]).describe('What must hold'),
  answers: z
    .array(z.string().min(1).max(4000).transform(cleanText))
    .max(20)
    .default([])
    .describe('["May callers break? => No"]'),
  size: z.enum(stepSizes).default('medium').describe('Reach of a draft'),
  model: planFields.model,
  max_tokens: z.int().min(2000).max(500_000).default(40_000).describe('For the model, 2000 to 500000'),
  wait: waitFor(45),
  request_id: requestId,
  project,
});

type Input = z.output<typeof input>;

const output = z.object({
  project: z.string(),
  ...modelFields,
  ...goingFields,
  plan: planFields.planOutput.optional(),
  facts: z.looseObject({ files: z.array(z.string()) }).optional(),
});

export const createPlan = defineTool({
  name: 'create_plan',
  title: 'Create plan',
  description:
    'Plan a change from the code: files, steps in order with tests and acceptance, open questions, linter findings. ' +
    'Without a model a draft, to fill in with revise_plan.',
  toolset: 'plans',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input,
  output,

  async run(asked, call) {
    const found = await call.projects.findKept(asked.project);
    const author = authorOf('create_plan', withoutWait(asked), call.caller);
    const told = call.person?.told;
    const known = told ? undefined : await call.plans.repeated(found, author);
    if (known) return show(known, known.document.told);
    const base = told && (await call.plans.get(found.id, parsePlanId(told.state).number));
    if (told && told.answers.size === 0 && base) return show(base, undefined);
    const order = await toOrder(asked, base, call);
    let made: Plan | undefined;
    const answer = await asRun(
      {
        ...{ project: found, wait: asked.wait },
        about: { tool: 'create_plan', task: order.goal, paths: [...order.files], asked: order.model },
        do: (long) => make(order, base, { ...call, ...long }, found, author),
        show: ({ plan, told }) => {
          made = plan;
          return show(plan, told);
        },
        showGoing: (run) => run,
        output,
      },
      call,
    );
    if (made && call.person && !base) askPerson(made);
    return answer;
  },
});

/** The plan is kept when it is ready, whoever waits for it. */
async function make(
  order: PlanOrder,
  base: Plan | undefined,
  call: Call & LongCall,
  found: Project,
  author: Author,
): Promise<{ plan: Plan; told: Told }> {
  const { job, beginRun, caller } = call;
  const planning = { project: found, job, actor: caller.source, beginRun };
  const made = await makePlan(order, planFields.planningServices(call, found.id), planning);
  job.signal.throwIfAborted();
  const told = toldOf(made.document, made);
  if (base) {
    const document = keepStepIds(base.document, made.document);
    return { plan: await call.plans.revise(found, base, document, { source: author.source }), told };
  }
  const document = { ...made.document, ...(author.request && { told }) };
  return { plan: await call.plans.create(found, document, author), told };
}

/** How long somebody waits is no part of what is asked. */
function withoutWait({ wait: _, ...asked }: Input): Omit<Input, 'wait'> {
  return asked;
}

const mostAsked = 3;

/** Whoever has questions that would change the plan asks them; it is kept by then, so that nothing hangs on an answer. */
function askPerson({ number, document: { title, questions } }: Plan) {
  const open = questions.filter(({ answer }) => answer === undefined).slice(0, mostAsked);
  if (open.length === 0) return;
  const message = `${planId(number)}, "${title}", is kept. Answers would change it; leave open what you do not know.`;
  const asked = open.map(({ id, text, assumed }) => ({ key: id, text, hint: assumed && `Assumed: ${assumed}` }));
  throw new OpenQuestions(message, asked, planId(number));
}

async function toOrder(asked: Input, base: Plan | undefined, call: Call): Promise<PlanOrder> {
  const { goal, constraints, files, size, max_tokens: maxTokens } = asked;
  const model = asked.model ?? planFields.modelOfPlanner(call);
  const given = asked.answers.map(toAnswer);
  const ticket = base ? undefined : await readTicket(asked, call);
  const answers = call.person?.told?.answers;
  const answered = base
    ? base.document.questions
        .map((question) => ({ ...question, ...answerTo(question, answers) }))
        .filter(({ answer }) => answer)
    : given;
  return {
    goal: base?.document.goal ?? [goal, ticket?.text].filter(Boolean).join('\n\n'),
    constraints,
    files: [...new Set([...files, ...(ticket?.files ?? [])])],
    ticket: base?.document.ticket ?? ticket?.id,
    ...{ size, model, maxTokens, answered, kept: [] },
    nextStep: 1,
    nextQuestion: base?.document.next_question ?? answered.length + 1,
  };
}

function answerTo({ id }: Question, answers: ReadonlyMap<string, string> | undefined) {
  const answer = answers?.get(id);
  return answer === undefined ? {} : { answer };
}

function toAnswer(text: string, at: number): Question {
  const [question, answer] = text.split(/\s=>\s(?!.*\s=>\s)/s);
  if (question && answer) return { id: `Q${at + 1}`, text: question.trim(), answer: answer.trim() };
  throw new UserError('bad_input', `${JSON.stringify(cut(text, 60))} is no answer. Write "QUESTION => ANSWER".`);
}

const maxOverview = 4000;

/** What a ticket says of the goal. */
async function readTicket({ ticket, project }: Input, { tickets, projects }: Call) {
  if (ticket === undefined) return undefined;
  const { project: named, number } = parseTicketId(ticket);
  const { id } = await projects.findKept(named ?? project);
  const { document } = (await tickets.get(id, number, { history: 0 })).ticket;
  const items = Object.values(document.acceptance).map(({ text }) => `- ${text}`);
  return {
    id: ticketId(number),
    text: [document.title, cut(document.overview ?? '', maxOverview), items.join('\n')].filter(Boolean).join('\n\n'),
    files: document.files.map(({ path }) => path),
  };
}

/** Of the plan; the rest is for the facts. */
const maxCharacters = 7500;

function show(plan: Plan, told: Told | undefined) {
  const view = fitPlanView(createPlanView(plan, told ? { findings: told.findings } : {}), maxCharacters);
  const { mode, model } = plan.document;
  const { note, facts } = told ?? {};
  const how = { mode, ...(model !== undefined && { model }), ...(note && { note }) };
  const data = { project: plan.projectId, ...how, plan: view, ...(facts && { facts }) };
  return { data, text: [note, describePlanView(view), facts && describeFacts(facts)].filter(Boolean).join('\n') };
}
