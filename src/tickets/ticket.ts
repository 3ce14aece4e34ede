import * as z from 'zod';
import { UserError } from '../errors.ts';

export const statuses = ['open', 'in_progress', 'blocked', 'done', 'cancelled'] as const;
export type Status = (typeof statuses)[number];

/** Those that wait for somebody; a list shows them unless it is asked for others. */
export const unsettled: readonly Status[] = ['open', 'in_progress', 'blocked'];

/** The most urgent first: a row stores the place in this list. */
export const priorities = ['urgent', 'high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** Who made a change: a person, or an agent by its name. */
export const sourcePattern = /^(human|agent(:[^\s:][^\n]{0,59})?)$/;

/** Who changes something, and the caller's own id of the request where it gave one. */
export interface Author {
  /** `human` or `agent:NAME`. */
  source: string;
  /** The connection over which the call came: what makes a holder of claims the same one. */
  connection: string;
  /** When the call came, by `performance.now()`; absent for now. */
  calledAt?: number;
  request?: { id: string; digest: string } | undefined;
}

/** A file that a ticket cites, as it was then; without a hash it was not there. */
const citedFile = z.strictObject({ path: z.string(), hash: z.string().optional() });
export type CitedFile = z.infer<typeof citedFile>;

const task = z.strictObject({
  title: z.string(),
  done: z.boolean(),
  description: z.string().optional(),
  files: z.array(citedFile).optional(),
  /** In hours. */
  estimate: z.number().optional(),
  /** Tasks of the same ticket that must be done first. */
  depends_on: z.array(z.int()).optional(),
});
export type Task = z.infer<typeof task>;

const acceptanceItem = z.strictObject({
  text: z.string(),
  /** What showed that it is met; an item without evidence is open. */
  evidence: z.string().optional(),
});
export type AcceptanceItem = z.infer<typeof acceptanceItem>;

const comment = z.strictObject({ at: z.int(), by: z.string(), text: z.string() });

const claim = z.strictObject({
  /** Counts the claims of this ticket: the number of a later claim shows that this one is over. */
  number: z.int(),
  holder: z.string(),
  /** How long it lasts after each sign of life, in minutes. */
  minutes: z.number(),
});
export type Claim = z.infer<typeof claim>;

/**
 * A ticket as it is stored and versioned. Lists whose items come and go one by one are objects by id, so that a merge
 * patch of one item is small; what is absent is left out, never null.
 */
export const ticketDocument = z.strictObject({
  title: z.string(),
  overview: z.string().optional(),
  status: z.enum(statuses),
  priority: z.enum(priorities),
  labels: z.array(z.string()),
  assignee: z.string().optional(),
  /** An ISO date. */
  due: z.string().optional(),
  /** In hours. */
  estimate: z.number().optional(),
  files: z.array(citedFile),
  /** Names of saved prompts. */
  prompts: z.array(z.string()).optional(),
  /** A step of a plan, such as `P-3/2`. */
  plan_step: z.string().optional(),
  source: z.string(),
  tasks: z.record(z.string(), task),
  task_order: z.array(z.int()),
  acceptance: z.record(z.string(), acceptanceItem),
  comments: z.record(z.string(), comment),
  /** By `kind T-n`, each stored on both tickets in its own direction. */
  links: z.record(z.string(), z.literal(true)),
  /** What the next task, acceptance item or comment is called; never falls, so that no number is used twice. */
  next_part: z.int(),
  claim: claim.optional(),
  /** Its claims since it was settled, or blocked and opened again, but for those that were given back unused. */
  attempts: z.int().optional(),
  /** Why it was called done with acceptance items open. */
  forced: z.string().optional(),
  deleted: z.literal(true).optional(),
  /** Where it was imported from, such as `taskmaster:master/12`. */
  origin: z.string().optional(),
});
export type TicketDocument = z.infer<typeof ticketDocument>;

/** A ticket with what the store knows beside its document. */
export interface Ticket {
  projectId: string;
  number: number;
  version: number;
  createdAt: number;
  updatedAt: number;
  /** Of the last claim that was given out. */
  claimNumber: number;
  claimExpiresAt: number | undefined;
  document: TicketDocument;
}

export function ticketId(number: number): string {
  return `T-${number}`;
}

/** Across projects: `shop.T-12`. */
export function fullTicketId(projectId: string, number: number): string {
  return `${projectId}.${ticketId(number)}`;
}

export function ticketUri(projectId: string, number: number): string {
  return `octant://tickets/${fullTicketId(projectId, number)}`;
}

/**
 * Reads `T-12`, `t-12`, `12` or `shop.T-12`.
 *
 * @throws UserError `bad_input`
 */
export function parseTicketId(text: string): { project: string | undefined; number: number } {
  const match = /^(?:([^/?#%\s]{1,200})\.)?(?:T-)?([1-9]\d{0,8})$/i.exec(text.trim());
  if (match?.[2]) return { project: match[1], number: Number(match[2]) };
  throw new UserError('bad_input', `${JSON.stringify(text.slice(0, 60))} is no ticket id. Ids look like "T-12".`);
}

export function isSettled(status: Status): boolean {
  return !unsettled.includes(status);
}
