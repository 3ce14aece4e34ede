import * as z from 'zod';
import { tiers } from '../endpoints.ts';
import { cleanLine } from '../text/clean.ts';
import { readFrontMatter } from '../text/front-matter.ts';
import { outputNames } from './outputs.ts';

/** All that an agent can be given; each reads and changes nothing. A test holds that they are tools of that kind. */
export const agentToolNames = [
  ...(['search_files', 'suggest_files', 'read_files', 'summarize_files', 'get_project'] as const),
  ...(['get_ticket', 'list_tickets', 'get_plan', 'list_plans'] as const),
  'run_agent', // of an agent: hands a part of the task to another, on the same budget
] as const;

/** What one run may take in all, runs within it included. */
const limits = z.strictObject({
  steps: z.int().min(1).max(60).default(12),
  tokens: z.int().min(1000).max(5_000_000).default(150_000),
  seconds: z.int().min(5).max(3600).default(300),
  /** US dollars. */
  cost: z.number().positive().max(100).optional(),
});
export type AgentLimits = z.infer<typeof limits>;

export const usualLimits: AgentLimits = limits.parse({});

const frontMatter = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and "-", at most 40'),
  description: z.string().transform(cleanLine).pipe(z.string().min(1).max(300)),
  tier: z.enum(tiers).default('medium'),
  tools: z.array(z.enum(agentToolNames)).default([]),
  limits: limits.prefault({}),
  output: z.enum(outputNames).default('answer'),
});

/** Who wrote an agent's file, which decides how far it is trusted. */
export type AgentSource = 'built-in' | 'config' | 'project';

export interface Agent extends z.infer<typeof frontMatter> {
  source: AgentSource;
  instructions: string;
}

const maxInstructions = 20_000;

/**
 * Reads one agent's file. What a project brings may ask for less than usual, not for more.
 *
 * @returns the agent, or a fault as `field: what is wrong`
 */
export function parseAgent(fileName: string, text: string, source: AgentSource): Agent | { fault: string } {
  const parsed = readFrontMatter(text, frontMatter);
  if (!parsed) return { fault: 'it must begin with front matter between two lines "---"' };
  if ('fault' in parsed) return parsed;
  const { fields, body } = parsed;
  const instructions = body.trim();
  if (`${fields.name}.md` !== fileName) return { fault: "name: must be the file's own name" };
  if (instructions === '') return { fault: 'body: is empty' };
  if (instructions.length > maxInstructions) return { fault: `body: may have ${maxInstructions} characters` };
  const excess = source === 'project' ? beyondUsual(fields.limits) : undefined;
  if (excess) return { fault: `limits.${excess[0]}: in a project's own file it may be ${excess[1]} at most` };
  return { ...fields, instructions, source };
}

function beyondUsual({ steps, tokens, seconds }: AgentLimits) {
  const asked = { steps, tokens, seconds };
  return (['steps', 'tokens', 'seconds'] as const)
    .map((name) => [name, usualLimits[name]] as const)
    .find(([name, most]) => asked[name] > most);
}

/** How a caller names an agent: one of a project is always told apart from ours and the user's. */
export function agentReference({ name, source }: Pick<Agent, 'name' | 'source'>): string {
  return source === 'project' ? `project/${name}` : name;
}
