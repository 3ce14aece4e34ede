import { cleanLine } from '../../text/clean.ts';
import { namesIn, stemsOf } from './identifier-words.ts';
import type { Evidence } from './rank-task.ts';
import { hashWord, type TaskDocument } from './task-document.ts';

const maxReasons = 4;
const maxNames = 4;
const maxWords = 6;
const maxSubject = 70;
/** Below these shares a reason is none. */
const leastPast = 0.1;
const leastLink = 0.02;

/** Why a file is suggested, the strongest first, in short words that a reader can check. */
export function explain(
  place: number,
  { path, definitions }: TaskDocument,
  { question, words, past, named, near, tested, linked, together }: Evidence,
  pathAt: (place: number) => string,
): string[] {
  const terms = words.termsOf(place);
  const hashes = new Map(terms.map((term, at) => [term.hash, terms.length - at]));
  const commit = past.get(path);
  const test = tested.get(place);
  const link = linked.get(place);
  const companion = together.get(path);
  const shown = unique(terms.filter(({ isPhrase }) => !isPhrase).map((term) => term.shown)).slice(0, maxWords);
  const defined = definedNames(definitions, hashes);
  return [
    (named.get(place) ?? 0) > 0 ? 'named in the task' : '',
    (near.get(place) ?? 0) >= 0.5 ? 'near the paths given' : '',
    defined.length > 0 ? `defines ${defined.join(', ')}` : '',
    shown.length > 0 ? `has ${shown.join(', ')}` : '',
    commit && commit.score >= leastPast ? `commit "${cut(commit.subject)}"` : '',
    test && test.score > 0.5 ? `tested by ${pathAt(test.by)}` : '',
    link && link.score > leastLink ? `linked by imports to ${pathAt(link.by)}` : '',
    companion && companion.score > leastLink ? `changes with ${companion.by}` : '',
    question.terms.length === 0 && (near.get(place) ?? 0) > 0 ? 'beside the paths given' : '',
  ]
    .filter(Boolean)
    .slice(0, maxReasons);
}

/** The definitions that share most with the task. */
function definedNames(definitions: string, hashes: ReadonlyMap<number, number>): string[] {
  if (definitions === '' || hashes.size === 0) return [];
  const good: Array<{ name: string; score: number }> = [];
  for (const name of namesIn(definitions)) {
    const stems = stemsOf(name);
    let sum = 0;
    let hits = 0;
    for (const stem of stems) {
      const worth = hashes.get(hashWord(stem)) ?? 0;
      sum += worth;
      if (worth > 0) hits++;
    }
    if (hits > 0 && hits * 2 >= stems.length) good.push({ name, score: sum * (hits / stems.length) });
  }
  return good
    .sort((a, b) => b.score - a.score)
    .slice(0, maxNames)
    .map(({ name }) => name.slice(0, 40));
}

function unique(words: readonly string[]): string[] {
  const seen = new Map(words.map((word) => [word.toLowerCase(), word.slice(0, 40)]));
  return [...seen.values()];
}

function cut(subject: string): string {
  const text = cleanLine(subject);
  return text.length <= maxSubject ? text : `${text.slice(0, maxSubject - 1)}…`;
}
