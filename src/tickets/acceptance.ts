import { UserError } from '../errors.ts';
import type { AcceptanceItem, TicketDocument } from './ticket.ts';

/** Without `item` a new one is added; with it, the fields that are given change. */
export interface ItemChange {
  item?: number | undefined;
  text?: string | undefined;
  /** What shows that it is met; an empty text opens it again. */
  evidence?: string | undefined;
  remove?: boolean | undefined;
}

const maxItems = 50;

export function changeAcceptance(document: TicketDocument, changes: readonly ItemChange[]): TicketDocument {
  return changes.reduce(changeItem, document);
}

/** What is still to be shown before the ticket may be called done. */
export function openItems(document: TicketDocument): Array<{ id: string } & AcceptanceItem> {
  return itemsOf(document).filter(({ evidence }) => evidence === undefined);
}

export function itemsOf({ acceptance }: TicketDocument): Array<{ id: string } & AcceptanceItem> {
  return Object.entries(acceptance)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, item]) => ({ id, ...item }));
}

function changeItem(document: TicketDocument, change: ItemChange): TicketDocument {
  if (change.item === undefined) return addItem(document, change);
  const id = String(change.item);
  const item = document.acceptance[id];
  if (!item) throw unknownItem(document, id);
  const { [id]: _, ...others } = document.acceptance;
  if (change.remove) return { ...document, acceptance: others };
  return { ...document, acceptance: { ...others, [id]: edited(item, change) } };
}

function addItem(document: TicketDocument, { text, evidence, remove }: ItemChange): TicketDocument {
  if (!text || remove) {
    throw new UserError('bad_input', 'A new acceptance item needs a "text"; to change or remove one name its "item".');
  }
  if (Object.keys(document.acceptance).length >= maxItems) {
    throw new UserError('limit', `A ticket may have ${maxItems} acceptance items. Remove some, or split it.`);
  }
  const id = document.next_part;
  const item = edited({ text }, { evidence });
  return { ...document, next_part: id + 1, acceptance: { ...document.acceptance, [id]: item } };
}

function edited(item: AcceptanceItem, { text, evidence }: ItemChange): AcceptanceItem {
  const shown = evidence === undefined ? item.evidence : evidence || undefined;
  return { text: text || item.text, ...(shown !== undefined && { evidence: shown }) };
}

function unknownItem(document: TicketDocument, id: string): UserError {
  const known = Object.keys(document.acceptance).join(', ') || 'none';
  return new UserError('not_found', `There is no acceptance item ${id}. Known: ${known}.`);
}
