import { cut } from '../text/cut.ts';

/*
 * What several answers share, without a model: sentences that have at least half of their words in common, and the same
 * numbers and negations, are taken for one claim. That is a measure of words, not of meaning: the same thing said in other
 * words is missed, and what two answers share can be wrong in both.
 */

export interface Claim {
  claim: string;
  /** Which of the answers make it, by their places. */
  by: number[];
}

export interface Agreement {
  /** Made by more than one answer, by most first. */
  shared: Claim[];
  /** The same words with other numbers, or denied. */
  opposed: Array<{ one: Claim; other: Claim }>;
  /** Made by one answer alone. */
  alone: Claim[];
}

interface Sentence {
  text: string;
  by: number;
  words: ReadonlySet<string>;
  numbers: string;
  isDenied: boolean;
}

const leastShared = 0.5;
const maxSentences = 80;
const maxClaim = 240;

export function compareAnswers(answers: readonly string[]): Agreement {
  const groups: Sentence[][] = [];
  for (const sentence of answers.flatMap(sentencesOf)) {
    const group = bestGroup(sentence, groups);
    if (group) group.push(sentence);
    else groups.push([sentence]);
  }
  const claims = groups.map(toClaim);
  const shared = claims.filter(({ by }) => by.length > 1).sort((a, b) => b.by.length - a.by.length);
  return { shared, opposed: findOpposed(groups), alone: claims.filter(({ by }) => by.length === 1) };
}

function sentencesOf(answer: string, by: number): Sentence[] {
  const lines = answer.replace(/```[\s\S]*?(```|$)/g, ' ').split(/\n+|(?<=[.!?。])\s+/);
  return lines
    .map((line) => line.replace(/^[\s>#*+-]+|^\s*\d{1,3}[.)]\s+/g, '').trim())
    .map((text) => ({ text, by, ...featuresOf(text) }))
    .filter(({ words }) => words.size > 1)
    .slice(0, maxSentences);
}

const common = new Set(
  'the and for are but was were has have had with that this these those from its into than then they them you your can will would should there their which when what who how why also more most such each any all per via being been does did'.split(
    ' ',
  ),
);
const denials = /\b(not|no|never|none|neither|nor|without|cannot|\w+n't)\b/i;

function featuresOf(text: string): Omit<Sentence, 'text' | 'by'> {
  const found = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*/gu) ?? [];
  const words = found.map((word) => word.replace(/[.-]+$/, '')).filter((word) => word.length > 2 && !common.has(word));
  const numbers = text.match(/\d+(?:[.,]\d+)*/g) ?? [];
  return {
    words: new Set(words.map(stem)),
    numbers: [...new Set(numbers)].sort().join(' '),
    isDenied: denials.test(text),
  };
}

/** Enough for plurals and the commonest endings of verbs. */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|es|s|ed|ing)$/, '') : word;
}

function bestGroup(sentence: Sentence, groups: readonly Sentence[][]): Sentence[] | undefined {
  let best: { group: Sentence[]; likeness: number } | undefined;
  for (const group of groups) {
    const likeness = Math.max(...group.map((each) => (areAgreed(each, sentence) ? likenessOf(each, sentence) : 0)));
    if (likeness >= leastShared && likeness > (best?.likeness ?? 0)) best = { group, likeness };
  }
  return best?.group;
}

/** Jaccard: the words of both among those of either. */
function likenessOf(one: Sentence, other: Sentence): number {
  const both = [...one.words].filter((word) => other.words.has(word)).length;
  return both / (one.words.size + other.words.size - both);
}

function areAgreed(one: Sentence, other: Sentence): boolean {
  return one.numbers === other.numbers && one.isDenied === other.isDenied;
}

function findOpposed(groups: readonly Sentence[][]): Agreement['opposed'] {
  return groups.flatMap((group, index) =>
    groups.slice(index + 1).flatMap((other) => {
      const isOpposed = group.some((a) => other.some((b) => a.by !== b.by && !areAgreed(a, b) && wordsAlike(a, b)));
      return isOpposed ? [{ one: toClaim(group), other: toClaim(other) }] : [];
    }),
  );
}

/** Numbers are words as well, and differ here. */
function wordsAlike(one: Sentence, other: Sentence): boolean {
  const withoutNumbers = ({ words, ...rest }: Sentence) => ({
    ...rest,
    words: new Set([...words].filter((word) => !/\d/.test(word))),
  });
  return likenessOf(withoutNumbers(one), withoutNumbers(other)) >= leastShared;
}

/** In the words of the shortest. */
function toClaim(group: readonly Sentence[]): Claim {
  const [shortest = ''] = group.map(({ text }) => text).sort((a, b) => a.length - b.length);
  return { claim: cut(shortest, maxClaim), by: [...new Set(group.map(({ by }) => by))].sort((a, b) => a - b) };
}
