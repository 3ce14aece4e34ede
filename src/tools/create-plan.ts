import * as z from 'zod';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { modelFields } from '../models/model-or-offline.ts';
import { fitPlanView } from '../plans/fit-view.ts';
import { keepStepIds } from '../plans/keep-step-ids.ts';
import { type MadePlan, makePlan, type PlanOrder } from '../plans/make-plan.ts';
import { type Plan, parsePlanId, planId, type Question, stepSizes } from '../plans/plan.ts';
import { createPlanView, describePlanView } from '../plans/view.ts';
import { cleanText } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { parseTicketId, ticketId } from '../tickets/ticket.ts';
import { project } from './params.ts';
import * as planFields from './plan-params.ts';
import * as fields from './ticket-params.ts';
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
  request_id: fields.requestId,
  project,
});

type Input = z.output<typeof input>;

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
  output: z.object({
    project: z.string(),
    ...modelFields,
    plan: planFields.planOutput,
    facts: z.looseObject({ files: z.array(z.string()) }).optional(),
  }),

  async run(asked, call) {
    const found = await call.projects.findKept(asked.project);
    const author = fields.authorOf('create_plan', asked, call.caller);
    const told = call.person?.told;
    const known = told ? undefined : await call.plans.repeated(found, author);
    if (known) return show(known, undefined);
    const base = told && (await call.plans.get(found.id, parsePlanId(told.state).number));
    if (told && told.answers.size === 0 && base) return show(base, undefined);
    const order = await toOrder(asked, base, call);
    const made = await makePlan(order, planFields.planningServices(call, found.id), {
      project: found,
      job: call.job,
      actor: call.caller.source,
    });
    call.job.signal.throwIfAborted();
    const plan = base
      ? await call.plans.revise(found, base, keepStepIds(base.document, made.document), { source: author.source })
      : await call.plans.create(found, made.document, author);
    if (call.person && !base) askPerson(plan);
    return show(plan, made);
  },
});

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
const maxOthers = 6;

function show(plan: Plan, made: MadePlan | undefined) {
  const beside = made ? { findings: made.findings } : {};
  const view = fitPlanView(createPlanView(plan, beside), maxCharacters);
  const facts = made && factsOf(plan, made);
  const note = [made?.note, ...(made?.material.notes ?? []).map((each) => `Not complete: ${each}.`)]
    .filter(Boolean)
    .join(' ');
  const { mode, model } = plan.document;
  const how = { mode, ...(model !== undefined && { model }), ...(note && { note }) };
  const data = { project: plan.projectId, ...how, plan: view, ...(facts && { facts }) };
  return { data, text: [note, describePlanView(view), facts && describeFacts(facts)].filter(Boolean).join('\n') };
}

/** What was gathered and is not in the plan, so that the caller can fill in the rest. */
function factsOf({ document }: Plan, { material, shares, mode }: MadePlan) {
  const planned = new Set(document.steps.flatMap(({ files }) => files.map(({ path }) => path)));
  const others = material.files.filter(({ path }) => !planned.has(path)).slice(0, mode === 'offline' ? maxOthers : 0);
  return {
    tokens: shares,
    files: others.map(({ path, purpose, why }) => `${path}: ${cut(purpose || (why[0] ?? ''), 120)}`),
    conventions: material.documents.map(({ path }) => path),
    commands: material.commands.map(({ run }) => run),
    tickets: material.tickets.map(({ id, title, status }) => `${id} (${status}): ${cut(title, 100)}`),
  };
}

function describeFacts({ tokens, files, conventions, commands, tickets }: ReturnType<typeof factsOf>): string {
  const spent = Object.entries(tokens).map(([part, count]) => `${part} ${count}`);
  const line = (title: string, items: readonly string[]) => (items.length > 0 ? `${title}: ${items.join(', ')}` : '');
  return [
    files.length > 0 ? ['It may also concern:', ...files.map((file) => `  ${file}`)].join('\n') : '',
    line('Read for the rules of the project', conventions),
    line('Checked by', commands),
    line('Open tickets like it', tickets),
    line('Gathered, in tokens', spent),
  ]
    .filter(Boolean)
    .join('\n');
}
