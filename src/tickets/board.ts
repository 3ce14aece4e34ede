import type { ListedTicket } from './list.ts';
import type { Queue } from './queues.ts';
import { type Status, statuses, ticketId } from './ticket.ts';

/** What is going on in a project: how many tickets have each status, the first of each, and what the queues do. */
export interface Board {
  counts: ReadonlyMap<string, number>;
  columns: ReadonlyMap<Status, readonly ListedTicket[]>;
  queues: readonly Queue[];
}

/** The statuses in the order in which work flows, and how many tickets of each a board shows. */
export const columnSizes: ReadonlyMap<Status, number> = new Map([
  ['in_progress', 50],
  ['blocked', 30],
  ['open', 50],
  ['done', 10],
]);

/** A board as Markdown, a section a status. */
export function describeBoard(name: string, { counts, columns, queues }: Board): string {
  const total = statuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);
  const sections = [...columns].map(([status, rows]) => describeColumn(status, rows, counts.get(status) ?? 0));
  return [
    `# ${name}: board`,
    `${counts.get('done') ?? 0} of ${total} tickets done, ${counts.get('cancelled') ?? 0} cancelled.`,
    ...(queues.length > 0 ? [`## Queues\n\n${queues.map(describeQueue).join('\n')}`] : []),
    ...sections.filter(Boolean),
  ].join('\n\n');
}

function describeColumn(status: Status, rows: readonly ListedTicket[], count: number): string {
  if (count === 0) return '';
  const more = count > rows.length ? [`- and ${count - rows.length} more`] : [];
  return [`## ${status} (${count})`, '', ...rows.map(describeRow), ...more].join('\n');
}

function describeRow({
  number,
  title,
  priority,
  labels,
  assignee,
  tasksTotal,
  tasksDone,
  isClaimed,
}: ListedTicket): string {
  const notes = [
    priority,
    ...(tasksTotal > 0 ? [`${tasksDone}/${tasksTotal} tasks`] : []),
    ...labels.map((label) => `#${label}`),
    ...(assignee ? [`@${assignee}`] : []),
    ...(isClaimed ? ['claimed'] : []),
  ];
  return `- ${ticketId(number)} ${title} (${notes.join(', ')})`;
}

function describeQueue({ label, parallel, attempts, isPaused, running }: Queue): string {
  return `- #${label}: ${running} of ${parallel} claimed, ${attempts} attempts each${isPaused ? ', paused' : ''}`;
}
