import { type FileRole, rolesNamed } from '../files/file-role.ts';
import { namesIn, phrasesOf, stemsOf } from './identifier-words.ts';
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
/** What stands between backticks, `camelCase`, `PascalCase` and `snake_case`. */
const codeName = /`([^`\n]{1,80})`|\b[a-z$]\w*[a-z0-9][A-Z]\w*|\b[A-Z][a-z0-9]+[A-Z]\w*|\b[A-Za-z0-9]+_\w+/g;
/** It looks from the start of a run of such characters alone, or a long run would take the square of its length. */
const pathPattern = /(?<![\w@.-])(?:(?:[\w@.-]+\/)+[\w@.-]+|[\w-]+(?:\.[\w-]+)*\.[a-z]{1,5}\b)/gi;

/** What a task asks for: its words, the first sentence's above all, its names and its paths. */
export function readTask(
  task: string,
  { laterWords, phrase, codePhrase }: Pick<TaskWeights, 'laterWords' | 'phrase' | 'codePhrase'>,
): Question {
  const text = task.slice(0, maxCharacters);
  const first = firstSentence(text);
  const terms = new Map<number, Term>();
  addWords(terms, first, 1, phrase);
  addWords(terms, text.slice(first.length), laterWords, phrase);
  stressNames(terms, text, codePhrase);
  return {
    terms: [...terms.values()].sort((a, b) => b.weight - a.weight).slice(0, maxTerms),
    paths: [...new Set((text.match(pathPattern) ?? []).map((path) => path.toLowerCase().replace(/\.$/, '')))].slice(
      0,
      40,
    ),
    roles: rolesNamed(first),
  };
}

/** The same with less weight for words that are common where people write such tasks, in past commits. */
export function withRareWords(question: Question, rarity: (hash: number) => number, share: number): Question {
  const terms = question.terms.map((term) => ({ ...term, weight: term.weight * rarity(term.hash) ** share }));
  return { ...question, terms };
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

/** Who writes a name as the code has it means that name, and its words together are rarer than each. */
function stressNames(terms: ReadonlyMap<number, Term>, text: string, factor: number): void {
  const names = [...text.matchAll(codeName)].flatMap(([all, quoted]) => namesIn(quoted ?? all));
  const phrases = new Set(names.flatMap((name) => phrasesOf(stemsOf(name)).map(hashWord)));
  for (const hash of phrases) {
    const term = terms.get(hash);
    if (term) term.weight *= factor;
  }
}

/** Up to the first end of a sentence or line, when enough stands before it. */
function firstSentence(text: string): string {
  const end = text.search(/(?<=[\s\S]{15})(?:[.!?:]\s|\n)/);
  return end < 0 ? text.slice(0, 300) : text.slice(0, Math.min(end, 300));
}
