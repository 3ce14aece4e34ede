import * as z from 'zod';
import type { Project, Projects } from '../projects/registry.ts';
import type { Reading } from '../search/file-hashes.ts';
import { cleanLine, cleanText } from '../text/clean.ts';
import type { TicketChange } from '../tickets/apply-change.ts';
import { citeFiles } from '../tickets/cite.ts';
import type { TaskChange } from '../tickets/tasks.ts';
import { type CitedFile, parseTicketId, priorities, statuses } from '../tickets/ticket.ts';

/** Fields that the ticket tools share, and how they become a change of a ticket. */

const line = (max: number) => z.string().max(max).transform(cleanLine);
const text = (max: number) => z.string().max(max).transform(cleanText);
const path = z.string().min(1).max(1100);
const paths = z.array(path).max(100);

export const ticket = z.string().min(1).max(220).describe('"T-12" or "shop.T-12"');

export const title = line(200).pipe(z.string().min(1));
export const overview = text(100_000).optional().describe('Markdown: what and why');
export const status = z.enum(statuses);
export const priority = z.enum(priorities);
export const label = line(60).pipe(z.string().min(1));
export const labels = z.array(label).max(20);
export const assignee = line(60);
const isDate = (text: string) => text === '' || z.iso.date().safeParse(text).success;
export const due = z.string().max(10).refine(isDate, 'is a date such as 2026-12-31').optional().describe('2026-12-31');
export const estimate = z.number().min(0).max(10_000).optional().describe('Hours');
export const files = paths.optional().describe('Paths that it concerns');
export const prompts = z
  .array(line(100).pipe(z.string().min(1)))
  .max(20)
  .optional()
  .describe('Names of saved prompts');
export const planStep = line(100).optional().describe('"P-3/2"');
export const links = z
  .array(z.string().max(60))
  .max(50)
  .optional()
  .describe(
    'e.g. ["blocked_by T-3", "parent T-1"]; kinds: blocks, blocked_by, parent, child, related, duplicates, supersedes',
  );
export const comment = text(20_000);
export const reason = line(1000);
export const itemText = line(1000);
export const evidence = text(4000);
export const taskTitle = line(300);
export const taskFields = {
  description: text(10_000).optional(),
  files: z.array(path).max(20).optional(),
  estimate,
  depends_on: z.array(z.int().min(1)).max(50).optional().describe('Done first'),
};

/** The view of `tickets/view.ts`; its fields are plain and say what they are, so clients need not pay for a schema. */
export const ticketOutput = z.looseObject({ id: z.string(), version: z.int(), title: z.string(), status: z.string() });
/** What stands around a view in an answer, in characters. */
export const viewOverhead = 300;

/** The ticket that a caller names, in the project that the id or the argument names. */
export async function findTicket(
  input: { ticket: string; project?: string | undefined },
  projects: Projects,
): Promise<{ project: Project; number: number }> {
  const { project, number } = parseTicketId(input.ticket);
  return { project: await projects.findKept(project ?? input.project), number };
}

export interface TaskInput {
  task?: number | undefined;
  title?: string | undefined;
  done?: boolean | undefined;
  description?: string | undefined;
  files?: string[] | undefined;
  estimate?: number | undefined;
  depends_on?: number[] | undefined;
  position?: number | undefined;
  remove?: boolean | undefined;
}

export type ChangeInput = Omit<TicketChange, 'files' | 'tasks' | 'planStep' | 'acceptance'> & {
  files?: string[] | undefined;
  tasks?: TaskInput[] | undefined;
  plan_step?: string | undefined;
};

/** The fields that are the same in a new ticket and in a change. */
export function changeOf(input: ChangeInput): ChangeInput {
  const { title, overview, status, priority, labels, assignee, due, estimate, files, prompts, plan_step, tasks } =
    input;
  return { title, overview, status, priority, labels, assignee, due, estimate, files, prompts, plan_step, tasks };
}

/** Looks up the files that are named, since a change itself waits for nothing but the store. */
export async function toChange(
  { files, tasks, plan_step: planStep, ...fields }: ChangeInput,
  reading: Reading,
): Promise<TicketChange> {
  const named = [files ?? [], ...(tasks ?? []).map((task) => task.files ?? [])];
  const cited = await citeFiles(named.flat(), reading);
  const groups = named.map((group) => distinct(cited.splice(0, group.length)));
  return {
    ...fields,
    planStep,
    files: files && groups[0],
    tasks: tasks?.map((task, index) => toTaskChange(task, task.files && groups[index + 1])),
  };
}

function toTaskChange({ depends_on: dependsOn, ...task }: TaskInput, files: CitedFile[] | undefined): TaskChange {
  return { ...task, dependsOn, files };
}

function distinct(files: readonly CitedFile[]): CitedFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
