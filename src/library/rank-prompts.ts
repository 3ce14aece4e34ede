import { setImmediate } from 'node:timers/promises';
import { namesIn, phrasesOf, stemsOf } from '../search/task/identifier-words.ts';
import type { LibraryPrompt, ListedPrompt } from './homes.ts';

/** A prompt for a task, with why. */
export interface RankedPrompt {
  prompt: ListedPrompt;
  /** 0 to 1, of the best one. */
  score: number;
  why: string[];
}

/** What a word is worth by where it stands; a name says what a prompt is for, its body what it speaks of. */
const fieldWeights = { name: 4, tags: 3, description: 2, arguments: 1, body: 0.5 } as const;
type Field = keyof typeof fieldWeights;
const fieldNames = ['name', 'tags', 'description', 'arguments', 'body'] as const satisfies readonly Field[];
const saturation = 1.2;
const lengthPenalty = 0.6;
/** Two words that stand beside each other in both say more than each alone. */
const phraseWeight = 0.5;
/** A favourite, and one that is often used, before one that is as near to the task. */
const favouriteShare = 0.15;
const usedShare = 0.1;
/** Below this share of the best one a prompt only has a word in common with the task. */
const floor = 0.2;

/** The prompts for a task, best first, by BM25F over their parts. https://doi.org/10.1561/1500000019 */
export async function rankPrompts(
  task: string,
  prompts: AsyncIterable<LibraryPrompt[]>,
  limit: number,
): Promise<RankedPrompt[]> {
  const wanted = [...new Set(termsOf(task))];
  const documents: Array<{ prompt: ListedPrompt; fields: Fields }> = [];
  for await (const part of prompts) {
    documents.push(...part.map(({ document, ...prompt }) => ({ prompt, fields: fieldsOf(prompt, document.body) })));
    await setImmediate(); // a large library must not keep other calls waiting
  }
  const averages = averageLengths(documents.map(({ fields }) => fields));
  const having = (term: string) =>
    documents.filter(({ fields }) => fieldNames.some((field) => fields[field].has(term)));
  const rarities = new Map(
    wanted.map((term) => {
      const count = having(term).length;
      return [
        term,
        Math.log(1 + (documents.length - count + 0.5) / (count + 0.5)) * (term.includes(' ') ? phraseWeight : 1),
      ];
    }),
  );
  const scored = documents.map(({ prompt, fields }) => {
    const shares = wanted.map((term) => [term, (rarities.get(term) ?? 0) * shareOf(term, fields, averages)] as const);
    const found = shares.filter(([, share]) => share > 0).sort(([, a], [, b]) => b - a);
    const sum = found.reduce((total, [, share]) => total + share, 0);
    return { prompt, score: sum * bonusOf(prompt), why: whyOf(found, fields, prompt) };
  });
  const best = Math.max(...scored.map(({ score }) => score), 0);
  if (best === 0) return [];
  return scored
    .filter(({ score }) => score >= best * floor)
    .sort((a, b) => b.score - a.score || (a.prompt.reference < b.prompt.reference ? -1 : 1))
    .slice(0, limit)
    .map((each) => ({ ...each, score: Math.round((each.score / best) * 100) / 100 }));
}

/** Stems of words, and what stands beside what. */
function termsOf(text: string): string[] {
  const stems = namesIn(text).flatMap(stemsOf);
  return [...stems, ...phrasesOf(stems).filter((phrase) => phrase.split(' ').length === 2)];
}

/** What a prompt is for, it says at its beginning. In characters. */
const mostOfBody = 2000;

type Fields = Record<Field, ReadonlyMap<string, number>>;

function fieldsOf({ name, head }: ListedPrompt, body: string): Fields {
  const { title, description, tags, arguments: declared } = head;
  return {
    name: countsOf(`${name} ${title}`),
    tags: countsOf(tags.join(' , ')),
    description: countsOf(description),
    arguments: countsOf(declared.map((each) => `${each.name} ${each.description ?? ''}`).join(' , ')),
    body: countsOf(body.slice(0, mostOfBody)),
  };
}

function countsOf(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

function averageLengths(all: readonly Fields[]): Record<Field, number> {
  const average = (field: Field) => all.reduce((sum, each) => sum + each[field].size, 0) / Math.max(1, all.length) || 1;
  return {
    ...{ name: average('name'), tags: average('tags'), description: average('description') },
    ...{ arguments: average('arguments'), body: average('body') },
  };
}

function shareOf(term: string, fields: Fields, averages: Record<Field, number>): number {
  let sum = 0;
  for (const field of fieldNames) {
    const count = fields[field].get(term) ?? 0;
    const length = 1 - lengthPenalty + (lengthPenalty * fields[field].size) / averages[field];
    if (count > 0) sum += (fieldWeights[field] * count) / length;
  }
  return (sum * (saturation + 1)) / (sum + saturation);
}

function bonusOf({ head, uses }: ListedPrompt): number {
  return 1 + (head.favourite ? favouriteShare : 0) + usedShare * (uses / (uses + 5));
}

const shownTerms = 4;

function whyOf(
  found: ReadonlyArray<readonly [string, number]>,
  fields: Fields,
  { head, uses }: ListedPrompt,
): string[] {
  const terms = found.map(([term]) => term);
  const byField = fieldNames.map((field) => {
    const own = terms.filter((term) => fields[field].has(term)).slice(0, shownTerms);
    return own.length > 0 ? `${field}: ${own.join(', ')}` : '';
  });
  return [
    ...byField.filter(Boolean).slice(0, 3),
    ...(head.favourite ? ['favourite'] : []),
    ...(uses > 0 ? [`used ${uses === 1 ? 'once' : `${uses} times`}`] : []),
  ];
}
