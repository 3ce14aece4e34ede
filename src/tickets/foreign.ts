import { cleanLine, cleanText } from '../text/clean.ts';
import type { TicketChange } from './apply-change.ts';
import { edgeOf, type Link, type LinkKind } from './links.ts';
import { type Priority, priorities, type Status, statuses, type TicketDocument, ticketId } from './ticket.ts';
import type { LinkWithin, NewTicket } from './ticket-changes.ts';

/** A ticket of another system, on its way to us. */
export interface ForeignTicket {
  /** Makes a second import of it change nothing, such as `taskmaster:master/12`. */
  origin: string;
  /** For what we wrote ourselves: in that project it is there already. */
  own?: { project: string; number: number } | undefined;
  source?: string | undefined;
  change: TicketChange;
  links: ReadonlyArray<{ kind: LinkKind; origin: string }>;
  comments: ReadonlyArray<TicketDocument['comments'][string]>;
}

/** What shows an acceptance item that was checked elsewhere, and why a ticket was done there with open ones. */
export const importedEvidence = 'met before it was imported';
export const importedReason = 'it was done before it was imported';

const otherStatuses = new Map<string, Status>([
  ...['closed', 'completed', 'complete'].map((word) => [word, 'done'] as const),
  ...['review', 'doing', 'started', 'hooked'].map((word) => [word, 'in_progress'] as const),
  ...['canceled', 'wont_do', 'tombstone'].map((word) => [word, 'cancelled'] as const),
]);

/** A status in our words or in those of others; one that nobody knows is open. */
export function statusOf(text: string): Status {
  const word = text.toLowerCase().replace(/[\s-]+/g, '_');
  return statuses.find((status) => status === word) ?? otherStatuses.get(word) ?? 'open';
}

export function priorityOf(text: string): Priority {
  const word = text.toLowerCase();
  return priorities.find((priority) => priority === word) ?? (word === 'critical' ? 'urgent' : 'normal');
}

const maxTitle = 200;

/** A title of one line, however long it was, and an overview of the parts that are there, each below its heading. */
export function titleAndOverview(title: string, parts: ReadonlyArray<readonly [heading: string, text: string]>) {
  const line = cleanLine(title) || 'Untitled';
  const isLong = line.length > maxTitle;
  const texts = parts.map(([heading, text]) => [heading, cleanText(text).trim()] as const).filter(([, text]) => text);
  return {
    title: isLong ? `${line.slice(0, maxTitle - 1).toWellFormed()}…` : line,
    overview: [
      ...(isLong ? [line] : []),
      ...texts.map(([heading, text]) => (heading ? `## ${heading}\n\n${text}` : text)),
    ].join('\n\n'),
  };
}

/** What an import will do. */
export interface ImportPlan {
  tickets: NewTicket[];
  /** How many of them are there already. */
  known: number;
  /** What other systems allow: an id twice, and links that lead nowhere, to themselves or in a circle. */
  dropped: string[];
}

/** @param numberOf the number of what the project has of an origin, or of our own */
export function planImport(
  tickets: readonly ForeignTicket[],
  numberOf: (ticket: Pick<ForeignTicket, 'origin' | 'own'>) => number | undefined,
): ImportPlan {
  const unique = [...new Map(tickets.toReversed().map((ticket) => [ticket.origin, ticket])).values()].reverse();
  const numbers = new Map(unique.map((ticket) => [ticket.origin, numberOf(ticket)]));
  const fresh = unique.filter(({ origin }) => numbers.get(origin) === undefined);
  const indexes = new Map(fresh.map(({ origin }, index) => [origin, index]));
  const graph = createAcyclicGraph();
  const kept = new Set(unique);
  const twice = tickets.filter((ticket) => !kept.has(ticket));
  const dropped = twice.map(({ origin }) => `${origin}, which is there twice`);

  const planned = fresh.map(({ origin, source, change, comments, links: wanted }): NewTicket => {
    const links: Link[] = [];
    const linksWithin: LinkWithin[] = [];
    for (const { kind, origin: other } of wanted) {
      const number = numbers.get(other) ?? numberOf({ origin: other });
      const index = indexes.get(other);
      const name = number === undefined ? other : ticketId(number);
      if (number !== undefined && graph.add(kind, origin, name)) links.push({ kind, number });
      else if (index !== undefined && graph.add(kind, origin, name)) linksWithin.push({ kind, index });
      else dropped.push(`the link ${origin} ${kind} ${other}, which leads nowhere or in a circle`);
    }
    return { change: withSoundTasks(change), source, comments, origin, links, linksWithin };
  });
  return { tickets: planned, known: unique.length - fresh.length, dropped };
}

/** New tasks are numbered from 1; a done one waits for none that is not, and none for itself. */
function withSoundTasks(change: TicketChange): TicketChange {
  const { tasks = [] } = change;
  const graph = createAcyclicGraph();
  const isSound = (from: number, to: number) =>
    (!tasks[from - 1]?.done || tasks[to - 1]?.done === true) && graph.add('blocked_by', `${from}`, `${to}`);
  const sound = tasks.map((task, index) => {
    return { ...task, dependsOn: task.dependsOn?.filter((other) => isSound(index + 1, other)) };
  });
  return { ...change, tasks: sound };
}

/** Takes every link but those that would close a circle. */
function createAcyclicGraph() {
  const edges = new Map<string, Set<string>>();

  return {
    add(kind: LinkKind, from: string, to: string): boolean {
      if (from === to) return false;
      const edge = edgeOf(kind, from, to);
      if (!edge) return true;
      const [start, end] = [`${edge.kind} ${edge.from}`, `${edge.kind} ${edge.to}`];
      if (reaches(end, start)) return false;
      edges.set(start, (edges.get(start) ?? new Set()).add(end));
      return true;
    },
  };

  function reaches(from: string, to: string): boolean {
    const seen = new Set([from]);
    for (const each of seen) for (const next of edges.get(each) ?? []) seen.add(next); // a set is walked as it grows
    return seen.has(to);
  }
}
