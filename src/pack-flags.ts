import * as z from 'zod';
import { StartError } from './errors.ts';
import { helpLine, kindOf, optionOf, usageOf } from './flags.ts';

/** Of the text that is packed. */
export const packFormats = ['markdown', 'xml', 'json'] as const;

/** What `octant pack` takes besides the settings: as flags, since it is said anew each time. */
const packFlagsSchema = z.strictObject({
  task: z
    .string()
    .max(20_000)
    .default('')
    .describe('What it is for; it finds files, and stands at the end')
    .meta({ value: 'TEXT' }),
  budget: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .default(32_000)
    .describe('The most tokens')
    .meta({ value: 'TOKENS' }),
  model: z
    .string()
    .optional()
    .describe('Whose tokens are counted, such as gpt-5. Default: safe for any')
    .meta({ value: 'NAME' }),
  format: z.enum(packFormats).default('markdown').describe('Of the text').meta({ value: 'FORMAT' }),
  group: z
    .array(z.string())
    .default([])
    .describe('Files of this name in .octant/groups.json; repeatable')
    .meta({ value: 'NAME' }),
  exclude: z.array(z.string()).default([]).describe('No paths that match; repeatable').meta({ value: 'GLOB' }),
  ticket: z.string().optional().describe('A ticket with its files').meta({ value: 'T-12' }),
  plan: z.string().optional().describe('A plan with its files').meta({ value: 'P-3' }),
  conversation: z.string().optional().describe('The newest messages of a conversation').meta({ value: 'C-3' }),
  prompt: z
    .array(z.string())
    .default([])
    .describe('A saved prompt that says what is to be done; repeatable')
    .meta({ value: 'NAME' }),
  diff: z.boolean().default(false).describe('What has changed since the last commit'),
  tree: z.boolean().default(false).describe('All folders with their tokens'),
  output: z.string().min(1).optional().describe('Write the text to this file, not to stdout').meta({ value: 'FILE' }),
});

export type PackFlags = z.infer<typeof packFlagsSchema> & {
  /** Files, folders and globs of the project. */
  paths: readonly string[];
};

const flags = Object.entries(packFlagsSchema.shape);

/** As `parseArgs` wants to know them. */
export const packOptions = Object.fromEntries(flags.map(([name, schema]) => [name, optionOf(kindOf(schema))]));

/** @throws StartError naming the wrong flag */
export function readPackFlags(values: Readonly<Record<string, unknown>>, paths: readonly string[]): PackFlags {
  const given = Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(packOptions, name)));
  const parsed = packFlagsSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`--${String(issue?.path[0])}: ${issue?.message}. Run "octant --help" for the options.`);
  }
  const { group: groups, prompt: prompts } = parsed.data;
  if (!asksForSomething({ ...parsed.data, paths, groups, prompts })) {
    const ways = '--task, paths, --group, --ticket, --plan, --conversation, --prompt, --diff or --tree';
    throw new StartError(`octant pack needs ${ways}.`);
  }
  return { ...parsed.data, paths };
}

/** Whether anything says what a context is to hold. */
export function asksForSomething(asked: {
  task: string;
  paths: readonly string[];
  groups: readonly string[];
  ticket?: string | undefined;
  plan?: string | undefined;
  conversation?: string | undefined;
  prompts: readonly string[];
  diff: boolean;
  tree: boolean;
}): boolean {
  const { task, paths, groups, prompts, ticket, plan, conversation, diff, tree } = asked;
  const lists = paths.length + groups.length + prompts.length;
  return lists > 0 || Boolean(task || ticket || plan || conversation || diff || tree);
}

/** One line a flag, for `--help`. */
export function packHelp(): string {
  return flags.map(([name, schema]) => helpLine(usageOf(name, schema), schema.description ?? '')).join('\n');
}
