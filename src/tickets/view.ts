import type { Json } from '../text/merge-patch.ts';
import { itemsOf } from './acceptance.ts';
import type { FileState } from './cite.ts';
import type { HistoryEntry } from './history.ts';
import { linkKey, linksOf } from './links.ts';
import { tasksOf } from './tasks.ts';
import { ticketId, ticketUri } from './ticket.ts';
import type { TicketDetails } from './tickets.ts';

/** All that there is to show of a ticket: what clients get as data, and what the text is written from. */
export function createTicketView({ ticket, ...details }: TicketDetails, files: ReadonlyMap<string, FileState>) {
  const { projectId, number, version, document } = ticket;
  const { title, status, priority, labels, assignee, due, estimate, overview, prompts, plan_step, source } = document;
  const { attempts, forced } = document;
  const stateOf = (path: string) => ({ path, state: files.get(path) ?? ('planned' as const) });
  return {
    ...{ id: ticketId(number), version, title, status, priority },
    ...{ ready: details.isReady, blocked_by: details.blockers.map(ticketId) },
    ...(details.claim && { claim: showClaim(details.claim) }),
    ...(labels.length > 0 && { labels }),
    ...(assignee && { assignee }),
    ...(due && { due }),
    ...(estimate && { estimate }),
    ...(plan_step && { plan_step }),
    ...(prompts && { prompts }),
    ...(attempts && { attempts }),
    ...(forced && { forced }),
    ...(overview && { overview }),
    files: document.files.map(({ path }) => stateOf(path)),
    tasks: tasksOf(document).map(({ id, files: cited, ...task }) => {
      return { task: id, ...task, ...(cited && { files: cited.map(({ path }) => stateOf(path)) }) };
    }),
    acceptance: itemsOf(document).map(({ id, ...item }) => ({ item: Number(id), ...item })),
    links: linksOf(document).map((link) => ({ link: linkKey(link), ...details.linked.get(link.number) })),
    comments: Object.values(document.comments).map(({ at, by, text }) => ({ at: time(at), by, text })),
    history: details.history.map(showEntry),
    ...{ source, created: time(ticket.createdAt), updated: time(ticket.updatedAt) },
    uri: ticketUri(projectId, number),
  };
}

export type TicketView = ReturnType<typeof createTicketView> & { shortened?: string };

function showClaim({ holder, number, expiresAt }: { holder: string; number: number; expiresAt: number }) {
  return { claim: number, holder, until: time(expiresAt) };
}

function showEntry({ version, at, action, by, changed }: HistoryEntry) {
  return { version, at: time(at), action, by, changed: version === 1 ? '' : describePatch(changed) };
}

const maxValue = 60;

/** What tells nothing that is not in the entry itself. */
const untold = new Set(['next_part', 'at', 'by']);

/** `status: done; tasks.3.done: true` */
function describePatch(patch: Json, path = ''): string {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    const value = patch === null ? 'removed' : typeof patch === 'string' ? patch : JSON.stringify(patch);
    return `${path}: ${value.length > maxValue ? `${value.slice(0, maxValue)}…` : value}`;
  }
  return Object.entries(patch)
    .filter(([key]) => !untold.has(key))
    .map(([key, value]) => describePatch(value ?? null, path ? `${path}.${key}` : key))
    .join('; ');
}

/** Seconds are enough, and shorter to read. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The view as text, one fact a line, the most important first. */
export function describeTicketView(view: TicketView): string {
  const lines = [
    `${view.id} ${view.title}`,
    [
      `${view.status}, ${view.priority}, version ${view.version}`,
      ...(view.ready ? ['ready'] : []),
      ...(view.blocked_by.length > 0 ? [`waits for ${view.blocked_by.join(', ')}`] : []),
    ].join(', '),
    view.claim && `Claimed by ${view.claim.holder} until ${view.claim.until} (claim ${view.claim.claim})`,
    view.labels && `Labels: ${view.labels.join(', ')}`,
    view.assignee && `Assignee: ${view.assignee}`,
    view.due && `Due: ${view.due}`,
    view.estimate && `Estimate: ${view.estimate} h`,
    view.plan_step && `Plan step: ${view.plan_step}`,
    view.prompts && `Prompts: ${view.prompts.join(', ')}`,
    view.attempts && `Attempts: ${view.attempts}`,
    view.forced && `Called done with open acceptance items: ${view.forced}`,
    view.overview && `\n${view.overview}\n`,
    ...block('Files', view.files.map(describeFile)),
    ...block('Tasks', view.tasks.flatMap(describeTask)),
    ...block('Acceptance', view.acceptance.map(describeItem)),
    ...block(
      'Links',
      view.links.map(({ link, title, status }) => `${link}${title ? ` (${status}): ${title}` : ''}`),
    ),
    ...block(
      'Comments',
      view.comments.map(({ at, by, text }) => `${at} ${by}: ${text}`),
    ),
    ...block('History, newest first', view.history.map(describeEntry)),
    `Source: ${view.source}. Created ${view.created}, updated ${view.updated}. ${view.uri}`,
    view.shortened,
  ];
  return lines.filter((line) => typeof line === 'string' && line !== '').join('\n');
}

function block(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${item}`)];
}

const fileNotes: Record<FileState, string> = {
  same: '',
  changed: ' (changed since)',
  gone: ' (gone)',
  written: ' (written since)',
  planned: ' (not there yet)',
  unreadable: ' (cannot be read)',
};

function describeFile({ path, state }: { path: string; state: FileState }): string {
  return `${path}${fileNotes[state]}`;
}

function describeTask(task: TicketView['tasks'][number]): string[] {
  const notes = [
    ...(task.estimate ? [`${task.estimate} h`] : []),
    ...(task.depends_on ? [`after ${task.depends_on.join(', ')}`] : []),
    ...(task.files ? [task.files.map(describeFile).join(', ')] : []),
  ];
  const head = `${task.task} [${task.done ? 'x' : ' '}] ${task.title}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
  return task.description ? [head, `    ${task.description.replaceAll('\n', '\n      ')}`] : [head];
}

function describeItem({ item, text, evidence }: TicketView['acceptance'][number]): string {
  return `${item} [${evidence === undefined ? ' ' : 'x'}] ${text}${evidence === undefined ? '' : ` (shown by: ${evidence})`}`;
}

function describeEntry({ version, at, action, by, changed }: TicketView['history'][number]): string {
  return `v${version} ${at} ${by} ${action}${changed ? `: ${changed}` : ''}`;
}
