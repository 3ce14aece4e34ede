import { UserError } from '../errors.ts';
import type { Asker } from '../models/asker.ts';
import { createDataMark, markAsData } from '../models/data-mark.ts';
import { type Answered, type AskCall, type SentFile, UnusableAnswer } from '../models/question.ts';
import { ProviderFailure } from '../providers/failure.ts';
import type { Message } from '../providers/provider.ts';
import { fill } from '../text/fill.ts';
import type { CheckedPlan } from './check-plan.ts';
import type { FactsText } from './facts-text.ts';
import type { PlanDocument, Step } from './plan.ts';
import { type PlanAnswer, planAnswer, toDocument } from './plan-answer.ts';

/** What models are told, as the files in `prompts/plans` say it. */
export interface PlannerWords {
  /** With `{{mark}}` and `{{first}}`. */
  plan: string;
  /** With `{{goal}}`, `{{particulars}}` and `{{facts}}`. */
  goal: string;
  /** With `{{findings}}`. */
  repair: string;
}

export interface PlannerQuestion {
  /** What it is to be: goal, constraints and answers are taken from it. */
  draft: PlanDocument;
  /** Steps that stay as they are, where only the rest is planned anew. */
  kept: readonly Step[];
  facts: FactsText;
  /** `provider/model` or a tier. */
  model: string;
  /** Of all that is sent and answered. */
  maxTokens: number;
  check(document: PlanDocument): Promise<CheckedPlan>;
  /** Hears of what is done now. */
  progress(message: string): void;
}

/** Makes plans with a model. */
export interface Planner {
  /**
   * One answer, and where the linter finds something one more; the better of the two.
   *
   * @throws as `Asker.askFor`
   */
  plan(question: PlannerQuestion, call: AskCall): Promise<Answered<CheckedPlan>>;
}

const answerTokens = 8000;
const temperature = 0.2;
/** With less time than this there is no second call. */
const repairMs = 4000;

export function createPlanner({ asker, words }: { asker: Asker; words: PlannerWords }): Planner {
  return {
    async plan({ draft, kept, facts, model, maxTokens, check, progress }, call) {
      const budget = asker.budget({ tokens: maxTokens });
      const until = performance.now() + call.withinMs;
      const messages = openingMessages(words, draft, kept, facts);
      const ask = async (asked: readonly Message[]): Promise<Answered<PlanAnswer>> => {
        const question = { model, messages: asked, maxTokens: answerTokens, temperature, files: sentFiles(facts) };
        return asker.askFor(planAnswer, question, {
          ...call,
          budget,
          withinMs: Math.max(1, until - performance.now()),
        });
      };
      progress('Asking the model for a plan');
      const first = await ask(messages);
      const plan = await check(withModel(toDocument(first.value, draft, kept), first));
      if (plan.findings.length === 0) return { ...first, value: plan };
      if (until - performance.now() < repairMs)
        return withNote({ ...first, value: plan }, 'There was no time to mend it.');
      progress(`Asking the model to mend ${plan.findings.length} of its faults`);
      const findings = plan.findings.map(({ message }) => `- ${message}`).join('\n');
      try {
        const second = await ask([
          ...messages,
          { role: 'assistant', text: JSON.stringify(first.value) },
          { role: 'user', text: fill(words.repair, { findings }) },
        ]);
        const mended = await check(withModel(toDocument(second.value, draft, kept), second));
        return better(total({ ...first, value: plan }, second), total({ ...second, value: mended }, first));
      } catch (error) {
        call.signal.throwIfAborted();
        if (!isPassing(error)) throw error;
        return withNote({ ...first, value: plan }, `It could not be mended: ${error.message}`);
      }
    },
  };
}

function openingMessages(words: PlannerWords, draft: PlanDocument, kept: readonly Step[], facts: FactsText): Message[] {
  const mark = createDataMark();
  const first = String(kept.length > 0 ? draft.next_step : 1);
  const values = { goal: draft.goal, particulars: particularsOf(draft, kept), facts: markAsData(facts.text, mark) };
  return [
    { role: 'system', text: fill(words.plan, { mark, first }) },
    { role: 'user', text: fill(words.goal, values) },
  ];
}

function particularsOf({ constraints, questions, ticket }: PlanDocument, kept: readonly Step[]): string {
  const answered = questions.flatMap(({ text, answer }) => (answer === undefined ? [] : [`- ${text} ${answer}`]));
  return [
    list(
      'Constraints:',
      constraints.map((text) => `- ${text}`),
    ),
    list('Answered by a person:', answered),
    ticket === undefined ? '' : `Ticket: ${ticket}`,
    list(
      'Steps that stay as they are; plan what comes after them:',
      kept.map((step) => JSON.stringify(step)),
    ),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : [title, ...items].join('\n');
}

function sentFiles({ files, documents }: FactsText): SentFile[] {
  return [
    ...files.map(({ path, lines }) => ({ path, ranges: lines.map((line) => ({ from: line, to: line })) })),
    ...documents.map(({ path, lines }) => ({ path, ranges: [{ from: 1, to: lines }] })),
  ];
}

function withModel(document: PlanDocument, { model }: Answered<unknown>): PlanDocument {
  return { ...document, model };
}

/** What both calls took. */
function total(one: Answered<CheckedPlan>, { usage, cost }: Answered<unknown>): Answered<CheckedPlan> {
  return {
    ...one,
    usage: one.usage && usage && { input: one.usage.input + usage.input, output: one.usage.output + usage.output },
    cost: one.cost === undefined || cost === undefined ? undefined : one.cost + cost,
  };
}

function better(first: Answered<CheckedPlan>, second: Answered<CheckedPlan>): Answered<CheckedPlan> {
  return weight(second.value) <= weight(first.value)
    ? withNote(second, 'Mended once after the linter had looked at it.')
    : withNote(first, 'What the model mended was worse, and is not taken.');
}

function weight({ findings }: CheckedPlan): number {
  return findings.reduce((sum, { severity }) => sum + (severity === 'error' ? 100 : 1), 0);
}

function withNote(answered: Answered<CheckedPlan>, note: string): Answered<CheckedPlan> {
  return { ...answered, notes: [...answered.notes, note] };
}

/** What keeps a second call from answering, and says nothing of the first. */
function isPassing(error: unknown): error is Error {
  return error instanceof ProviderFailure || error instanceof UnusableAnswer || error instanceof UserError;
}
