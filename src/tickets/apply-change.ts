import { UserError } from '../errors.ts';
import { withoutAbsent } from '../text/absent.ts';
import { changeAcceptance, type ItemChange, openItems } from './acceptance.ts';
import { changeTasks, type TaskChange } from './tasks.ts';
import { type CitedFile, isSettled, type Priority, type Status, type TicketDocument } from './ticket.ts';

/** What a caller wants of a ticket. A field that is absent stays; an empty text takes an optional field away. */
export interface TicketChange {
  title?: string | undefined;
  overview?: string | undefined;
  status?: Status | undefined;
  priority?: Priority | undefined;
  /** All labels. */
  labels?: readonly string[] | undefined;
  addLabels?: readonly string[] | undefined;
  removeLabels?: readonly string[] | undefined;
  assignee?: string | undefined;
  due?: string | undefined;
  estimate?: number | undefined;
  files?: readonly CitedFile[] | undefined;
  prompts?: readonly string[] | undefined;
  planStep?: string | undefined;
  tasks?: readonly TaskChange[] | undefined;
  acceptance?: readonly ItemChange[] | undefined;
  comment?: string | undefined;
  /** Why it may be called done though acceptance items are open. */
  forceReason?: string | undefined;
}

/** An empty ticket, to which the change that creates it is applied. */
export function newDocument(source: string, origin: string | undefined): TicketDocument {
  return {
    ...{ title: '', status: 'open', priority: 'normal', labels: [], files: [], source },
    ...{ tasks: {}, task_order: [], acceptance: {}, comments: {}, links: {}, next_part: 1 },
    ...(origin !== undefined && { origin }),
  };
}

/**
 * The ticket after a change. Pure: the same document, change and author always give the same document.
 *
 * @throws UserError `bad_input` for what makes no sense, `conflict` for what a rule forbids as things stand
 */
export function applyChange(
  document: TicketDocument,
  change: TicketChange,
  author: { source: string; now: number },
): TicketDocument {
  const steps = [
    (next: TicketDocument) => changeFields(next, change),
    (next: TicketDocument) => changeTasks(next, change.tasks ?? []),
    (next: TicketDocument) => changeAcceptance(next, change.acceptance ?? []),
    (next: TicketDocument) => addComment(next, change.comment, author),
    (next: TicketDocument) => changeStatus(next, change),
  ];
  return steps.reduce((next, step) => step(next), document);
}

function changeFields(document: TicketDocument, change: TicketChange): TicketDocument {
  const { title, overview, priority, assignee, due, estimate, files, prompts, planStep } = change;
  return withoutAbsent({
    ...document,
    ...(title !== undefined && { title }),
    ...(overview !== undefined && { overview: overview || undefined }),
    ...(priority !== undefined && { priority }),
    ...(assignee !== undefined && { assignee: assignee || undefined }),
    ...(due !== undefined && { due: due || undefined }),
    ...(estimate !== undefined && { estimate: estimate || undefined }),
    ...(files !== undefined && { files: [...files] }),
    ...(prompts !== undefined && { prompts: prompts.length > 0 ? [...prompts] : undefined }),
    ...(planStep !== undefined && { plan_step: planStep || undefined }),
    labels: changeLabels(document.labels, change),
  });
}

const maxLabels = 20;

function changeLabels(labels: readonly string[], change: TicketChange): string[] {
  const removed = new Set(change.removeLabels);
  const wanted = [...(change.labels ?? labels), ...(change.addLabels ?? [])].filter((label) => !removed.has(label));
  const unique = [...new Set(wanted)];
  if (unique.length > maxLabels) throw tooManyLabels(unique.length);
  return unique;
}

function tooManyLabels(count: number): UserError {
  return new UserError('limit', `It would have ${count} labels, at most ${maxLabels}; remove ${count - maxLabels}.`);
}

function addComment(
  document: TicketDocument,
  text: string | undefined,
  { source, now }: { source: string; now: number },
): TicketDocument {
  return text ? withComment(document, { at: now, by: source, text }) : document;
}

export function withComment(document: TicketDocument, comment: TicketDocument['comments'][string]): TicketDocument {
  const id = document.next_part;
  return { ...document, next_part: id + 1, comments: { ...document.comments, [id]: comment } };
}

/**
 * Only work in progress is claimed: any other status ends the claim. What is done stays shown, or has a reason. What
 * leaves `blocked` has all attempts again.
 */
function changeStatus(
  document: TicketDocument,
  { status = document.status, forceReason }: TicketChange,
): TicketDocument {
  const { claim, forced: earlier, attempts, ...rest } = document;
  const isOpen = status === 'done' && openItems(document).length > 0;
  const forced = isOpen ? forceReason || earlier : undefined;
  if (isOpen) checkAcceptance(document, forced);
  const startsAnew = isSettled(status) || (document.status === 'blocked' && status !== 'blocked');
  return withoutAbsent({
    ...{ ...rest, status, forced },
    claim: status === 'in_progress' ? claim : undefined,
    attempts: startsAnew ? undefined : attempts,
  });
}

function checkAcceptance(document: TicketDocument, forceReason: string | undefined) {
  if (forceReason) return;
  const open = openItems(document);
  const shown = open.slice(0, 5).map(({ id, text }) => `${id} "${text.slice(0, 80)}"`);
  throw new UserError(
    'conflict',
    `It cannot be done while ${open.length} of its acceptance items are open: ${shown.join(', ')}. Give each its evidence with "acceptance", or a "force_reason".`,
  );
}
