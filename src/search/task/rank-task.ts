import { bestPlaces } from './best-places.ts';
import { matchWords, type WordMatches } from './bm25f.ts';
import type { CommitIndex } from './commit-index.ts';
import { type DocumentLayout, layoutOf } from './document-layout.ts';
import { explain } from './explain-task.ts';
import { type ImportGraph, spread } from './import-graph.ts';
import { nearness } from './nearness.ts';
import { pastFolders } from './past-folders.ts';
import type { TaskDocument } from './task-document.ts';
import { type Question, readTask, withRareWords } from './task-question.ts';
import { namedFolder, seedCount, type TaskWeights } from './task-weights.ts';

export interface RankedFile {
  path: string;
  /** 1 for the best; only the order means something. */
  score: number;
  /** The strongest reasons first. */
  why: string[];
}

/** What there is to rank by. */
export interface TaskKnowledge {
  documents: readonly TaskDocument[];
  /** Where each path stands among them. */
  places: ReadonlyMap<string, number>;
  /** By places in `documents`. */
  graph: ImportGraph;
  commits: CommitIndex;
}

export interface TaskInput {
  task: string;
  /** Files or folders that the caller works on. */
  near: readonly string[];
  passes(path: string): boolean;
  limit: number;
}

/** What speaks for each file, by its place; most have nothing of most. */
export interface Evidence {
  question: Question;
  words: WordMatches;
  /** By path, with the commit that resembles the task most. */
  past: ReadonlyMap<string, { score: number; subject: string }>;
  named: ReadonlyMap<number, number>;
  near: ReadonlyMap<number, number>;
  tested: ReadonlyMap<number, { score: number; by: number }>;
  linked: ReadonlyMap<number, { score: number; by: number }>;
  /** By path. */
  together: ReadonlyMap<string, { score: number; by: string }>;
}

/**
 * Orders files by how likely a task concerns them: first by their words, by what past commits and tests say, and by the
 * paths that are named; then by what goes with the best of these. All is scaled by what kind of file it is. Nothing is random, and
 * nothing is learned from how the project is used.
 */
export function rankForTask(knowledge: TaskKnowledge, input: TaskInput, weights: TaskWeights): RankedFile[] {
  const { scores, evidence, pathAt } = weigh(knowledge, input, weights);
  const chosen = bestPlaces(scores, input.limit, (place) => input.passes(pathAt(place)));
  const most = scores[chosen[0] ?? -1] ?? 1;
  return chosen.flatMap((place) => {
    const document = knowledge.documents[place];
    const score = Math.max(0.001, Math.round(((scores[place] ?? 0) / most) * 1000) / 1000);
    return document ? { path: document.path, score, why: explain(place, document, evidence, pathAt) } : [];
  });
}

/** The same order without reasons, for many files. */
export function likelyFiles(knowledge: TaskKnowledge, input: TaskInput, weights: TaskWeights): string[] {
  const { scores, pathAt } = weigh(knowledge, input, weights);
  return bestPlaces(scores, input.limit, (place) => input.passes(pathAt(place))).map(pathAt);
}

function weigh(knowledge: TaskKnowledge, input: Pick<TaskInput, 'task' | 'near'>, weights: TaskWeights) {
  const { documents, places, graph, commits } = knowledge;
  const question = withRareWords(readTask(input.task, weights), commits.rarity, weights.commonWords);
  const words = matchWords(documents, question.terms, weights);
  const layout = layoutOf(documents);
  const past = commits.resembling(question.terms);
  const named = namedFiles(layout, question.paths);
  const near = nearness(knowledge, input.near);
  const tested = testedFiles(graph, words);

  const factors = roleFactors(layout, question, weights);
  const scores = words.scores.slice();
  multiply(scores, factors);
  scale(scores, 1 / (highest(scores) || 1));
  for (const [path, { score }] of past) raise(places.get(path), weights.pastCommits * score);
  const happened = byNumber(pastFolders(past), layout.folderNumbers);
  for (let place = 0; place < scores.length; place++) {
    const share = happened[layout.folders[place] ?? 0] ?? 0;
    if (share > 0 && (words.scores[place] ?? 0) > 0) raise(place, weights.pastFolders * share);
  }
  for (const [place, { score }] of tested) raise(place, weights.tests * score);
  for (const [place, score] of near) raise(place, weights.near * score);
  for (const [place, score] of named) scores[place] = (scores[place] ?? 0) + weights.namedPath * score;
  emphasize(scores, activityOf(places, commits.activity()), weights.activity);
  emphasize(scores, graph.centrality, weights.centrality);

  const seeds = bestPlaces(scores, seedCount);
  const top = scores[seeds[0] ?? -1] ?? 0;
  const shares = new Map(seeds.map((place) => [place, (scores[place] ?? 0) / top / seeds.length]));
  const linked = spread(graph, shares);
  const together = commits.together(new Map([...shares].map(([place, share]) => [pathAt(place), share])));
  for (const [place, { score }] of linked) raise(place, weights.neighbours * score * top);
  for (const [path, { score }] of together) raise(places.get(path), weights.coChange * score * top);

  const evidence: Evidence = { question, words, past, named, near, tested, linked, together };
  return { scores, evidence, pathAt };

  /** A path of the past may be of a file that is no more. */
  function raise(place: number | undefined, gain: number) {
    if (place !== undefined) scores[place] = (scores[place] ?? 0) + gain * (factors[place] ?? 1);
  }

  function pathAt(place: number): string {
    return documents[place]?.path ?? '';
  }
}

/** Of lists that were asked about; looking up all paths again takes a tenth of a call. */
const activities = new WeakMap<
  ReadonlyMap<string, number>,
  { places: ReadonlyMap<string, number>; list: Float64Array }
>();

function activityOf(places: ReadonlyMap<string, number>, activity: ReadonlyMap<string, number>): Float64Array {
  const known = activities.get(activity);
  if (known?.places === places) return known.list;
  const list = new Float64Array(places.size);
  for (const [path, value] of activity) {
    const place = places.get(path);
    if (place !== undefined) list[place] = value;
  }
  activities.set(activity, { places, list });
  return list;
}

function roleFactors(
  { roles, roleNames }: DocumentLayout,
  question: Question,
  weights: Pick<TaskWeights, 'roles' | 'namedRole'>,
): Float64Array {
  const factors = Float64Array.from(roleNames, (role) =>
    question.roles.has(role) ? Math.max(weights.namedRole, weights.roles[role]) : weights.roles[role],
  );
  const found = new Float64Array(roles.length);
  for (let place = 0; place < found.length; place++) found[place] = factors[roles[place] ?? 0] ?? 1;
  return found;
}

/** Names that have no number are passed over: a folder of the past may be no more. */
function byNumber(values: ReadonlyMap<string, number>, numbers: ReadonlyMap<string, number>): Float64Array {
  const found = new Float64Array(numbers.size);
  for (const [name, value] of values) {
    const number = numbers.get(name);
    if (number !== undefined) found[number] = value;
  }
  return found;
}

function highest(values: Float64Array): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, values[at] ?? 0);
  return most;
}

function multiply(values: Float64Array, factors: Float64Array): void {
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) * (factors[at] ?? 1);
}

/** More of what has more of a quality, which is from 0 to 1. */
function emphasize(values: Float64Array, quality: Float64Array, weight: number): void {
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) * (1 + weight * (quality[at] ?? 0));
}

function scale(values: Float64Array, factor: number): void {
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) * factor;
}

/** 1 for a whole path or a file's name, less for what lies in a folder that is named. */
function namedFiles({ lowerPaths }: DocumentLayout, named: readonly string[]): Map<number, number> {
  const found = new Map<number, number>();
  if (named.length === 0) return found;
  const wanted = named.map((name) => ({ file: `/${name}`, folder: name.includes('/') ? `/${name}/` : undefined }));
  for (const [place, lower] of lowerPaths.entries()) {
    for (const { file, folder } of wanted) {
      const isFile = lower.endsWith(file) || file.endsWith(lower);
      const value = isFile ? 1 : folder !== undefined && lower.includes(folder) ? namedFolder : 0;
      if (value > (found.get(place) ?? 0)) found.set(place, value);
    }
  }
  return found;
}

/** Tests say in plain words what a file does: each passes on its score to what it tests. */
function testedFiles({ tested }: ImportGraph, { scores }: WordMatches): Map<number, { score: number; by: number }> {
  const most = highest(scores) || 1;
  const found = new Map<number, { score: number; by: number }>();
  for (const [test, targets] of tested) {
    if (!scores[test]) continue;
    const score = (scores[test] ?? 0) / most / Math.sqrt(targets.length);
    for (const place of targets) if (score > (found.get(place)?.score ?? 0)) found.set(place, { score, by: test });
  }
  return found;
}
