import { roleOf, subjectOf } from '../search/files/file-role.ts';
import { cut } from '../text/cut.ts';
import { likeness, sentencesOf, stemsOfText } from './requirements.ts';

/** A piece of work that is to become small tasks. */
export interface WorkToSplit {
  title: string;
  overview: string;
  /** What is still to be shown. */
  acceptance: readonly string[];
  files: readonly string[];
}

export interface SplitTask {
  title: string;
  description: string;
  files: string[];
  /** Places in the list, from 1. */
  depends_on: number[];
}

const maxTitle = 120;

/**
 * Tasks out of what a piece of work says of itself, without a model: each item of its lists, or else each of its
 * sentences; a change of the files that none of these speaks of, with their tests; what its acceptance asks for besides.
 */
export function splitWork({ title, overview, acceptance, files }: WorkToSplit): SplitTask[] {
  const items = itemsOf(overview);
  const groups = groupsOf(files);
  const said = items.map((text) => taskOf(text, groups));
  const named = new Set(said.flatMap((task) => task.files));
  const changes = groups.filter((group) => group.every((path) => !named.has(path))).map(changeOf);
  const work = said.length + changes.length > 0 ? [...said, ...changes] : [taskOf(title, groups)];
  const shown = acceptance.filter((text) => !isSaid(text, work)).map((text) => taskOf(`Show that: ${text}`, groups));
  const all = [...work, ...shown].filter((task, at, tasks) => tasks.findIndex((each) => isSame(each, task)) === at);
  return all.map((task, at) => ({ ...task, depends_on: at < work.length ? [] : everyPlace(work.length) }));
}

/** Those that are not known, each waiting for earlier ones alone, so that no circle can be. */
export function chooseTasks(all: readonly SplitTask[], known: ReadonlyArray<{ title: string }>, limit: number) {
  const fresh = all.map((task, at) => ({ task, place: at + 1 })).filter(({ task }) => task.title !== '');
  const kept = fresh.filter(({ task }) => !known.some((each) => isSame(each, task))).slice(0, limit);
  const places = new Map(kept.map(({ place }, at) => [place, at + 1]));
  const tasks = kept.map(({ task, place }) => {
    const before = task.depends_on.filter((each) => each < place).flatMap((each) => places.get(each) ?? []);
    return { ...task, depends_on: [...new Set(before)] };
  });
  const leftOut = fresh.filter(({ place }) => !places.has(place)).map(({ task }) => task.title);
  return { tasks, leftOut };
}

function isSame(one: { title: string }, other: { title: string }): boolean {
  return likeness(one.title, other.title) >= 0.6;
}

const listItem = /^\s*(?:[-*+]|\d+[.)])\s+/;
/** A sentence of fewer words asks for nothing. */
const minStems = 2;

/** The items of its lists where it has some: what stands around them explains them. */
function itemsOf(overview: string): string[] {
  const lines = overview.split('\n').filter((line) => listItem.test(line));
  if (lines.length > 1) return lines.flatMap((line) => sentencesOf(line).slice(0, 1));
  return sentencesOf(overview).filter((text) => stemsOfText(text).length >= minStems);
}

/** Code with its tests, and all else by itself. */
function groupsOf(files: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const path of files) {
    const kin = groups.find((group) => group.some((other) => isKin(path, other)));
    if (kin) kin.push(path);
    else groups.push([path]);
  }
  return groups;
}

function isKin(path: string, other: string): boolean {
  const isPair = (roleOf(path) === 'test') !== (roleOf(other) === 'test');
  return isPair && subjectOf(path) === subjectOf(other);
}

/** @param groups the one that most of the words speak of goes with it, where there is any */
function taskOf(text: string, groups: readonly string[][]): SplitTask {
  const stems = new Set(stemsOfText(text));
  const scored = groups.map((files) => {
    const words = new Set(stemsOfText(files.map((path) => path.replace(/\.\w+$/, '')).join(' ')));
    return { files, score: [...words].filter((word) => stems.has(word)).length };
  });
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a), { files: [] as string[], score: 0 });
  const line = text.replace(/[.;]\s*$/, '').trim();
  const title = cut(line, maxTitle);
  return { title, description: title === line ? '' : text, files: [...best.files], depends_on: [] };
}

function changeOf(files: readonly string[]): SplitTask {
  return { title: `Change ${cut(files.join(' and '), maxTitle)}`, description: '', files: [...files], depends_on: [] };
}

function isSaid(text: string, tasks: readonly SplitTask[]): boolean {
  return tasks.some(({ title }) => likeness(title, text) >= 0.5);
}

function everyPlace(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}
