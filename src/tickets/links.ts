import { UserError } from '../errors.ts';
import { parseTicketId, type TicketDocument, ticketId } from './ticket.ts';

/** Each kind with what it is called from the other end. */
const inverses = {
  blocks: 'blocked_by',
  blocked_by: 'blocks',
  parent: 'child',
  child: 'parent',
  related: 'related',
  duplicates: 'duplicated_by',
  duplicated_by: 'duplicates',
  supersedes: 'superseded_by',
  superseded_by: 'supersedes',
} as const;

export type LinkKind = keyof typeof inverses;

/** The kinds that the store keeps as edges; following one of them must never lead back. */
export const directedKinds = ['blocks', 'parent', 'duplicates', 'supersedes'] as const;
export type DirectedKind = (typeof directedKinds)[number];

/** A link as it stands on one ticket. */
export interface Link {
  kind: LinkKind;
  number: number;
}

/**
 * Reads `blocks T-3`.
 *
 * @throws UserError `bad_input`
 */
export function parseLink(text: string): Link {
  const [kind = '', id = '', ...rest] = text.trim().split(/[\s:]+/);
  if (!isLinkKind(kind) || rest.length > 0) {
    const kinds = Object.keys(inverses).join(', ');
    throw new UserError(
      'bad_input',
      `${JSON.stringify(text.slice(0, 60))} is no link. Links look like "blocks T-3"; kinds: ${kinds}.`,
    );
  }
  return { kind, number: parseTicketId(id).number };
}

function isLinkKind(text: string): text is LinkKind {
  return Object.hasOwn(inverses, text);
}

export function inverseOf(kind: LinkKind): LinkKind {
  return inverses[kind];
}

/** The edge as the store keeps it, whichever end the link was written on; `undefined` for a kind without direction. */
export function edgeOf<Node>(kind: LinkKind, from: Node, to: Node) {
  const own = directedKinds.find((each) => each === kind);
  if (own) return { kind: own, from, to };
  const inverse = directedKinds.find((each) => each === inverses[kind]);
  return inverse && { kind: inverse, from: to, to: from };
}

export function linkKey({ kind, number }: Link): string {
  return `${kind} ${ticketId(number)}`;
}

export function linksOf(document: TicketDocument): Link[] {
  return Object.keys(document.links).map(parseLink);
}

export function withLink(document: TicketDocument, link: Link): TicketDocument {
  return { ...document, links: { ...document.links, [linkKey(link)]: true } };
}

export function withoutLink(document: TicketDocument, link: Link): TicketDocument {
  const { [linkKey(link)]: _, ...links } = document.links;
  return { ...document, links };
}

/** The edges that a ticket is the start of; a deleted one leads nowhere. */
export function edgesFrom(document: TicketDocument): Array<{ kind: DirectedKind; to: number }> {
  if (document.deleted) return [];
  return linksOf(document).flatMap(({ kind, number }) => {
    const directed = directedKinds.find((each) => each === kind);
    return directed ? [{ kind: directed, to: number }] : [];
  });
}
