import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { Project } from '../projects/registry.ts';
import { cut } from '../text/cut.ts';
import { compareFiles } from '../tickets/cite.ts';
import { fitTicketView } from '../tickets/fit-view.ts';
import { endOfLease } from '../tickets/lease.ts';
import { ticketId } from '../tickets/ticket.ts';
import type { Claimed } from '../tickets/ticket-claims.ts';
import { createTicketView, describeTicketView } from '../tickets/view.ts';
import { authorOf, requestId, source } from './change-params.ts';
import { project } from './params.ts';
import * as fields from './ticket-params.ts';
import { type Answer, type Call, defineTool } from './tool.ts';

const input = z.strictObject({
  ticket: fields.ticket.optional().describe('Default: the next one that is ready'),
  action: z
    .enum(['claim', 'renew', 'release', 'fail', 'limit'])
    .default('claim')
    .describe('release gives it back, fail too as an attempt; limit sets limits of a label'),
  label: fields.label.optional().describe('Only tickets with this label'),
  minutes: z.number().min(1).max(1440).default(15).describe('1 to 1440 without a call of yours'),
  holder: fields.assignee.optional().describe('Your name for others. Default: source'),
  claim: z.int().min(1).optional().describe('Number of your claim, if made elsewhere'),
  reason: fields.reason.optional().describe('fail: why'),
  parallel: z.int().min(1).max(100).optional().describe('limit: how many at once'),
  attempts: z.int().min(1).max(100).optional().describe('limit: attempts before it is blocked'),
  paused: z.boolean().optional().describe('limit: give out none'),
  source,
  request_id: requestId,
  project,
});

const output = z.object({
  project: z.string(),
  claimed: z.boolean(),
  note: z.string(),
  ticket: fields.ticketOutput.optional(),
});

type Input = z.output<typeof input>;
type Output = z.input<typeof output>;

export const claimTicket = defineTool({
  name: 'claim_ticket',
  title: 'Claim ticket',
  description:
    'Take a ticket to work on, so that no other agent does: a named one, or the next ready one (nothing blocks it, the ' +
    'most urgent first). A claim ends by itself; every call on the same connection renews it. A label with a limit is a queue.',
  toolset: 'tickets',
  effect: 'write',
  input,
  output,

  async run(input, call) {
    refuseOthers(input);
    const { project: found, number } = await target(input, call);
    switch (input.action) {
      case 'claim':
        return claim(input, found, number, call);
      case 'limit':
        return limit(input, found, call);
      default:
        return giveUpOrRenew(input, input.action, found, required(number), call);
    }
  },
});

/** Which actions take what stands beside them; to renew twice is the same as to renew once. */
const takenBy: ReadonlyArray<readonly [keyof Input, ReadonlyArray<Input['action']>]> = [
  ['parallel', ['limit']],
  ['attempts', ['limit']],
  ['paused', ['limit']],
  ['reason', ['fail']],
  ['request_id', ['claim', 'release', 'fail', 'limit']],
];

function refuseOthers(input: Input) {
  const others = takenBy.filter(([name, actions]) => input[name] !== undefined && !actions.includes(input.action));
  if (others.length === 0) return;
  const described = others.map(([name, actions]) => `"${name}" (goes with ${actions.join(', ')})`).join(', ');
  throw new UserError('bad_input', `The action "${input.action}" does not take ${described}. Leave it out.`);
}

async function target({ ticket, project }: Input, { projects }: Call): Promise<{ project: Project; number?: number }> {
  if (ticket === undefined) return { project: await projects.findKept(project) };
  return fields.findTicket({ ticket, project }, projects);
}

function required(number: number | undefined): number {
  if (number !== undefined) return number;
  throw new UserError('bad_input', 'Name the "ticket" that you hold.');
}

async function claim(input: Input, found: Project, number: number | undefined, call: Call): Promise<Answer<Output>> {
  const { label, holder, minutes } = input;
  const author = authorOf('claim_ticket', input, call.caller);
  const result = await call.tickets.claim(found, { number, label, holder, minutes }, author);
  if ('reason' in result) {
    return { data: { project: found.id, claimed: false, note: result.reason }, text: result.reason };
  }
  const note = describeClaim(result);
  const details = await call.tickets.get(result.ticket.projectId, result.ticket.number, { history: 3 });
  const files = await compareFiles(details.ticket.document, { project: found, ...call });
  const view = fitTicketView(createTicketView(details, files), 10_000 - fields.viewOverhead - note.length);
  const data = { project: result.ticket.projectId, claimed: true, note, ticket: view };
  return { data, text: `${note}\n${describeTicketView(view)}` };
}

function describeClaim({ ticket, overlaps }: Claimed): string {
  const until = endOfLease(ticket);
  const warnings = overlaps.slice(0, 5).map(({ number, holder, files }) => {
    return `Take care: ${holder} works on ${ticketId(number)}, which also concerns ${cut(files.slice(0, 5).join(', '), 300)}.`;
  });
  return [
    `${ticketId(ticket.number)} is yours until ${until} (claim ${ticket.claimNumber}); every call on this connection renews it.`,
    ...warnings,
  ].join('\n');
}

async function giveUpOrRenew(
  input: Input,
  action: 'renew' | 'release' | 'fail',
  found: Project,
  number: number,
  { tickets, caller }: Call,
): Promise<Answer<Output>> {
  const author = authorOf('claim_ticket', input, caller);
  if (action === 'renew') {
    const renewed = await tickets.renew(found, number, input.claim, author);
    const note = `${ticketId(number)} is yours until ${endOfLease(renewed)}.`;
    return { data: { project: renewed.projectId, claimed: true, note }, text: note };
  }
  const failure = action === 'fail' ? (input.reason ?? 'no reason given') : undefined;
  const released = await tickets.release(found, number, { claim: input.claim, failure }, author);
  const note = `${ticketId(number)} is given back, ${released.document.status}.`;
  return { data: { project: released.projectId, claimed: false, note }, text: note };
}

async function limit(input: Input, found: Project, { tickets, caller }: Call): Promise<Answer<Output>> {
  const { label, parallel, attempts, paused: isPaused } = input;
  if (label === undefined || parallel === undefined) {
    throw new UserError('bad_input', 'To limit a label give "label" and "parallel".');
  }
  const author = authorOf('claim_ticket', input, caller);
  const queue = await tickets.setQueue(found, { label, parallel, attempts, isPaused }, author);
  const note = `At most ${queue.parallel} tickets labelled "${label}" can be claimed at once (${queue.running} are), each for ${queue.attempts} attempts${queue.isPaused ? '; it is paused' : ''}.`;
  return { data: { project: found.id, claimed: false, note }, text: note };
}
