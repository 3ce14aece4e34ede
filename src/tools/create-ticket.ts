import * as z from 'zod';
import { UserError } from '../errors.ts';
import { parseLink } from '../tickets/links.ts';
import { ticketId, ticketUri } from '../tickets/ticket.ts';
import { authorOf, requestId, source } from './change-params.ts';
import { createFromPlan } from './from-plan.ts';
import { project } from './params.ts';
import * as fields from './ticket-params.ts';
import { defineTool } from './tool.ts';

const task = z.strictObject({ title: fields.taskTitle.pipe(z.string().min(1)), ...fields.taskFields });

export const createTicket = defineTool({
  name: 'create_ticket',
  title: 'Create ticket',
  description:
    'Keep a piece of work as a ticket, with tasks, acceptance items, files and links. Look with list_tickets first whether ' +
    'there is one. Tasks and acceptance items are numbered together, tasks first. With from_plan each step becomes one, once.',
  toolset: 'tickets',
  effect: 'write',
  input: z.strictObject({
    title: fields.title.optional().describe('One line'),
    overview: fields.overview,
    status: fields.status.default('open').describe('Status'),
    priority: fields.priority.default('normal').describe('Priority'),
    labels: fields.labels.optional().describe('Labels'),
    assignee: fields.assignee.optional().describe('Who is to do it'),
    due: fields.due,
    estimate: fields.estimate,
    files: fields.files,
    prompts: fields.prompts,
    plan_step: fields.planStep,
    from_plan: z.string().min(1).max(400).optional().describe('"P-3", or steps of it: "P-3/1,4"; no title then'),
    tasks: z.array(task).max(200).optional().describe('Small steps in order'),
    acceptance: z.array(fields.itemText).max(50).optional().describe('To be shown true before done'),
    links: fields.links,
    source,
    request_id: requestId,
    project,
  }),
  output: z.looseObject({ project: z.string(), id: z.string().optional(), version: z.int().optional() }),

  async run({ from_plan, ...input }, call) {
    if (from_plan !== undefined) return createFromPlan({ ...input, from_plan }, call);
    if (input.title === undefined) throw new UserError('bad_input', 'Give a "title", or name a plan with "from_plan".');
    const { projects, tickets, workers, digests, caller, job } = call;
    const found = await projects.findKept(input.project);
    const { acceptance = [], links = [] } = input;
    const change = await fields.toChange(fields.changeOf(input), { project: found, workers, digests, job });
    const wanted = { ...change, acceptance: acceptance.map((text) => ({ text })) };
    const author = authorOf('create_ticket', input, caller);
    const [created] = await tickets.create(found, [{ change: wanted, links: links.map(parseLink) }], author);
    if (!created) throw new Error('no ticket was created');
    const { projectId, number, version, document } = created;
    const uri = ticketUri(projectId, number);
    const data = { project: projectId, id: ticketId(number), version, title: document.title, uri };
    return { data, text: `Created ${data.id} (version ${version}) in ${projectId}: ${data.title}\n${uri}` };
  },
});
