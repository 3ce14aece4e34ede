import { describeTicketView, type TicketView } from './view.ts';

interface Level {
  overview: number;
  /** Of descriptions, comments, evidence and changes. */
  text: number;
  tasks: number;
  /** Of files, links and acceptance items. */
  items: number;
  comments: number;
  history: number;
}

/** What is kept at each step, in characters and in numbers of items. */
const levels: readonly Level[] = [
  { overview: 4000, text: 300, tasks: 60, items: 40, comments: 5, history: 10 },
  { overview: 2000, text: 120, tasks: 30, items: 25, comments: 3, history: 5 },
  { overview: 1000, text: 60, tasks: 20, items: 12, comments: 2, history: 3 },
  { overview: 300, text: 40, tasks: 8, items: 5, comments: 1, history: 1 },
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
  return {
    ...view,
    ...(view.overview && { overview: cut(view.overview, level.overview) }),
    files: view.files.slice(0, items),
    tasks: view.tasks.slice(0, tasks).map(({ description, files, title, ...task }) => ({
      ...{ ...task, title: cut(title, 120) },
      ...(description && { description: text(description) }),
      ...(files && { files: files.slice(0, 3) }),
    })),
    acceptance: view.acceptance.slice(0, items).map(({ evidence, text: wanted, ...item }) => ({
      ...{ ...item, text: text(wanted) },
      ...(evidence !== undefined && { evidence: text(evidence) }),
    })),
    links: view.links.slice(0, items),
    comments: view.comments.slice(-comments).map((comment) => ({ ...comment, text: text(comment.text) })),
    history: view.history.slice(0, history).map((entry) => ({ ...entry, changed: text(entry.changed) })),
    shortened: `Shortened to fit (in all ${view.tasks.length} tasks, ${view.comments.length} comments). All of it: read ${view.uri}`,
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
