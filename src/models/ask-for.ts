import type * as z from 'zod';
import type { Message } from '../providers/provider.ts';
import { cut } from '../text/cut.ts';
import { fill } from '../text/fill.ts';
import { answerSchema } from './answer-schema.ts';
import {
  type AnswerEnd,
  type AnswerEvent,
  type Answered,
  type AskCall,
  collectAnswer,
  describeEnd,
  type Question,
  UnusableAnswer,
} from './question.ts';
import { cutOffIssue, type Reading, readAnswer } from './read-answer.ts';

/** What models are told of answers that are data, with a place for the particulars. */
export interface DataWords {
  /** Has `{{schema}}`. */
  answerAsData: string;
  /** Has `{{issue}}`. */
  correctAnswer: string;
}

/** Asks for data, and once more where the answer is none: what is wrong is told, and never mended by a guess. */
export async function askForData<Schema extends z.ZodType>(
  schema: Schema,
  question: Question,
  call: AskCall,
  { stream, words }: { stream: Stream; words: DataWords },
): Promise<Answered<z.output<Schema>>> {
  const begun = performance.now();
  const { text: shape, wire } = answerSchema(schema, call.purpose);
  const messages = withRequest(question.messages, fill(words.answerAsData, { schema: shape }));
  const ask = (asked: readonly Message[]) => {
    const withinMs = Math.max(1, call.withinMs - (performance.now() - begun));
    return collectAnswer(stream({ ...question, messages: asked, schema: wire }, { ...call, withinMs }));
  };

  const first = await ask(messages);
  const reading = judge(schema, first);
  if ('value' in reading) return answered(reading, [first.end]);
  const second = await ask([
    ...messages,
    { role: 'assistant', text: recalled(first) || '(nothing)' },
    { role: 'user', text: fill(words.correctAnswer, { issue: reading.issue }) },
  ]);
  const corrected = judge(schema, second);
  if ('value' in corrected) return answered(corrected, [first.end, second.end]);
  throw new UnusableAnswer(`${second.end.model} gave no answer in the form that was asked for, in two turns.`);
}

export type Stream = (question: Question, call: AskCall) => AsyncGenerator<AnswerEvent, void>;

/** An answer that was cut off may have filled all of the window: with the whole of it a second one would not fit. */
function recalled({ text, end }: { text: string; end: AnswerEnd }): string {
  return end.finish === 'length' ? cut(text, mostRecalled) : text;
}

const mostRecalled = 2000;

/** With the question, since some models take no second message of the system. */
function withRequest(messages: readonly Message[], request: string): Message[] {
  const last = messages.at(-1);
  if (last?.role !== 'user') return [...messages, { role: 'user', text: request }];
  return [...messages.slice(0, -1), { role: 'user', text: `${last.text}\n\n${request}` }];
}

function judge<Schema extends z.ZodType>(
  schema: Schema,
  { text, end }: { text: string; end: AnswerEnd },
): Reading<z.output<Schema>> {
  if (end.finish === 'stop') return readAnswer(schema, text);
  if (end.finish === 'length') return { issue: cutOffIssue };
  throw new UnusableAnswer(describeEnd(end));
}

function answered<Value>(
  { value, isStrict }: { value: Value; isStrict: boolean },
  ends: readonly [AnswerEnd, ...AnswerEnd[]],
): Answered<Value> {
  const last = ends.at(-1) ?? ends[0];
  const costs = ends.map(({ cost }) => cost);
  const usages = ends.map(({ usage }) => usage);
  return {
    ...{ value, model: last.model },
    usage: usages.reduce(
      (sum, each) => sum && each && { input: sum.input + each.input, output: sum.output + each.output },
    ),
    cost: costs.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each)),
    notes: [
      ...new Set(ends.flatMap(({ notes }) => notes)),
      ...(ends.length > 1 ? ['The first answer could not be used; this is the corrected one.'] : []),
      ...(isStrict ? [] : ['The answer was not strict JSON, and was read all the same.']),
    ],
  };
}
