import * as z from 'zod';
import { cleanLine, cleanText } from '../text/clean.ts';
import { faultOf } from './check-prompt.ts';
import { argumentNames, includesOf } from './template.ts';

/** What a saved prompt is, wherever it is kept. */

export const promptName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and "-", at most 40');

const line = (most: number) => z.string().max(most).transform(cleanLine).pipe(z.string().min(1));
/** People leave quotes away. */
const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Where suggestions for a value come from while a user types. */
export const completionSources = ['files', 'tickets', 'plans', 'prompts', 'models', 'projects'] as const;

export const argument = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be lower-case letters, digits and "_"'),
  description: line(300).optional(),
  required: z.boolean().default(false),
  default: value.pipe(z.string().max(10_000).transform(cleanText)).optional(),
  complete: z
    .union([
      z.enum(completionSources),
      z
        .array(value.pipe(line(100)))
        .min(1)
        .max(100),
    ])
    .optional(),
});
export type PromptArgument = z.output<typeof argument>;

/** All but the body; strict, so that a word that is misspelt is found. */
export const promptFields = {
  title: line(120).optional(),
  description: line(300).optional(),
  arguments: z.array(argument).max(30).optional(),
  tags: z
    .array(value.pipe(line(40)))
    .max(20)
    .optional(),
  favourite: z.boolean().optional(),
};

export interface PromptDocument {
  title: string;
  description: string;
  arguments: PromptArgument[];
  tags: string[];
  favourite: boolean;
  /** A template; see `template.ts`. */
  body: string;
}

/** What lists tell of a prompt. */
export type PromptHead = Omit<PromptDocument, 'body'> & {
  /** The prompts that its body includes: their arguments are its own too. */
  includes: string[];
};

export function headOf({ body, ...rest }: PromptDocument): PromptHead {
  return { ...rest, includes: includesOf(body) };
}

export const maxBody = 100_000;

const storedFields = {
  title: z.string(),
  description: z.string(),
  arguments: z.array(argument),
  tags: z.array(z.string()),
  favourite: z.boolean(),
};

/** As it is stored. */
export const promptDocument: z.ZodType<PromptDocument> = z.strictObject({ ...storedFields, body: z.string() });
export const promptHead: z.ZodType<PromptHead> = z.strictObject({ ...storedFields, includes: z.array(z.string()) });

export type PromptFields = {
  [Field in keyof typeof promptFields]?: z.output<(typeof promptFields)[Field]> | undefined;
};

/**
 * A whole prompt of what somebody gave of it: a title and a description of its own words, and the arguments that its body
 * names.
 *
 * @returns the prompt, or a fault as `field: what is wrong`
 */
export function completePrompt(name: string, fields: PromptFields, body: string): PromptDocument | { fault: string } {
  const clean = cleanText(body);
  if (clean.trim() === '') return { fault: 'body: is empty' };
  if (clean.length > maxBody) return { fault: `body: has ${clean.length} characters, and may have ${maxBody}` };
  const names = argumentNames(clean);
  if ('fault' in names) return { fault: `body: ${names.fault}` };
  const document = {
    title: fields.title ?? titleOf(name),
    description: fields.description ?? descriptionOf(clean),
    arguments: fields.arguments ?? names.names,
    tags: [...new Set(fields.tags)],
    favourite: fields.favourite ?? false,
    body: clean,
  };
  const fault = faultOf(document);
  return fault === undefined ? document : { fault };
}

function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const maxDescription = 120;

/** The first line that says something. */
export function descriptionOf(body: string): string {
  const lines = body.split('\n').map((each) => cleanLine(each.replace(/^[#>*\s-]+/, '')));
  const first = lines.find((each) => each !== '') ?? '';
  return first.length <= maxDescription ? first : `${first.slice(0, maxDescription - 1).toWellFormed()}…`;
}
