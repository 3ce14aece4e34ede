import { ensureRecord, type ProjectName } from '../projects/records.ts';
import type { Store, Write } from '../store/store.ts';
import type { TicketChange } from './apply-change.ts';
import type { Link } from './links.ts';
import { ticketsOfPlans } from './plan-steps.ts';
import { replay } from './replay.ts';
import { findReadable } from './rows.ts';
import type { Author, Ticket } from './ticket.ts';
import { createAll, type NewTicket } from './ticket-changes.ts';

/** What becomes tickets of a plan. */
export interface PlannedTickets {
  /** `P-3` */
  plan: string;
  /** By step (`P-3/2`), those to make. */
  wanted: ReadonlyMap<string, TicketChange>;
  /** By step, the steps that must be done before it; of all steps of the plan. */
  dependsOn: ReadonlyMap<string, readonly string[]>;
  links: readonly Link[];
  /** The ticket that the plan is for; their parent where it is still there. */
  parent: number | undefined;
}

export interface MadeTickets {
  projectId: string;
  created: Ticket[];
  /** Steps that were wanted and had a ticket before. */
  existing: Array<{ planStep: string; number: number; status: string }>;
}

/** One change: a ticket for each wanted step that has none, each waiting for those of the steps before it. */
export function createStepTickets(
  store: Store,
  project: ProjectName,
  planned: PlannedTickets,
  author: Author,
): Promise<MadeTickets> {
  return store.write(project.id, async (write) => {
    const { id: projectId } = await ensureRecord(write, project, author.source);
    const before = await replay(write.db, projectId, author.request);
    const known = await ticketsOfPlans(write.db, projectId, [planned.plan]);
    const again = before?.filter((ticket) => isMadeNow(ticket, planned));
    const made = again?.map(({ number }) => number) ?? [];
    const existing = known.filter(({ planStep, number }) => planned.wanted.has(planStep) && !made.includes(number));
    const created = again ?? (await createMissing(write, projectId, planned, known, author));
    return { projectId, created, existing };
  });
}

async function createMissing(
  write: Write,
  projectId: string,
  planned: PlannedTickets,
  known: ReadonlyArray<{ planStep: string; number: number }>,
  author: Author,
): Promise<Ticket[]> {
  const { wanted, dependsOn, links, parent } = planned;
  const numbers = new Map(known.map(({ planStep, number }) => [planStep, number]));
  const steps = [...wanted.keys()].filter((step) => !numbers.has(step));
  if (steps.length === 0) return [];
  const family = parent !== undefined && (await isThere(write, projectId, parent)) ? [parentLink(parent)] : [];
  const tickets = steps.map((step): NewTicket => {
    const before = dependsOn.get(step) ?? [];
    const waiting = [...dependsOn].filter(([, needs]) => needs.includes(step)).map(([each]) => each);
    return {
      change: { ...wanted.get(step), planStep: step },
      links: [
        ...[...links, ...family],
        ...before.flatMap((each) => linkTo('blocked_by', numbers.get(each))),
        ...waiting.flatMap((each) => linkTo('blocks', numbers.get(each))),
      ],
      linksWithin: before.flatMap((each) => {
        const index = steps.indexOf(each);
        return index < 0 ? [] : [{ kind: 'blocked_by', index }];
      }),
    };
  });
  const saved = await createAll(write, projectId, tickets, author);
  return saved.filter((ticket) => isMadeNow(ticket, planned));
}

/** What the change only linked has a later version. */
function isMadeNow({ version, document }: Ticket, { wanted }: PlannedTickets): boolean {
  return version === 1 && wanted.has(document.plan_step ?? '');
}

function linkTo(kind: Link['kind'], number: number | undefined): Link[] {
  return number === undefined ? [] : [{ kind, number }];
}

function parentLink(number: number): Link {
  return { kind: 'parent', number };
}

async function isThere({ db }: Write, projectId: string, number: number): Promise<boolean> {
  const found = await findReadable(db, projectId, number);
  return found !== undefined && !found.document.deleted;
}
