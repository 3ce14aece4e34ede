import { type FileRole, rolesNamed } from './file-role.ts';
import { namesIn, phrasesOf, stemsOf } from './names.ts';
import { hashWord } from './task-document.ts';
import type { TaskWeights } from './task-weights.ts';

/** One word of a task, or words that stand beside each other in it. */
export interface Term {
  hash: number;
  /** As the task has it, to say why. */
  shown: string;
  /** What it counts: more at the start of the task, and where it is repeated. */
  weight: number;
  isPhrase: boolean;
}

export interface Question {
  terms: readonly Term[];
  /** Paths and file names in the task, in lower case: `src/cart.ts`, `cart.ts`. */
  paths: readonly string[];
  roles: ReadonlySet<FileRole>;
}

const maxCharacters = 20_000;
const maxTerms = 120;
const pathPattern = /(?:[\w@.-]+\/)+[\w@.-]+|[\w-]+(?:\.[\w-]+)*\.[a-z]{1,5}\b/gi;

/** What a task asks for: its words, the first sentence's above all, its names and its paths. */
export function readTask(task: string, { laterWords, phrase }: Pick<TaskWeights, 'laterWords' | 'phrase'>): Question {
  const text = task.slice(0, maxCharacters);
  const first = firstSentence(text);
  const terms = new Map<number, Term>();
  addWords(terms, first, 1, phrase);
  addWords(terms, text.slice(first.length), laterWords, phrase);
  return {
    terms: [...terms.values()].sort((a, b) => b.weight - a.weight).slice(0, maxTerms),
    paths: [...new Set((text.match(pathPattern) ?? []).map((path) => path.toLowerCase().replace(/\.$/, '')))].slice(
      0,
      40,
    ),
    roles: rolesNamed(first),
  };
}

/** A repeated word counts a little more each time. Names and neighbours in a sentence make phrases alike. */
function addWords(terms: Map<number, Term>, text: string, weight: number, phraseWeight: number): void {
  let last: { stem: string; shown: string } | undefined;
  for (const name of namesIn(text)) {
    const stems = stemsOf(name);
    for (const word of stems) add(word, name, weight, false);
    for (const phrase of phrasesOf(stems)) add(phrase, name, weight * phraseWeight, true);
    const [first] = stems;
    if (last && first) add(`${last.stem} ${first}`, `${last.shown} ${name}`, weight * phraseWeight, true);
    const end = stems.at(-1);
    last = end === undefined ? undefined : { stem: end, shown: name };
  }

  function add(word: string, shown: string, weight: number, isPhrase: boolean) {
    const hash = hashWord(word);
    const known = terms.get(hash);
    if (known) known.weight = Math.min(known.weight + weight * 0.25, Math.max(known.weight, weight) * 1.6);
    else terms.set(hash, { hash, shown, weight, isPhrase });
  }
}

/** Up to the first end of a sentence or line, when enough stands before it. */
function firstSentence(text: string): string {
  const end = text.search(/(?<=[\s\S]{15})(?:[.!?:]\s|\n)/);
  return end < 0 ? text.slice(0, 300) : text.slice(0, Math.min(end, 300));
}
