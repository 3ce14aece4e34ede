import * as z from 'zod';
import { UserError } from '../errors.ts';

/** `running` of a process that gives no sign of life any more is told as `interrupted`. */
export const runStatuses = ['running', 'done', 'limited', 'failed', 'cancelled', 'interrupted'] as const;
export type RunStatus = (typeof runStatuses)[number];

const call = z.object({ tool: z.string(), arguments: z.string(), result: z.string() });
const step = z.object({
  calls: z.array(call),
  text: z.string(),
  model: z.string(),
  tokens: z.object({ input: z.number(), output: z.number() }),
  ms: z.number(),
});

const about = z.object({
  /** The tool that was called. */
  tool: z.string().default('run_agent'),
  /** Of `run_agent`. */
  agent: z.string().optional(),
  task: z.string(),
  paths: z.array(z.string()).default([]),
  /** The model or tier that it was given to. */
  asked: z.string(),
  /** The turns that it is, by the number of their conversation and their ids, so that a purge takes it too. */
  turns: z.strictObject({ conversation: z.int(), ids: z.array(z.string()) }).optional(),
  /** `agent:NAME` of the client that asked for it. */
  by: z.string(),
});
/** What is known of a run before it begins. */
export type RunAbout = z.infer<typeof about>;

/** What was asked, how far it is, and what came of it. */
export const runDocument = about.extend({
  steps: z.array(step).default([]),
  /** What is done now, of a run that has no steps. */
  progress: z.string().optional(),
  /** `offline` where the result was made without a model. */
  mode: z.enum(['model', 'offline']).optional(),
  /** The data of the tool's answer; of an agent, its answer. */
  result: z.record(z.string(), z.unknown()).optional(),
  /** The text of the tool's answer. */
  text: z.string().optional(),
  /** What the model wrote last, where it is no whole answer. */
  partial: z.string().optional(),
  notes: z.array(z.string()),
  model: z.string().optional(),
  /** Cost in US dollars, of what has a price. */
  spent: z.object({ tokens: z.number(), cost: z.number() }),
  ended_at: z.number().optional(),
});
export type RunDocument = z.infer<typeof runDocument>;
export type RunStep = z.infer<typeof step>;
export type RunCall = z.infer<typeof call>;

export interface Run {
  id: string;
  projectId: string;
  status: RunStatus;
  createdAt: number;
  document: RunDocument;
}

/** The agent, or the tool of any other run. */
export function nameOfRun({ agent, tool }: Pick<RunDocument, 'agent' | 'tool'>): string {
  return agent ?? tool;
}

/** Has the run of a call begin, where it has not yet; gives its id. What asks a model calls it before. */
export type BeginRun = () => Promise<string>;

const letters = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Runs are kept for so long. */
export const keptMs = 90 * 24 * 60 * 60_000;

/** Short enough for a model to write, sorts by time, and is not made twice: 36^6 in each millisecond. */
export function newRunId(now: number, random: (below: number) => number): string {
  const tail = Array.from({ length: 6 }, () => letters[random(letters.length)]).join('');
  return `${runIdStart(now)}${tail}`;
}

/** Of all runs that begin at that time. */
export function runIdStart(at: number): string {
  return `run-${at.toString(36).padStart(9, '0')}`;
}

/** @throws UserError `bad_input` */
export function checkRunId(id: string): string {
  const wanted = id.trim().toLowerCase();
  if (/^run-[0-9a-z]{15}$/.test(wanted)) return wanted;
  throw new UserError(
    'bad_input',
    `${JSON.stringify(id.slice(0, 60))} is no run id. Ids look like "run-0mh3k2x1a8f3q9z"; get_run without an id lists the last ones.`,
  );
}
