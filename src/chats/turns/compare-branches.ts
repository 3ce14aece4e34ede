import { type Agreement, type Claim, compareAnswers } from '../../agents/agreement.ts';
import type { Message } from '../chat.ts';

/*
 * What branches share and dispute, without a model: names and numbers that stand in one or in several of them, words of a
 * verdict, and the sentences of their answers. It is a measure of words, not of meaning.
 */

const factKinds = ['files', 'identifiers', 'numbers', 'verdicts'] as const;
type FactKind = (typeof factKinds)[number];

/** What stands in branches, which are named by their places in the list. */
export interface Finding {
  text: string;
  by: number[];
}

/** Three words, which mean the same of facts and of claims. */
export interface Findings {
  /** In all of them. */
  shared: string[];
  /** In some, and contradicted by none of the others. */
  only: Finding[];
  /** The same words with other numbers, or denied. */
  disputed: Array<{ one: Finding; other: Finding }>;
}

export interface BranchComparison {
  facts: Array<Findings & { kind: FactKind }>;
  claims: Findings;
}

/** @param branches the messages that each has behind what they all share */
export function compareBranches(branches: ReadonlyArray<readonly Message[]>): BranchComparison {
  const texts = branches.map(textsOf);
  const answers = branches.map((messages) => textsOf(messages.filter(({ role }) => role === 'assistant')));
  return {
    facts: factKinds.map((kind) => ({ kind, ...factsOf(kind, texts) })),
    claims: claimsOf(compareAnswers(answers), branches.length),
  };
}

function textsOf(messages: readonly Message[]): string {
  return messages
    .map(({ text }) => text)
    .join('\n\n')
    .slice(-maxText);
}

/** Of a branch, its last ones: more would hold up the server. */
const maxText = 100_000;

function claimsOf({ shared, opposed, alone }: Agreement, branches: number): Findings {
  const toFinding = ({ claim, by }: Claim): Finding => ({ text: claim, by });
  const disputed = opposed.map(({ one, other }) => ({ one: toFinding(one), other: toFinding(other) }));
  return sorted([...shared, ...alone].map(toFinding), disputed, branches);
}

function factsOf(kind: FactKind, texts: readonly string[]): Findings {
  const byFact = new Map<string, number[]>();
  for (const [index, text] of texts.entries()) {
    for (const fact of finders[kind](text)) byFact.set(fact, [...(byFact.get(fact) ?? []), index]);
  }
  const disputed = [...byFact].flatMap(([text, by]) => {
    const denied = kind === 'verdicts' ? byFact.get(`not ${text}`) : undefined;
    return denied ? [{ one: { text, by }, other: { text: `not ${text}`, by: denied } }] : [];
  });
  return sorted(
    [...byFact].map(([text, by]) => ({ text, by })),
    disputed,
    texts.length,
  );
}

function sorted(all: readonly Finding[], disputed: Findings['disputed'], branches: number): Findings {
  const inDispute = new Set(disputed.flatMap(({ one, other }) => [one.text, other.text]));
  const rest = all.filter(({ text }) => !inDispute.has(text));
  const isShared = ({ by }: Finding) => by.length === branches;
  return {
    shared: rest.filter(isShared).map(({ text }) => text),
    only: rest.filter((each) => !isShared(each)),
    disputed,
  };
}

const finders: Record<FactKind, (text: string) => Set<string>> = {
  files: (text) => matches(text, /(?<![\w/:.])(?:[\w.-]+\/)*[\w-]+\.[a-z][a-z0-9]{0,7}(?![\w(])/gi),
  identifiers: (text) =>
    new Set([...quoted(text), ...matches(text, /\b(?:[a-z]+[A-Z]\w*|[A-Z]\w*[a-z][A-Z]\w*|\w+_\w+)\b/g)]),
  numbers: (text) => matches(text, /(?<![\w.])\d+(?:[.,]\d+)*(?:\s?(?:%|ms|s|kb|mb|gb|x)\b)?/gi),
  verdicts: (text) => verdictsOf(text),
};

/** Names in backticks that are no files. */
function quoted(text: string): string[] {
  return [...text.matchAll(/`([A-Za-z_$][\w$]*)(?:\(\))?`/g)].flatMap(([, name]) => name ?? []);
}

function matches(text: string, pattern: RegExp): Set<string> {
  return new Set(text.match(pattern)?.map((each) => each.replace(/\s/g, '')));
}

const verdictWords =
  /\b(?:(?:do|does|did|should|would|can|could|must|is|are|will)\s+not|don't|won't|can't|shouldn't|never|not)?\s*\b(yes|no|agree|disagree|accept|reject|approve|recommend|avoid|keep|remove|safe|unsafe|correct|wrong|better|worse|faster|slower|works|fails|broken|fixed|possible|impossible|required|optional)\b/gi;

/** With a denial before it: "not recommend" is another verdict than "recommend". */
function verdictsOf(text: string): Set<string> {
  const found = [...text.matchAll(verdictWords)].map(([whole, word = '']) => {
    const isDenied = whole.trim().length > word.length;
    return `${isDenied ? 'not ' : ''}${word.toLowerCase()}`;
  });
  return new Set(found);
}
