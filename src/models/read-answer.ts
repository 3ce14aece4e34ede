import type * as z from 'zod';
import { readJson } from '../text/json.ts';
import { JsonFault, readLenientJson } from '../text/lenient-json.ts';

/** What a model is told of an answer that ended at its longest. */
export const cutOffIssue = 'It was cut off, since it is too long. Answer in fewer words.';

export type Reading<Value> = { value: Value; isStrict: boolean } | { issue: string };

/**
 * The value that a model's answer holds: the only one in it that fits the schema, whatever stands around it. What is cut
 * off, unclear or there in two versions is an issue, told so that the model can mend it.
 */
export function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: string): Reading<z.output<Schema>> {
  const text = withoutThoughts(answer);
  if (text === undefined) return { issue: 'It ends within the thoughts before the answer.' };
  const whole = readJson(text);
  if (whole !== undefined)
    return pickFitting(schema, [typeof whole === 'string' ? (readJson(whole) ?? whole) : whole], true);
  try {
    return pickFitting(schema, findValues(text), false);
  } catch (error) {
    if (error instanceof JsonFault) return { issue: `It is not valid JSON: ${error.message}.` };
    throw error;
  }
}

/** What some models think aloud before they answer. */
export const thoughts = /^\s*<(think|thinking|thought|reasoning)>[\s\S]*?<\/\1>/;
const openThoughts = /^\s*<(think|thinking|thought|reasoning)>/;

/** Without what models think aloud; the template of some has taken the opening tag away. */
function withoutThoughts(answer: string): string | undefined {
  const text = answer.replace(/^\ufeff/, '').replace(thoughts, '');
  if (openThoughts.test(text)) return undefined;
  const end = /^[^{[]*<\/(?:think|thinking|thought|reasoning)>/.exec(text)?.[0].length ?? 0;
  return text.slice(end).trim();
}

function pickFitting<Schema extends z.ZodType>(
  schema: Schema,
  values: readonly unknown[],
  isStrict: boolean,
): Reading<z.output<Schema>> {
  if (values.length === 0) return { issue: 'It holds no JSON.' };
  const results = values.map((value) => schema.safeParse(value));
  const fitting = results.flatMap((result) => (result.success ? [{ value: result.data }] : []));
  const [first, ...others] = fitting;
  if (!first) return { issue: describeIssues(results.flatMap(({ error }) => error?.issues ?? [])) };
  const text = JSON.stringify(first.value);
  if (others.some(({ value }) => JSON.stringify(value) !== text)) {
    return { issue: 'It holds several values that fit the schema, and they differ.' };
  }
  return { ...first, isStrict };
}

/**
 * Every value that stands in a text by itself. A pair of brackets that holds no data (`[see below]`) is prose.
 *
 * @throws JsonFault for one that holds data and cannot be read
 */
function findValues(text: string): unknown[] {
  const values: unknown[] = [];
  let tried = 0;
  for (let start = nextBracket(text, 0); start >= 0; ) {
    if (++tried > mostTried) throw new JsonFault(start, false);
    const end = Math.max(start + 1, readAt(text, start, values));
    start = nextBracket(text, end);
  }
  return values;
}

const mostTried = 1000;

function readAt(text: string, start: number, values: unknown[]): number {
  try {
    const { value, end } = readLenientJson(text, start);
    const isEmpty = /^.\s*.$/.test(text.slice(start, end)); // a box to tick, or an empty block of code
    if (!isEmpty) values.push(value);
    return end;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const end = closeOf(text, start);
    if (error.isCut || end === undefined || /["“:]/.test(text.slice(start, end))) throw error;
    return end;
  }
}

function nextBracket(text: string, from: number): number {
  bracket.lastIndex = from;
  return bracket.exec(text)?.index ?? -1;
}

const bracket = /[{[]/g;

/** Behind the bracket that closes the one here. */
function closeOf(text: string, start: number): number | undefined {
  let depth = 0;
  for (const { 0: found, index } of text.slice(start).matchAll(/[{}[\]]|"(?:[^"\\\n]|\\.)*"/g)) {
    if (found === '{' || found === '[') depth++;
    else if (found === '}' || found === ']') depth--;
    if (depth === 0) return start + index + found.length;
  }
  return undefined;
}

const maxIssues = 8;

function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const told = issues.slice(0, maxIssues).map(({ path, message }) => `${path.join('.') || 'the value'}: ${message}.`);
  return `It does not fit the schema. ${[...new Set(told)].join(' ')}`;
}
