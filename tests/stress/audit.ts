import type { Database, Store } from '../../src/store/store.ts';
import { applyMergePatch, canonicalJson, type Json } from '../../src/text/merge-patch.ts';
import { edgesFrom, inverseOf, linkKey, linksOf } from '../../src/tickets/links.ts';
import type { TicketDocument } from '../../src/tickets/ticket.ts';
import { ticketDocument } from '../../src/tickets/ticket.ts';
import { assigneeTerm, labelTerm } from '../../src/tickets/ticket-index.ts';
import { type Ack, digestOf } from './orders.ts';

/** All that a store holds, and all that is wrong with it. */
export interface Audit {
  /** Empty when every history is complete and everything agrees with everything. */
  faults: string[];
  documents: Map<number, TicketDocument>;
  /** Of each ticket's document at each version from 1, by replaying its events. */
  digests: Map<number, string[]>;
  events: Event[];
}

type Event = Awaited<ReturnType<typeof readAll>>['events'][number];
type Row = Awaited<ReturnType<typeof readAll>>['rows'][number];

/** Reads every ticket and every event of the store's only project, and checks each against the others. */
export async function audit(store: Store): Promise<Audit> {
  const { rows, events, edges, terms, next } = await store.read(({ db }) => readAll(db));
  const faults: string[] = [];
  const documents = new Map(rows.map((row) => [row.number, ticketDocument.parse(JSON.parse(row.document))]));
  const byTicket = Map.groupBy(
    events.filter(({ entity }) => entity === 'ticket'),
    ({ entity_id }) => Number(entity_id),
  );
  const digests = new Map(rows.map((row) => [row.number, checkHistory(row, byTicket.get(row.number) ?? [], faults)]));

  rows.forEach(({ number }, index) => {
    if (number !== index + 1) faults.push(`ticket ${index + 1} is missing, or there twice`);
  });
  if (next !== rows.length + 1) faults.push(`the next ticket is ${next} of ${rows.length}`);
  for (const number of byTicket.keys()) if (!documents.has(number)) faults.push(`T-${number} has events and no row`);

  const all = [...documents];
  for (const [number, document] of all) {
    for (const { kind, number: to } of linksOf(document)) {
      const back = linkKey({ kind: inverseOf(kind), number });
      if (!documents.get(to)?.links[back]) faults.push(`T-${number} ${kind} T-${to}, which does not say so`);
    }
  }
  compare(
    'links',
    edges.map(({ kind, from_number, to_number }) => `${from_number} ${kind} ${to_number}`),
    all.flatMap(([number, document]) => edgesFrom(document).map(({ kind, to }) => `${number} ${kind} ${to}`)),
    faults,
  );
  compare(
    'terms',
    terms.map(({ number, term }) => `${number} ${term}`),
    all.flatMap(([number, document]) => termsOf(document).map((term) => `${number} ${term}`)),
    faults,
  );
  return { faults, documents, digests, events };
}

/** What is wrong with acknowledgements: a document that the history does not have at that version. */
export function checkAcks({ digests }: Audit, acks: readonly Ack[]): string[] {
  return acks
    .filter(({ number, version, digest }) => digests.get(number)?.[version - 1] !== digest)
    .map(({ number, version, mark }) => `${mark}: T-${number} was not acknowledged as it was at version ${version}`);
}

async function readAll(db: Database) {
  const { next_ticket: next } = await db.selectFrom('projects').select('next_ticket').executeTakeFirstOrThrow();
  const rows = await db
    .selectFrom('tickets')
    .select(['number', 'version', 'document', 'claim_number'])
    .orderBy('number')
    .execute();
  const events = await db.selectFrom('events').selectAll().orderBy('seq').execute();
  const edges = await db.selectFrom('ticket_links').selectAll().execute();
  const terms = await db.selectFrom('ticket_terms').selectAll().execute();
  return { rows, events, edges, terms, next };
}

/** Replays the patches forwards from nothing and backwards from what is stored; both must meet at every version. */
function checkHistory({ number, version, document }: Row, events: readonly Event[], faults: string[]): string[] {
  const states: Json[] = [];
  const changes = events.filter(({ action }) => action !== 'unchanged');
  for (const event of events) {
    const expected = event.action === 'unchanged' ? states.length : states.length + 1;
    if (event.version !== expected) faults.push(`T-${number}: version ${event.version} where ${expected} comes next`);
    if (event.action !== 'unchanged') states.push(applyMergePatch(states.at(-1), JSON.parse(event.after)));
  }
  if (changes.length !== version) faults.push(`T-${number}: ${changes.length} changes and version ${version}`);
  if (canonicalJson(states.at(-1) ?? null) !== document) faults.push(`T-${number}: its events give another document`);

  const digests = states.map(digestOf);
  let state: Json = JSON.parse(document);
  for (let index = changes.length - 1; index > 0; index--) {
    state = applyMergePatch(state, JSON.parse(changes[index]?.before ?? 'null'));
    if (digestOf(state) !== digests[index - 1]) faults.push(`T-${number}: cannot go back to version ${index}`);
  }
  if (changes[0]?.before !== 'null') faults.push(`T-${number}: its history does not begin with nothing`);
  return digests;
}

function termsOf({ labels, assignee, deleted }: TicketDocument): string[] {
  return deleted ? [] : [...labels.map(labelTerm), ...(assignee ? [assigneeTerm(assignee)] : [])];
}

function compare(what: string, found: readonly string[], wanted: readonly string[], faults: string[]) {
  const [there, due] = [new Set(found), new Set(wanted)];
  for (const each of found) if (!due.has(each)) faults.push(`${what}: too much: ${each}`);
  for (const each of wanted) if (!there.has(each)) faults.push(`${what}: missing: ${each}`);
}
