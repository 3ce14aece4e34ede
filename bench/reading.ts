import type { Client } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { type ListQuestion, positionOf } from '../src/tickets/list.ts';
import { statuses, unsettled } from '../src/tickets/ticket.ts';
import { createTickets } from '../src/tickets/tickets.ts';
import { openClientWith } from './client.ts';
import { formatRatio, interleave, p95Of, printTable, ratioOf, spreadOf } from './report.ts';
import { author, common, firstDay, openStore, projectIn, rare } from './tickets.ts';

/** Folders with stores. */
export interface Stores {
  empty: string;
  small: string;
  large: string;
}

const listRounds = 200;
const clientRounds = 100;
const openRounds = 15;
const startRounds = 9;
const listGoal = 2;
const openGoal = 1.5;
const page = 50;

interface Filter {
  name: string;
  question: Partial<ListQuestion>;
  /** The page after the first. */
  isSecond?: boolean;
}

const filters: readonly Filter[] = [
  { name: 'unsettled, by priority', question: {} },
  { name: 'second page by cursor', question: {}, isSecond: true },
  { name: 'by last update', question: { sort: 'updated' } },
  { name: 'by creation', question: { sort: 'created' } },
  { name: 'by due date', question: { sort: 'due' } },
  { name: 'status done', question: { statuses: ['done'], sort: 'updated' } },
  { name: 'all statuses', question: { statuses } },
  { name: 'rare label', question: { statuses, label: rare.label } },
  { name: 'common label', question: { label: common.label } },
  { name: 'assignee', question: { statuses, assignee: common.assignee } },
  { name: 'rare word', question: { statuses, text: rare.word } },
  { name: 'common word', question: { text: common.word } },
  { name: 'its beginning', question: { text: common.word.slice(0, 4) } },
  { name: 'two words', question: { statuses, text: `${common.word} ${rare.word}` } },
  { name: 'ready', question: { ready: true } },
  { name: 'updated since', question: { statuses, updatedSince: firstDay + 300 * 24 * 60 * 60_000, sort: 'updated' } },
];

/** What is read of a store with many tickets, against the same of one with few. */
export async function benchReading(stores: Stores) {
  await benchLists(stores);
  await benchListsOfClients(stores);
  await benchOpening(stores);
  await benchOthers(stores);
}

async function benchLists({ small, large }: Stores) {
  const [few, many] = [await openTickets(small), await openTickets(large)];
  console.log(`\nstore: a page of ${page} of 100,000 tickets and of 1,000, in process, ms, ${listRounds} runs each`);
  const compared: Compared[] = [];
  for (const { name, question, isSecond } of filters) {
    const [ofFew, ofMany] = [await asker(few, question, isSecond), await asker(many, question, isSecond)];
    compared.push(await compare(name, listRounds, ofFew, ofMany));
  }
  printCompared(compared);
  await Promise.all([few.close(), many.close()]);
}

async function asker({ tickets }: OpenTickets, asked: Partial<ListQuestion>, isSecond = false) {
  const question: ListQuestion = { statuses: unsettled, ready: false, sort: 'priority', limit: page, ...asked };
  const list = (after?: ListQuestion['after']) => tickets.list('shop', { ...question, after });
  const last = isSecond ? (await list()).rows.at(-1) : undefined;
  const after = last && positionOf(last, question.sort);
  return async () => (await list(after)).rows.length;
}

async function benchListsOfClients({ small, large }: Stores) {
  const [few, many] = [await openStoreClient(small), await openStoreClient(large)];
  console.log(`\nstore: the same as list_tickets over stdio, ms, ${clientRounds} runs each`);
  const compared: Compared[] = [];
  for (const { name, question, isSecond } of filters) {
    const ofFew = await clientAsker(few, question, isSecond);
    const ofMany = await clientAsker(many, question, isSecond);
    compared.push(await compare(name, clientRounds, ofFew, ofMany));
  }
  printCompared(compared);
  await Promise.all([few.close(), many.close()]);
}

async function clientAsker(client: Client, asked: Partial<ListQuestion>, isSecond = false) {
  const { statuses: status, text: query, updatedSince, ...others } = asked;
  const updated_since = updatedSince === undefined ? undefined : new Date(updatedSince).toISOString();
  const args = { limit: page, ...others, status, query, updated_since };
  const first = isSecond ? await callList(client, args) : undefined;
  return async () => (await callList(client, { ...args, cursor: first?.next_cursor })).tickets.length;
}

interface Compared {
  name: string;
  few: number[];
  many: number[];
  found: string;
}

/** Each turn gives how much it found. */
async function compare(
  name: string,
  rounds: number,
  ofFew: () => Promise<number>,
  ofMany: () => Promise<number>,
): Promise<Compared> {
  const times: Record<'few' | 'many', number[]> = { few: [], many: [] };
  const found = [await ofFew(), await ofMany()].join(', '); // warms up
  await interleave(rounds, [
    async () => void times.few.push(await timed(ofFew)),
    async () => void times.many.push(await timed(ofMany)),
  ]);
  return { name, ...times, found };
}

function printCompared(compared: readonly Compared[]) {
  const rows = compared.map(({ name, few, many, found }) => {
    const ratio = p95Of(many) / p95Of(few);
    const figures = [few, many].flatMap((times) => [spreadOf(times).median.toFixed(2), p95Of(times).toFixed(2)]);
    return [name, ...figures, formatRatio(ratio), ratio < listGoal ? 'met' : 'NOT MET', found];
  });
  printTable(['', 'of 1,000', 'p95', 'of 100,000', 'p95', 'p95 to p95', `under ${listGoal}x`, 'found'], rows);
}

async function benchOpening({ empty, large }: Stores) {
  const [first, full] = [await openTickets(empty), await openTickets(large)];
  await Promise.all([first.close(), full.close()]); // each file has been used
  console.log('\nstore: to open an empty file and one of 100,000 tickets, ms');
  const opened = await compare(
    'open, list one ticket',
    openRounds,
    () => openAndList(empty),
    () => openAndList(large),
  );
  const started = await compare(
    'start, list_tickets',
    startRounds,
    () => startAndList(empty),
    () => startAndList(large),
  );
  const rows = [opened, started].map(({ name, few, many }) => {
    const ratio = ratioOf(many, few);
    const medians = [few, many].map((times) => spreadOf(times).median.toFixed(1));
    return [name, ...medians, formatRatio(ratio), ratio < openGoal ? 'met' : 'NOT MET'];
  });
  printTable(['', 'empty', '100,000', 'ratio', `under ${openGoal}x`], rows);
}

async function openAndList(folder: string): Promise<number> {
  const { tickets, close } = await openTickets(folder);
  const { rows } = await tickets.list('shop', { statuses, ready: false, sort: 'priority', limit: 1 });
  await close();
  return rows.length;
}

async function startAndList(folder: string): Promise<number> {
  const client = await openStoreClient(folder);
  const { tickets } = await callList(client, { limit: 1 });
  await client.close();
  return tickets.length;
}

async function benchOthers({ small, large }: Stores) {
  console.log('\nstore: other reads and a claim, in process, ms');
  const [few, many] = [await openTickets(small), await openTickets(large)];
  const board = (open: OpenTickets) => async () => (await open.tickets.board('shop')).columns.size;
  const get = (open: OpenTickets) => async () => (await open.tickets.get('shop', 500, { history: 10 })).history.length;
  const compared = [
    await compare('board', 40, board(few), board(many)),
    await compare('get_ticket', 100, get(few), get(many)),
    await compare('claim the next', 40, claimer(few, small), claimer(many, large)),
  ];
  printTable(
    ['', 'of 1,000', 'of 100,000', 'ratio'],
    compared.map(({ name, few, many }) => {
      const medians = [few, many].map((times) => spreadOf(times).median.toFixed(2));
      return [name, ...medians, formatRatio(ratioOf(many, few))];
    }),
  );
  await Promise.all([few.close(), many.close()]);
}

/** Claims the next one that is ready. */
function claimer({ tickets }: OpenTickets, folder: string) {
  return async () => {
    const claimed = await tickets.claim(projectIn(folder), { minutes: 15 }, author);
    return 'ticket' in claimed ? 1 : 0;
  };
}

type OpenTickets = Awaited<ReturnType<typeof openTickets>>;

async function openTickets(folder: string) {
  const store = openStore(folder);
  await store.open();
  return { tickets: createTickets(store), close: () => store.close() };
}

function openStoreClient(folder: string): Promise<Client> {
  return openClientWith(['--data-dir', folder], [projectIn(folder).folder]);
}

const answer = z.object({ tickets: z.array(z.unknown()), next_cursor: z.string().optional() });

async function callList(client: Client, args: Record<string, unknown>) {
  const { structuredContent, isError } = await client.callTool({ name: 'list_tickets', arguments: args });
  if (isError) throw new Error(`list_tickets refused ${JSON.stringify(args)}.`);
  return answer.parse(structuredContent);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
