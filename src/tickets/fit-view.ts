import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { describeTicketView, type TicketView } from './view.ts';

interface Level {
  overview: number;
  /** Of descriptions, comments, evidence and changes. */
  text: number;
  /** Of titles, paths and names. */
  line: number;
  tasks: number;
  /** Of files, links, labels, prompts, blockers and acceptance items. */
  items: number;
  comments: number;
  history: number;
}

/** What is kept at each step, in characters and in numbers of items. */
const levels: readonly Level[] = [
  { overview: 4000, text: 300, line: 200, tasks: 60, items: 40, comments: 5, history: 10 },
  { overview: 2000, text: 120, line: 120, tasks: 30, items: 25, comments: 3, history: 5 },
  { overview: 1000, text: 60, line: 80, tasks: 20, items: 12, comments: 2, history: 3 },
  { overview: 300, text: 40, line: 60, tasks: 8, items: 5, comments: 1, history: 1 },
  { overview: 0, text: 0, line: 30, tasks: 0, items: 0, comments: 0, history: 0 },
];

/** Shortens a view in steps until its text and its data both fit; what was left out is said, and where it is. */
export function fitTicketView(view: TicketView, maxCharacters: number): TicketView {
  const fits = (each: TicketView) =>
    JSON.stringify(each).length <= maxCharacters && describeTicketView(each).length <= maxCharacters;
  if (fits(view)) return view;
  const steps = levels.map((level) => shorten(view, level));
  return steps.find(fits) ?? steps.at(-1) ?? view;
}

function shorten(view: TicketView, level: Level): TicketView {
  const { tasks, items, comments, history } = level;
  const text = (value: string) => cut(value, level.text);
  const line = (value: string) => cut(value, level.line);
  const files = (all: TicketView['files'], limit: number) =>
    all.slice(0, limit).map(({ path, state }) => ({ path: line(path), state }));
  return {
    ...view,
    title: line(view.title),
    blocked_by: view.blocked_by.slice(0, items),
    ...(view.labels && { labels: view.labels.slice(0, items).map(line) }),
    ...(view.prompts && { prompts: view.prompts.slice(0, items).map(line) }),
    ...(view.plan_step && { plan_step: line(view.plan_step) }),
    ...(view.forced && { forced: text(view.forced) }),
    ...(view.overview && { overview: cut(view.overview, level.overview) }),
    files: files(view.files, items),
    tasks: view.tasks.slice(0, tasks).map(({ description, files: cited, title, ...task }) => ({
      ...{ ...task, title: line(title) },
      ...(description && { description: text(description) }),
      ...(cited && { files: files(cited, 3) }),
    })),
    acceptance: view.acceptance.slice(0, items).map(({ evidence, text: wanted, ...item }) => ({
      ...{ ...item, text: text(wanted) },
      ...(evidence !== undefined && { evidence: text(evidence) }),
    })),
    links: view.links.slice(0, items).map(({ title, ...link }) => ({ ...link, ...(title && { title: line(title) }) })),
    comments: view.comments.slice(Math.max(0, view.comments.length - comments)).map((comment) => {
      return { ...comment, text: text(comment.text) };
    }),
    history: view.history.slice(0, history).map((entry) => ({ ...entry, changed: text(entry.changed) })),
    shortened: `Shortened to fit${whole(view)}. All of it: read ${view.uri}`,
  };
}

/** How many there are of what may have been left out. */
function whole(view: TicketView): string {
  const { tasks, acceptance, links, files, comments } = view;
  const parts = { task: tasks, 'acceptance item': acceptance, link: links, file: files, comment: comments };
  const names = { blocker: view.blocked_by, label: view.labels ?? [], prompt: view.prompts ?? [] };
  const counts = Object.entries({ ...parts, ...names }).flatMap(([name, { length }]) => {
    return length > 0 ? [counted(length, name)] : [];
  });
  return counts.length > 0 ? ` (in all ${counts.join(', ')})` : '';
}
