import { UserError } from '../errors.ts';
import type { Write } from '../store/store.ts';
import { inverseOf, type Link, linkKey, withLink, withoutLink } from './links.ts';
import { deletedTicket, loadTicket } from './rows.ts';
import { type Saving, saveTicket } from './save-ticket.ts';
import { type Author, type Ticket, type TicketDocument, ticketId } from './ticket.ts';
import { removeEdges } from './ticket-index.ts';

const maxLinks = 100;

/**
 * The tickets that one change touches, each saved once at its end: a link stands on both tickets, so adding one changes
 * two.
 */
export function createDrafts(write: Write, projectId: string) {
  const drafts = new Map<number, Saving>();

  return {
    put(draft: Saving) {
      drafts.set(draft.number, draft);
    },

    async link(number: number, link: Link) {
      if (link.number === number) throw new UserError('bad_input', `${ticketId(number)} cannot be linked to itself.`);
      await edit(number, (document) => limited(withLink(document, link), number));
      const back = { kind: inverseOf(link.kind), number };
      await edit(link.number, (document) => limited(withLink(document, back), link.number));
    },

    async unlink(number: number, link: Link) {
      await edit(number, (document) => {
        if (document.links[linkKey(link)]) return withoutLink(document, link);
        const known = Object.keys(document.links).join(', ') || 'none';
        throw new UserError('not_found', `${ticketId(number)} has no link ${linkKey(link)}. Known: ${known}.`);
      });
      const back = { kind: inverseOf(link.kind), number };
      await edit(link.number, (document) => withoutLink(document, back), { evenDeleted: true });
    },

    /** @param first the one that carries the request's id and comes first in the result */
    async save(author: Author, first?: number): Promise<Ticket[]> {
      const ordered = [...drafts.values()].sort((a, b) => Number(b.number === first) - Number(a.number === first));
      for (const { before, ...draft } of ordered) await removeEdges(write.db, projectId, draft, before);
      const saved: Ticket[] = [];
      for (const [index, draft] of ordered.entries()) {
        const by = index === 0 ? author : { ...author, request: undefined };
        saved.push(await saveTicket(write, projectId, by, draft));
      }
      return saved;
    },
  };

  async function edit(
    number: number,
    change: (document: TicketDocument) => TicketDocument,
    options: { evenDeleted?: boolean } = {},
  ) {
    const draft = drafts.get(number) ?? (await load(number));
    if (draft.document.deleted && !options.evenDeleted) throw deletedTicket(number);
    drafts.set(number, { ...draft, document: change(draft.document) });
  }

  async function load(number: number): Promise<Saving> {
    const before = await loadTicket(write.db, projectId, number, { evenDeleted: true });
    return { before, number, document: before.document, action: 'linked' };
  }
}

function limited(document: TicketDocument, number: number): TicketDocument {
  if (Object.keys(document.links).length <= maxLinks) return document;
  throw new UserError('limit', `${ticketId(number)} may have ${maxLinks} links.`);
}
