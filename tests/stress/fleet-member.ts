import { setTimeout as delay } from 'node:timers/promises';
import { readInvocation } from '../../src/config.ts';
import { createContext } from '../../src/context.ts';
import { UserError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import type { Author, Ticket } from '../../src/tickets/ticket.ts';
import { digestOf, type Order, type Outcome, orderSchema } from './orders.ts';
import '../helpers/keep-compiled.ts';

/**
 * One process of a fleet: `node fleet-member.ts NAME FOLDER SKEW_MS FLAGS...`. It opens the store as the program does, and
 * does the jobs that its parent sends.
 */
const [name = '', folder = '', skewMs = '0', ...flags] = process.argv.slice(2);

const honest = Date.now;
Date.now = () => honest() + Number(skewMs);

const invocation = readInvocation({
  argv: ['--project', folder, ...flags],
  env: { XDG_CONFIG_HOME: folder },
  cwd: folder,
});
if (invocation.kind !== 'run') throw new Error('no settings');
const { projects, tickets, store } = createContext(invocation.settings, folder, createLog('silent'));
await store.open();
const project = await projects.find(undefined);

process.on('message', (message) => {
  perform(orderSchema.parse(message)).then(
    (outcome) => process.send?.({ outcome }),
    (error) => process.send?.({ fault: error instanceof Error ? `${error.stack}` : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function perform(order: Order): Promise<Outcome> {
  const outcome: Outcome = { acks: [], ms: [], conflicts: 0 };
  switch (order.job) {
    case 'change':
      return change(order.count, outcome);
    case 'create':
      return create(order.count, outcome);
    case 'claim':
      return claim(order, outcome);
    case 'claim named':
      return claimNamed(order, outcome);
    case 'work':
      return work(order.label, outcome);
    case 'stay alive':
      return stayAlive(order.ms, outcome);
  }
}

async function change(count: number, outcome: Outcome): Promise<Outcome> {
  for (let index = 0; index < count; index++) {
    const mark = `${name}-${index}`;
    const ticket = await timed(outcome, () => (index % 2 === 0 ? comment(mark) : increment(outcome)));
    note(outcome, ticket, mark);
  }
  return outcome;
}

function comment(mark: string): Promise<Ticket> {
  return tickets.update(project, 1, { comment: mark }, {}, author());
}

/** As a client without locks does it: read, then change if nobody else has. */
async function increment(outcome: Outcome): Promise<Ticket> {
  for (;;) {
    const { ticket } = await tickets.get(project.id, 1, { history: 0 });
    const estimate = (ticket.document.estimate ?? 0) + 1;
    try {
      return await tickets.update(project, 1, { estimate }, { ifVersion: ticket.version }, author());
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'conflict') throw error;
      outcome.conflicts++;
    }
  }
}

async function create(count: number, outcome: Outcome): Promise<Outcome> {
  for (let index = 0; index < count; index++) {
    const mark = `${name}-${index}`;
    const once = () => tickets.create(project, [{ change: { title: mark, labels: [name] } }], author(mark));
    const [first] = await timed(outcome, once);
    const [again] = index % 10 === 0 ? await once() : [first];
    for (const ticket of new Set([first, again])) if (ticket) note(outcome, ticket, mark);
  }
  return outcome;
}

type ClaimOrder = Extract<Order, { job: 'claim' }>;

async function claim({ minutes, most, label }: ClaimOrder, outcome: Outcome): Promise<Outcome> {
  while (outcome.acks.length < most) {
    const mark = `${name}-${outcome.acks.length}`;
    const result = await timed(outcome, () => tickets.claim(project, { minutes, label }, author()));
    if ('reason' in result) return { ...outcome, reason: result.reason };
    note(outcome, result.ticket, mark);
  }
  return outcome;
}

async function claimNamed({ number, minutes }: { number: number; minutes: number }, outcome: Outcome) {
  try {
    const result = await timed(outcome, () => tickets.claim(project, { number, minutes }, author()));
    if ('ticket' in result) note(outcome, result.ticket, name);
    return outcome;
  } catch (error) {
    if (error instanceof UserError) return { ...outcome, reason: error.message };
    throw error;
  }
}

async function work(label: string, outcome: Outcome): Promise<Outcome> {
  for (;;) {
    const result = await timed(outcome, () => tickets.claim(project, { label, minutes: 10 }, author()));
    if ('reason' in result && result.reason.startsWith('No ticket is ready')) return outcome;
    await delay(2 + Math.random() * 6);
    if ('reason' in result) outcome.conflicts++;
    else note(outcome, await tickets.update(project, result.ticket.number, { status: 'done' }, {}, author()), name);
  }
}

async function stayAlive(ms: number, outcome: Outcome): Promise<Outcome> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    await timed(outcome, () => tickets.touch(name));
    await delay(50);
  }
  return outcome;
}

function author(request?: string): Author {
  const own = { source: `agent:${name}`, connection: name };
  return request === undefined ? own : { ...own, request: { id: request, digest: request } };
}

async function timed<Result>(outcome: Outcome, call: () => Promise<Result>): Promise<Result> {
  const start = performance.now();
  const result = await call();
  outcome.ms.push(performance.now() - start);
  return result;
}

function note(outcome: Outcome, { number, version, document, claimExpiresAt }: Ticket, mark: string) {
  const claim = document.claim?.number ?? 0;
  outcome.acks.push({
    ...{ number, version, mark, claim, digest: digestOf(document) },
    ...(claimExpiresAt !== undefined && { claimExpiresAt }),
  });
}
