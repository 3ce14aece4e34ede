import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { StartError, UserError } from '../errors.ts';
import { readFrontMatter } from '../text/front-matter.ts';

const argument = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be lower-case letters, digits and "_"'),
  description: z.string().min(1),
  required: z.boolean().default(false),
  default: z.string().optional(),
  /** Where suggestions come from while a user types. */
  complete: z.union([z.enum(['files', 'projects', 'plans']), z.array(z.string().min(1)).min(1)]).optional(),
});

const frontMatter = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and "-", at most 40'),
  title: z.string().min(1),
  description: z.string().min(1).max(300),
  arguments: z.array(argument).default([]),
});

export type PromptArgument = z.infer<typeof argument>;

/** A Markdown file with front matter; its body holds `{{argument}}` where a value goes. */
export interface PromptFile extends z.infer<typeof frontMatter> {
  body: string;
}

/**
 * Reads every `*.md` of a folder, in the order of their names.
 *
 * @throws StartError naming the file and the field that is wrong.
 */
export function loadPrompts(folder: string): PromptFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => parsePrompt(name, readFileSync(join(folder, name), 'utf8')));
}

/** @throws StartError naming the file and the field that is wrong. */
export function parsePrompt(fileName: string, text: string): PromptFile {
  const parsed = readFrontMatter(text, frontMatter);
  if (!parsed) throw new StartError(`prompts/${fileName}: it must begin with front matter between two lines "---".`);
  if ('fault' in parsed) throw new StartError(`prompts/${fileName}: ${parsed.fault}`);
  const prompt = { ...parsed.fields, body: parsed.body.trim() };
  checkPrompt(fileName, prompt);
  return prompt;
}

const placeholder = /\{\{([^{}]*)\}\}/g;

function checkPrompt(fileName: string, { name, body, arguments: declared }: PromptFile) {
  if (`${name}.md` !== fileName) throw new StartError(`prompts/${fileName}: name: must be the file's own name.`);
  if (body === '') throw new StartError(`prompts/${fileName}: body: is empty.`);
  const known = new Set(declared.map((each) => each.name));
  const used = new Set([...body.matchAll(placeholder)].map(([, inner]) => inner ?? ''));
  const undeclared = [...used].find((each) => !known.has(each));
  if (undeclared !== undefined) {
    throw new StartError(`prompts/${fileName}: body: {{${undeclared}}} is not among its arguments.`);
  }
  const unused = declared.find((each) => !used.has(each.name));
  if (unused) throw new StartError(`prompts/${fileName}: arguments: ${unused.name} does not occur in the body.`);
}

const maxArgumentLength = 100_000;

/**
 * Puts values into a prompt, literally and in one pass: nothing within a value is expanded again.
 *
 * @throws UserError `bad_input` for a missing, unknown or overlong argument.
 */
export function renderPrompt(prompt: PromptFile, values: Readonly<Record<string, string>>): string {
  const given = new Map(Object.entries(values));
  for (const [name, value] of given) checkArgument(prompt, name, value);
  const missing = prompt.arguments.filter(({ name, required }) => required && !given.get(name)?.trim());
  if (missing.length > 0) {
    const names = missing.map(({ name, description }) => `${name} (${description})`).join(', ');
    throw new UserError('bad_input', `The prompt ${prompt.name} needs: ${names}.`);
  }
  const defaults = new Map(prompt.arguments.map(({ name, default: initial }) => [name, initial ?? '']));
  return prompt.body.replace(placeholder, (_, name: string) => given.get(name) || (defaults.get(name) ?? ''));
}

function checkArgument({ name: prompt, arguments: declared }: PromptFile, name: string, value: string) {
  if (!declared.some((each) => each.name === name)) {
    const known = declared.map((each) => each.name).join(', ') || 'none';
    throw new UserError(
      'bad_input',
      `The prompt ${prompt} has no argument ${JSON.stringify(name.slice(0, 60))}. It has: ${known}.`,
    );
  }
  if (value.length > maxArgumentLength) {
    throw new UserError('bad_input', `The argument ${name} may have ${maxArgumentLength} characters.`);
  }
}
