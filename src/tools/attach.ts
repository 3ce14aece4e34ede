import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { SentFile } from '../models/question.ts';
import type { Source } from '../packing/sources.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { Call } from './tool.ts';

/** What can go with a message: fields of an input. */
export const attachable = {
  files: z.array(z.string().min(1).max(1100)).max(20).default([]).describe('["src/cart.ts:10-40"]'),
  ticket: z.string().min(1).max(220).optional().describe('"T-12"'),
  plan: z.string().min(1).max(220).optional().describe('"P-3"'),
  prompt: z.string().min(1).max(200).optional().describe('Saved one'),
  arguments: z.record(z.string(), z.string()).default({}).describe('Of the prompt'),
};
type Attachable = z.output<z.ZodObject<typeof attachable>>;

/** The words of a message, with what is attached to it. */
export interface Attached {
  text: string;
  /** Material, each with its name. */
  parts: string[];
  files: SentFile[];
}

/** For all that is attached to one message. */
const maxTokens = 24_000;

/** @throws UserError for what is not there, or may not be read */
export async function attach(
  text: string,
  wanted: Attachable,
  { project, model, job }: { project: Project; model: string | undefined; job: JobCall },
  call: Call,
): Promise<Attached> {
  const sources: Source[] = [
    ...wanted.files.map((of) => ({ kind: 'file' as const, of })),
    ...(wanted.ticket === undefined ? [] : [{ kind: 'ticket' as const, of: wanted.ticket }]),
    ...(wanted.plan === undefined ? [] : [{ kind: 'plan' as const, of: wanted.plan }]),
  ];
  const words =
    wanted.prompt === undefined
      ? text
      : `${await promptText(wanted.prompt, wanted.arguments, project, job, call)}\n\n${text}`;
  const question = {
    project,
    model,
    actor: call.caller.source,
    maxTokens: Math.floor(maxTokens / Math.max(1, sources.length)),
  };
  const parts: string[] = [];
  const files: SentFile[] = [];
  for (const source of sources) {
    const { text: read, isCut, file } = await call.sources.read(source, question, job);
    const name = 'of' in source ? source.of : source.kind;
    parts.push(`${name}${isCut ? ' (its beginning)' : ''}\n\n${read}`);
    if (file) files.push(file);
  }
  return { text: words, parts, files };
}

/** One that reads the project when it is rendered is sent as text, since nobody could tell which files it holds. */
async function promptText(
  name: string,
  values: Readonly<Record<string, string>>,
  project: Project,
  job: JobCall,
  { library, caller }: Call,
): Promise<string> {
  const found = await library.find(name, job, project.id);
  const { text, slots } = await library.render(found, values, { actor: caller.source, job });
  if (slots.length === 0) return text;
  throw new UserError(
    'bad_input',
    `The prompt ${JSON.stringify(name)} holds slots. Give the text of render_prompt as "text".`,
  );
}
