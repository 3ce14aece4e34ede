import { UserError } from '../errors.ts';
import { type Counts, countLine, noCounts, parseLines, tables } from './dump-lines.ts';
import type { Line, Row, Table } from './dump-rows.ts';
import { noProject } from './store.ts';

/** What a file of lines holds. */
export interface Dump {
  counts: Counts;
  projects: ReadonlyArray<{ id: string; folder: string }>;
}

/** @throws UserError `bad_input` for a line that is none of ours, and for a file that was cut short */
export async function checkDump(lines: AsyncIterable<string>): Promise<Dump> {
  const found = noCounts();
  const projects: Dump['projects'][number][] = [];
  const seen = new Set<string>();
  const next = new Map<string, NextNumbers>([[noProject, { next_ticket: 1, next_plan: 1, next_conversation: 1 }]]);
  for await (const parsed of parseLines(lines)) {
    if (parsed.projects) {
      projects.push(parsed.projects);
      next.set(parsed.projects.id, parsed.projects);
    } else checkOwner(parsed, next);
    const name = nameOf(parsed);
    if (name !== undefined && seen.has(name)) throw new UserError('bad_input', `The export holds ${name} twice.`);
    if (name !== undefined) seen.add(name);
    countLine(parsed, found);
  }
  return { counts: found, projects };
}

/** What is of a conversation. */
type Part = { project_id: string; conversation: number };

const chatOf = ({ project_id: project, conversation }: Part) => `${project}.C-${conversation}`;

/** What may be there once; an event has no name of its own but its request's. */
const names: { [Of in Table]: (row: Row<Of>) => string | undefined } = {
  projects: ({ id }) => `the project ${id}`,
  queues: ({ project_id: project, label }) => `the queue ${label} of ${project}`,
  tickets: ({ project_id: project, number }) => `the ticket ${project}.T-${number}`,
  plans: ({ project_id: project, number }) => `the plan ${project}.P-${number}`,
  plan_revisions: ({ project_id: project, number, revision }) =>
    `revision ${revision} of the plan ${project}.P-${number}`,
  prompts: ({ project_id: owner, name }) => `the prompt ${name} of ${owner}`,
  prompt_versions: ({ project_id: owner, name, version }) => `version ${version} of the prompt ${name} of ${owner}`,
  prompt_uses: ({ project_id: owner, name }) => `the uses of ${name} of ${owner}`,
  conversations: ({ project_id: project, number }) => `the conversation ${project}.C-${number}`,
  chat_messages: ({ number, ...part }) => `the message ${chatOf(part)}/${number}`,
  chat_branches: ({ id, ...part }) => `branch ${id} of ${chatOf(part)}`,
  chat_turns: ({ id }) => `the turn ${id}`,
  chat_summaries: ({ message, ...part }) => `the summary of ${chatOf(part)}/${message}`,
  receipts: ({ id }) => `the receipt ${id}`,
  runs: ({ id }) => `the run ${id}`,
  events: ({ project_id: project, request_id: request }) =>
    request === null ? undefined : `the request ${request} of ${project}`,
};

function nameOf(parsed: Line): string | undefined {
  return tables.map((table) => nameIn(parsed, table)).find((name) => name !== undefined);
}

function nameIn<Of extends Table>(parsed: Line, table: Of): string | undefined {
  const row = parsed[table];
  return row && names[table](row);
}

interface NextNumbers {
  next_ticket: number;
  next_plan: number;
  next_conversation: number;
}

/** Each line belongs to a project before it, whose next ticket, plan and conversation get numbers that none has. */
function checkOwner(parsed: Omit<Line, 'projects'>, next: ReadonlyMap<string, NextNumbers>) {
  const [row] = Object.values(parsed);
  const owner = row?.project_id ?? '';
  const limits = next.get(owner);
  if (!limits) throw new UserError('bad_input', `The export holds a line of ${owner} before that project.`);
  checkNumber(owner, 'ticket', 'T', parsed.tickets?.number, limits.next_ticket);
  checkNumber(owner, 'plan', 'P', parsed.plans?.number, limits.next_plan);
  checkNumber(owner, 'conversation', 'C', parsed.conversations?.number, limits.next_conversation);
}

function checkNumber(owner: string, kind: string, letter: string, number: number | undefined, next: number) {
  if (number === undefined || number < next) return;
  const text = `The export has ${letter}-${number} in ${owner}, whose next ${kind} is ${letter}-${next}.`;
  throw new UserError('bad_input', text);
}
