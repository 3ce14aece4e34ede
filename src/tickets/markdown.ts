import { dump } from 'js-yaml';
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { withoutAbsent } from '../text/absent.ts';
import { cleanLine, cleanText } from '../text/clean.ts';
import { readFrontMatter } from '../text/front-matter.ts';
import { itemsOf } from './acceptance.ts';
import { type ForeignTicket, importedEvidence, importedReason, priorityOf, statusOf } from './foreign.ts';
import { linkKey, linksOf, parseLink } from './links.ts';
import { type TaskChange, tasksOf } from './tasks.ts';
import { fullTicketId, parseTicketId, sourcePattern, type Ticket, ticketId } from './ticket.ts';

/*
 * A ticket as a Markdown file: its fields as YAML front matter, then the overview, then sections for what has many
 * items. `toMarkdown` writes what people, git and clients read; `fromMarkdown` takes it back, and the files of others who
 * keep tasks that way.
 */

export function toMarkdown({ projectId, number, version, document, createdAt, updatedAt }: Ticket): string {
  const { title, status, priority, labels, assignee, due, estimate, files, prompts, plan_step, forced, source } =
    document;
  const links = linksOf(document).map(linkKey);
  const front = withoutAbsent({
    ...{ id: ticketId(number), project: projectId, title, status, priority },
    ...(labels.length > 0 && { labels }),
    ...{ assignee, due, estimate, plan_step, prompts, forced },
    ...(files.length > 0 && { files: files.map(({ path }) => path) }),
    ...(links.length > 0 && { links }),
    ...{ source, version, created: timeOf(createdAt), updated: timeOf(updatedAt) },
  });
  const comments = Object.values(document.comments).map(
    ({ at, by, text }) => `### ${timeOf(at)} ${by}\n\n${escaped(text.trim())}`,
  );
  const sections = [
    `---\n${dump(front, { lineWidth: -1, flowLevel: 1 })}---`,
    escaped(document.overview?.trim() ?? ''),
    section('Tasks', tasksOf(document).map(writeTask).join('\n')),
    section('Acceptance', itemsOf(document).map(writeItem).join('\n')),
    section('Comments', comments.join('\n\n')),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

/** A heading of ours in somebody's text is no heading of ours. */
const ownHeading = /^\\*(?:## (?:(?:sub)?tasks|acceptance(?: criteria)?|comments)\s*$|### )/gim;

function escaped(text: string): string {
  return text.replace(ownHeading, '\\$&');
}

function unescaped(text: string): string {
  return text.replace(ownHeading, (heading) => (heading.startsWith('\\') ? heading.slice(1) : heading));
}

function section(name: string, content: string): string {
  return content && `## ${name}\n\n${content}`;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function writeTask({ id, title, done, description, files, estimate, depends_on }: ReturnType<typeof tasksOf>[number]) {
  const details = [
    ...(depends_on ? [`after: ${depends_on.map((each) => `#${each}`).join(', ')}`] : []),
    ...(estimate ? [`estimate: ${estimate}`] : []),
    ...(files ? files.map(({ path }) => `file: ${path}`) : []),
    ...(description ? ['', ...description.trim().split('\n')] : []),
  ];
  return [`- [${done ? 'x' : ' '}] #${id} ${title}`, ...details.map(indented)].join('\n');
}

function writeItem({ id, text, evidence }: ReturnType<typeof itemsOf>[number]): string {
  const head = `- [${evidence === undefined ? ' ' : 'x'}] #${id} ${text}`;
  return evidence === undefined ? head : [head, ...evidence.trim().split('\n').map(indented)].join('\n');
}

function indented(line: string): string {
  return line && `  ${line}`;
}

const list = z
  .union([z.array(z.coerce.string()), z.string()])
  .transform((value) => [value].flat().map(cleanLine).filter(Boolean));

/** Loose: the files of others have fields of their own. */
const frontMatter = z.looseObject({
  id: z.coerce.string().optional(),
  project: z.string().optional(),
  title: z.coerce.string().transform(cleanLine).pipe(z.string().min(1)),
  status: z.string().default('open'),
  priority: z.string().default('normal'),
  labels: list.default([]),
  assignee: list.optional(),
  due: z.union([z.date().transform((date) => date.toISOString().slice(0, 10)), z.iso.date()]).optional(),
  estimate: z.number().min(0).optional(),
  files: list.default([]),
  prompts: list.optional(),
  plan_step: z.string().optional(),
  /** Why it is done with acceptance items open. */
  forced: z.string().optional(),
  source: z.string().regex(sourcePattern).optional().catch(undefined),
  links: list.default([]),
  dependencies: list.default([]),
});

/**
 * Reads a Markdown file with front matter; `title` is all that it must have. Checklists under "Tasks" and "Acceptance"
 * become tasks and acceptance items.
 *
 * @param name of the file, for errors and where it has no id
 * @returns `undefined` for Markdown without front matter, which is no ticket
 * @throws UserError `bad_input` naming the file and the field
 */
export function fromMarkdown(name: string, text: string): ForeignTicket | undefined {
  const parsed = readFrontMatter(text, frontMatter);
  if (!parsed) return undefined;
  if ('fault' in parsed) throw new UserError('bad_input', `${name}: ${parsed.fault}.`);
  const front = parsed.fields;
  const body = splitBody(cleanText(parsed.body));
  const { id = name, project, title, assignee, dependencies, links } = front;
  const { due, estimate, labels, prompts, plan_step: planStep } = front;
  return {
    origin: `markdown:${project === undefined ? id : fullTicketId(project, parseTicketId(id).number)}`,
    own: project === undefined ? undefined : { project, number: parseTicketId(id).number },
    source: front.source,
    change: {
      ...{ title, due, estimate, labels, prompts, planStep },
      status: statusOf(front.status),
      priority: priorityOf(front.priority),
      overview: unescaped(body.overview),
      assignee: assignee?.[0],
      files: front.files.map((path) => ({ path })),
      tasks: readTasks(body.tasks),
      acceptance: readItems(body.acceptance).map(({ isChecked, title: wanted, details }) => {
        return { text: wanted, evidence: isChecked ? details.join('\n').trim() || importedEvidence : undefined };
      }),
      forceReason: front.forced ?? importedReason,
    },
    links: [
      ...links.map(parseLink).map(({ kind, number }) => ({ kind, origin: originOf(ticketId(number), project) })),
      ...dependencies.map((other) => ({ kind: 'blocked_by' as const, origin: originOf(other, project) })),
    ],
    comments: readComments(body.comments),
  };
}

function originOf(id: string, project: string | undefined): string {
  return `markdown:${project === undefined ? id : `${project}.${id}`}`;
}

interface Body {
  overview: string;
  tasks: string;
  acceptance: string;
  comments: string;
}

const headings: ReadonlyArray<readonly [keyof Body, RegExp]> = [
  ['tasks', /^## (?:sub)?tasks\s*$/i],
  ['acceptance', /^## acceptance(?: criteria)?\s*$/i],
  ['comments', /^## comments\s*$/i],
  ['overview', /^## /],
];

/** Any heading that is not one of ours belongs to the overview, with what is below it. */
function splitBody(text: string): Body {
  const lines: Record<keyof Body, string[]> = { overview: [], tasks: [], acceptance: [], comments: [] };
  let current: keyof Body = 'overview';
  for (const line of text.split('\n')) {
    const part = headings.find(([, pattern]) => pattern.test(line))?.[0];
    current = part ?? current;
    if (part === undefined || part === 'overview') lines[current].push(line);
  }
  const join = (part: keyof Body) => lines[part].join('\n').trim();
  return {
    overview: join('overview'),
    tasks: join('tasks'),
    acceptance: join('acceptance'),
    comments: join('comments'),
  };
}

interface Item {
  isChecked: boolean;
  /** What the file calls it, where it has a number. */
  id: string | undefined;
  title: string;
  /** The lines below it, without their indent. */
  details: string[];
}

function readItems(text: string): Item[] {
  const items: Item[] = [];
  for (const line of text.split('\n')) {
    const head = /^[-*] \[( |x|X)\] (?:#(\d+) )?(.*)$/.exec(line);
    if (head) items.push({ isChecked: head[1] !== ' ', id: head[2], title: cleanLine(head[3] ?? ''), details: [] });
    else items.at(-1)?.details.push(line.replace(/^ {1,2}/, ''));
  }
  return items.filter(({ title }) => title !== '');
}

/** New tasks are numbered from 1 in their order, whatever the file calls them. */
function readTasks(text: string): TaskChange[] {
  const items = readItems(text);
  const numbers = new Map(items.map(({ id }, index) => [id, index + 1]));
  return items.map(({ isChecked, title, details }) => {
    const start = details.findIndex((line) => !/^(after|estimate|file): /.test(line));
    const fields = start < 0 ? details : details.slice(0, start);
    const valuesOf = (field: string) =>
      fields.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
    const dependsOn = valuesOf('after').flatMap((value) => value.match(/\d+/g) ?? []);
    return {
      ...{ title, done: isChecked, description: details.slice(fields.length).join('\n').trim() },
      estimate: Number(valuesOf('estimate')[0]) || undefined,
      files: valuesOf('file').map((path) => ({ path })),
      dependsOn: dependsOn.flatMap((id) => numbers.get(id) ?? []),
    };
  });
}

function readComments(text: string): ForeignTicket['comments'] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [head = '', ...rest] = part.split('\n');
      const [, time = '', by = ''] = /^(\S+)\s+(.*)$/.exec(head) ?? [];
      return { at: Date.parse(time) || 0, by: cleanLine(by) || 'unknown', text: unescaped(rest.join('\n').trim()) };
    });
}
