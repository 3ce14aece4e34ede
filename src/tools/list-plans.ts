import * as z from 'zod';
import { type Drift, findDrift } from '../plans/drift.ts';
import { readFilesNow } from '../plans/files-now.ts';
import { type Plan, planId } from '../plans/plan.ts';
import { progressOf, type StepTicket, toStepTickets } from '../plans/progress.ts';
import { describeProgress } from '../plans/view.ts';
import { counted } from '../text/count.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { cut } from '../text/cut.ts';
import { fitting } from '../text/fitting.ts';
import { cursor, project } from './params.ts';
import { defineTool } from './tool.ts';

const maxCharacters = 9000;

export const listPlans = defineTool({
  name: 'list_plans',
  title: 'List plans',
  description:
    'Plans, the newest first: what each is for, how far its tickets are, and from which steps the code has moved.',
  toolset: 'plans',
  effect: 'read',
  input: z.strictObject({
    limit: z.int().min(1).max(50).default(20).describe('1 to 50'),
    cursor,
    project,
  }),
  output: z.object({
    project: z.string(),
    plans: z.array(z.looseObject({ id: z.string(), title: z.string(), steps: z.int() })),
    next_cursor: z.string().optional(),
  }),

  async run({ limit, cursor, project }, { projects, plans, tickets, workers, digests, job }) {
    const found = await projects.findKept(project);
    const asked = { limit, project: found.id };
    const before = cursor === undefined ? undefined : decodeCursor(cursor, asked, z.int32());
    const { rows, hasMore } = await plans.list(found.id, { limit, before });
    const whole = await plans.getAll(
      found.id,
      rows.map(({ number }) => number),
    );
    const made = await tickets.ofPlans(
      found.id,
      rows.map(({ number }) => planId(number)),
    );
    const documents = whole.map(({ document }) => document);
    const now = await readFilesNow(documents, { project: found, workers, digests, job });
    const shown = fitting(
      rows.map((row) => {
        const plan = whole.find(({ number }) => number === row.number);
        const own = toStepTickets(made.filter(({ planStep }) => planStep.startsWith(`${planId(row.number)}/`)));
        const { revision, steps, ticket } = row;
        const head = { id: planId(row.number), title: cut(row.title, 200), revision, steps, ...(ticket && { ticket }) };
        return { ...head, ...(plan && described(plan, own, findDrift(plan.document, own, now))) };
      }),
      maxCharacters,
    );
    const last = rows[shown.length - 1];
    const goesOn = last !== undefined && (hasMore || shown.length < rows.length);
    const next = goesOn ? encodeCursor(asked, last.number) : undefined;
    const data = { project: found.id, plans: shown, ...(next !== undefined && { next_cursor: next }) };
    return { data, text: describe(shown, next) };
  },
});

const maxGoal = 200;

function described({ document }: Plan, tickets: StepTicket[], drift: ReturnType<typeof findDrift>) {
  const { questions } = document;
  const open = questions.filter(({ answer }) => answer === undefined).length;
  const states = [...drift.values()].map((each) => each.drift).filter((each) => each !== 'untouched');
  const counts = new Map<Drift, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return {
    goal: cut(document.goal.replace(/\s+/g, ' '), maxGoal),
    ...(tickets.length > 0 && { progress: progressOf(document, tickets) }),
    ...(open > 0 && { open_questions: open }),
    ...(counts.size > 0 && { drift: Object.fromEntries(counts) }),
  };
}

interface Row {
  id: string;
  title: string;
  revision: number;
  steps: number;
  ticket?: string;
  goal?: string;
  progress?: ReturnType<typeof progressOf>;
  open_questions?: number;
  drift?: Record<string, number>;
}

function describe(plans: readonly Row[], next: string | undefined): string {
  if (plans.length === 0) return 'There is no plan yet. Make one with create_plan.';
  return [
    counted(plans.length, 'plan'),
    ...plans.flatMap(describeRow),
    ...(next ? [`More with cursor "${next}".`] : []),
  ].join('\n');
}

function describeRow({
  id,
  title,
  revision,
  steps,
  ticket,
  goal,
  progress,
  open_questions: open,
  drift,
}: Row): string[] {
  const notes = [
    `revision ${revision}`,
    progress ? describeProgress(progress) : counted(steps, 'step'),
    ...(ticket ? [`for ${ticket}`] : []),
    ...(open ? [counted(open, 'open question')] : []),
    ...Object.entries(drift ?? {}).map(([state, count]) => `${counted(count, 'step')} ${state.replaceAll('_', ' ')}`),
  ];
  return [`${id} ${title} (${notes.join('; ')})`, ...(goal && goal !== title ? [`  ${goal}`] : [])];
}
