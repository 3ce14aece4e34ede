import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { TicketChange } from '../src/tickets/apply-change.ts';
import { createTickets, type Tickets } from '../src/tickets/tickets.ts';
import { openBare, type Written } from './bare.ts';
import { formatRatio, formatSpread, interleave, printGoal, printTable, ratioOf, spreadOf } from './report.ts';
import { author, openStore, projectIn } from './tickets.ts';

const rounds = 15;
const changesPerTurn = 40;
const subjects = rounds * changesPerTurn;
const goal = 0.5;

interface Kind {
  name: string;
  /** Absent: it makes a new ticket. */
  change?: (index: number) => TicketChange;
}

const newTicket: TicketChange = {
  title: 'Checkout accepts a second coupon',
  overview: 'A customer with two coupons sees an error after the second one.\n\nBoth are valid, and the sum is right.',
  labels: ['backend', 'bug'],
  assignee: 'ana',
  tasks: [{ title: 'Write a failing test' }, { title: 'Mend the rule' }, { title: 'Tell the support team' }],
};

const kinds: readonly Kind[] = [
  { name: 'create, with tasks' },
  { name: 'priority', change: (index) => ({ priority: index % 2 === 0 ? 'urgent' : 'low' }) },
  { name: 'comment', change: (index) => ({ comment: `Seen again, time ${index}; the log is in the usual place.` }) },
  { name: 'task done', change: () => ({ tasks: [{ task: 1, done: true }] }) },
  { name: 'status done', change: () => ({ status: 'done' }) },
];

/**
 * Changes through the domain against their rows alone. What each change writes is recorded first, on a copy of the
 * store; then bare node:sqlite writes the same rows into another copy while Octant makes the same changes in a third.
 */
export async function benchChanges(scratch: string, source: string) {
  const [recorded, octant, bare] = [join(scratch, 'recorded'), join(scratch, 'octant'), join(scratch, 'bare')];
  const project = projectIn(source);
  await using(source, (tickets) => tickets.create(project, Array(subjects).fill({ change: newTicket }), author));
  const first = await using(source, async (tickets) => {
    const [last] = await tickets.create(project, [{ change: newTicket }], author);
    return (last?.number ?? 0) - subjects;
  });
  for (const folder of [recorded, octant, bare]) cpSync(source, folder, { recursive: true });

  const make = async (tickets: Tickets, { change }: Kind, index: number): Promise<number> => {
    if (change) return (await tickets.update(project, first + index, change(index), {}, author)).number;
    const [created] = await tickets.create(project, [{ change: newTicket }], author);
    return created?.number ?? 0;
  };
  const recording = openBare(recorded);
  for (let index = 0; index < subjects; index++) recording.read(first + index); // as they are before
  const steps = await using(recorded, async (tickets) => {
    const all: Written[][] = [];
    for (const kind of kinds) {
      const written: Written[] = [];
      for (let index = 0; index < subjects; index++) written.push(recording.read(await make(tickets, kind, index)));
      all.push(written);
    }
    return all;
  });
  recording.close();

  console.log(`
store: changes/s on SQLite, ${rounds} turns of ${changesPerTurn} changes each, in a store of about 2,000 tickets. The bare contestant
  writes with node:sqlite what Octant wrote: the changed columns of the ticket's row and of its full-text row, its event,
  for a new ticket its terms and the counter of the project; prepared statements, BEGIN IMMEDIATE, WAL, synchronous=FULL`);
  const writer = openBare(bare);
  const compared = await using(octant, async (tickets) => {
    const found: Array<{ name: string; octant: number[]; bare: number[] }> = [];
    for (const [at, kind] of kinds.entries()) {
      const times = { name: kind.name, octant: [] as number[], bare: [] as number[] };
      const own = (index: number) => make(tickets, kind, index);
      const theirs = async (index: number) => writer.write(steps[at]?.[index]);
      await interleave(rounds, [
        async () => void times.octant.push(await timeTurn(times.octant.length, own)),
        async () => void times.bare.push(await timeTurn(times.bare.length, theirs)),
      ]);
      found.push(times);
    }
    return found;
  });
  writer.close();

  const ratios = compared.map((times) => ratioOf(times.bare, times.octant));
  const rows = compared.map(({ name, ...times }, at) => {
    const [own, theirs] = [perSecond(times.octant), perSecond(times.bare)];
    return [name, ...own, ...theirs, formatRatio(ratios[at] ?? Number.NaN)];
  });
  printTable(['', 'octant', 'min', 'max', 'bare', 'min', 'max', 'octant reaches'], rows);
  const worst = Math.min(...ratios);
  printGoal(`each at least ${goal}x of bare`, `worst ${formatRatio(worst)}`, worst >= goal);
}

async function using<Result>(folder: string, work: (tickets: Tickets) => Promise<Result>): Promise<Result> {
  const store = openStore(folder);
  try {
    return await work(createTickets(store));
  } finally {
    await store.close();
  }
}

/** Milliseconds for one change. */
async function timeTurn(turn: number, change: (index: number) => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  for (let index = turn * changesPerTurn; index < (turn + 1) * changesPerTurn; index++) await change(index);
  return (performance.now() - begin) / changesPerTurn;
}

function perSecond(times: readonly number[]): string[] {
  return formatSpread(spreadOf(times.map((ms) => 1000 / ms)));
}
