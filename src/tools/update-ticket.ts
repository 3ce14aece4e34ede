import * as z from 'zod';
import { UserError } from '../errors.ts';
import { openItems } from '../tickets/acceptance.ts';
import { parseLink } from '../tickets/links.ts';
import { tasksOf } from '../tickets/tasks.ts';
import { type Ticket, ticketId } from '../tickets/ticket.ts';
import { authorOf, ifVersion, requestId, source } from './change-params.ts';
import { project } from './params.ts';
import * as fields from './ticket-params.ts';
import { defineTool } from './tool.ts';

const task = z.strictObject({
  task: z.int().min(1).optional().describe('Its number; none adds one'),
  title: fields.taskTitle.optional(),
  done: z.boolean().optional(),
  ...fields.taskFields,
  position: z.int().min(1).max(200).optional().describe('Place in the order'),
  remove: z.boolean().optional(),
});

const item = z.strictObject({
  item: z.int().min(1).optional().describe('Its number; none adds one'),
  text: fields.itemText.optional(),
  evidence: fields.evidence.optional().describe('What shows it; "" reopens'),
  remove: z.boolean().optional(),
});

export const updateTicket = defineTool({
  name: 'update_ticket',
  title: 'Update ticket',
  description:
    'Change a ticket: fields, tasks, acceptance items, links, a comment, or undo of its last change; only what is given ' +
    'changes, and "" takes an optional field away. A ticket with open acceptance items cannot be done without a force_reason.',
  toolset: 'tickets',
  effect: 'write',
  input: z.strictObject({
    ticket: fields.ticket,
    title: fields.title.optional().describe('One line'),
    overview: fields.overview,
    status: fields.status.optional().describe('Any but in_progress ends a claim'),
    priority: fields.priority.optional().describe('Priority'),
    labels: fields.labels.optional().describe('In place of the present ones'),
    add_labels: fields.labels.optional().describe('To add'),
    remove_labels: fields.labels.optional().describe('To remove'),
    assignee: fields.assignee.optional().describe('Who is to do it'),
    due: fields.due,
    estimate: fields.estimate,
    files: fields.files,
    prompts: fields.prompts,
    plan_step: fields.planStep,
    tasks: z.array(task).max(200).optional().describe('To add, change or remove'),
    acceptance: z.array(item).max(50).optional().describe('To add, show as met or remove'),
    link: fields.links.describe('As links of create_ticket'),
    unlink: fields.links.describe('To remove'),
    comment: fields.comment.optional().describe('Markdown'),
    undo: z.boolean().optional().describe('Take back the last change; again: redo'),
    force_reason: fields.reason.optional().describe('Why done with open acceptance items'),
    if_version: ifVersion,
    claim: z.int().min(1).optional().describe('Your claim, if made elsewhere'),
    source,
    request_id: requestId,
    project,
  }),
  output: z.object({
    project: z.string(),
    id: z.string(),
    version: z.int(),
    title: z.string(),
    status: z.string(),
    open_tasks: z.int(),
    open_acceptance: z.int(),
  }),

  async run(input, { projects, tickets, workers, digests, caller, job }) {
    const { project: found, number } = await fields.findTicket(input, projects);
    const author = authorOf('update_ticket', input, caller);
    if (input.undo) {
      refuseMore(input);
      const conditions = { ifVersion: input.if_version, claim: input.claim };
      return answer(await tickets.undo(found, number, conditions, author));
    }
    const change = await fields.toChange(fields.changeOf(input), { project: found, workers, digests, job });
    const {
      acceptance,
      comment,
      add_labels: addLabels,
      remove_labels: removeLabels,
      force_reason: forceReason,
    } = input;
    const wanted = { ...change, acceptance, comment, addLabels, removeLabels, forceReason };
    const { claim, if_version: ifVersion, link = [], unlink = [] } = input;
    const options = { claim, ifVersion, link: link.map(parseLink), unlink: unlink.map(parseLink) };
    return answer(await tickets.update(found, number, wanted, options, author));
  },
});

const besideUndo = new Set(['ticket', 'undo', 'if_version', 'claim', 'source', 'request_id', 'project']);

function refuseMore(input: object) {
  const others = Object.entries(input).filter(([name, value]) => value !== undefined && !besideUndo.has(name));
  if (others.length === 0) return;
  const names = others.map(([name]) => name).join(', ');
  throw new UserError('bad_input', `"undo" takes back the last change and goes with no other; leave out ${names}.`);
}

function answer({ projectId, number, version, document }: Ticket) {
  const data = {
    ...{ project: projectId, id: ticketId(number), version, title: document.title },
    status: document.deleted ? 'deleted' : document.status,
    open_tasks: tasksOf(document).filter(({ done }) => !done).length,
    open_acceptance: openItems(document).length,
  };
  const open = `${data.open_tasks} tasks and ${data.open_acceptance} acceptance items open`;
  return { data, text: `${data.id} in ${projectId} is now version ${version}, ${data.status}: ${data.title}\n${open}` };
}
