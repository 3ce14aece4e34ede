import { namesIn, stem, stemsOf } from '../search/task/identifier-words.ts';
import type { PlanDocument, Step } from './plan.ts';

/** One thing that is asked of a plan: a sentence or a list item of its goal, or a constraint. */
export interface Requirement {
  text: string;
  from: 'goal' | 'constraint';
  stems: ReadonlySet<string>;
}

/** Fewer words say too little to look for. */
const minStems = 2;
const minClauseStems = 3;
/** The share of a requirement's words that the plan must speak of; tuned on the pairs in tests/plans/requirements.ts. */
const floor = 0.5;

export function requirementsOf({ goal, constraints }: Pick<PlanDocument, 'goal' | 'constraints'>): Requirement[] {
  const ofGoal = sentencesOf(goal).map((text) => requirement(text, 'goal'));
  const ofConstraints = constraints.flatMap(sentencesOf).map((text) => requirement(text, 'constraint'));
  return [...ofGoal, ...ofConstraints].filter(({ stems }) => stems.size >= minStems);
}

/** The sentences and list items of a text of Markdown; headings and blocks of code are none. */
export function sentencesOf(text: string): string[] {
  return text
    .replace(/^(```|~~~)[\s\S]*?^\1.*$/gm, '')
    .split(/\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)])\s)|^#.*$/m)
    .flatMap((block) => block.replace(/\s+/g, ' ').split(/(?<=[.!?])\s+(?=[\p{Lu}"'`(])|;\s+/u))
    .flatMap(clausesOf)
    .map((sentence) => sentence.replace(/^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ x]\]\s+)?/i, '').trim())
    .filter((sentence) => sentence !== '');
}

/** `Cache the rates, and drop the cache at midnight` asks for two things; `red, green, and blue` is one list. */
function clausesOf(sentence: string): string[] {
  const parts = sentence.split(/, and (?=\p{Ll})/u);
  return parts.every((part) => new Set(stemsOfText(part)).size >= minClauseStems) ? parts : [sentence];
}

/** What a plan does not speak of. What a constraint asks for may stand anywhere in it, a part of the goal has its steps. */
export function uncovered(document: PlanDocument): Requirement[] {
  const requirements = requirementsOf(document);
  const weigh = weightOf(requirements);
  const ofSteps = new Set(document.steps.flatMap(stemsOfStep));
  const { approach, assumptions, test_plan, rollout } = document;
  const ofAll = new Set([...ofSteps, ...stemsOfText([approach, ...assumptions, ...test_plan, ...rollout].join('\n'))]);
  return requirements.filter((each) => share(each, each.from === 'goal' ? ofSteps : ofAll, weigh) < floor);
}

/** A word of every requirement is the subject of the whole, and tells little of one. */
function weightOf(requirements: readonly Requirement[]): (stem: string) => number {
  const counts = new Map<string, number>();
  for (const { stems } of requirements) for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  return (stem) => 1 / (counts.get(stem) ?? 1);
}

function share({ stems }: Requirement, said: ReadonlySet<string>, weigh: (stem: string) => number): number {
  const weights = [...stems].map((stem) => ({ weight: weigh(stem), isSaid: said.has(stem) }));
  const all = weights.reduce((sum, { weight }) => sum + weight, 0);
  return weights.reduce((sum, { weight, isSaid }) => sum + (isSaid ? weight : 0), 0) / all;
}

function requirement(text: string, from: Requirement['from']): Requirement {
  return { text, from, stems: new Set(stemsOfText(text)) };
}

function stemsOfStep({ title, why, files, acceptance, risk = '' }: Step): string[] {
  const texts = [title, why, risk, ...acceptance.map(({ text, check = '' }) => `${text}\n${check}`)];
  return stemsOfText([...texts, ...files.map(({ path }) => path)].join('\n'));
}

export function stemsOfText(text: string): string[] {
  return namesIn(text)
    .flatMap(stemsOf)
    .filter((stem) => !empty.has(stem));
}

/** The share of words that two titles have in common. */
export function likeness(one: string, other: string): number {
  const [a, b] = [new Set(stemsOfText(one)), new Set(stemsOfText(other))];
  if (a.size === 0 || b.size === 0) return one.trim().toLowerCase() === other.trim().toLowerCase() ? 1 : 0;
  const common = [...a].filter((stem) => b.has(stem)).length;
  return common / (a.size + b.size - common);
}

/** What requests are made of, whatever they are about. */
const empty = stemmed(
  `add allow new make made support use user want able change handle implement provide ensure give get set become work tell show
   many possible currently existing feature`,
);

export function stemmed(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/).map(stem));
}
