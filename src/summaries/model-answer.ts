import * as z from 'zod';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { createVocabulary, keepFaithful, type Vocabulary } from './faithful.ts';

const lines = z.array(z.string()).default([]);

/** What a model is asked to tell of a file or folder. */
export const summaryAnswer = z.object({
  purpose: z.string().describe('One or two sentences'),
  responsibilities: lines,
  api: z.array(z.object({ name: z.string(), about: z.string() })).default([]),
  gotchas: lines,
  depends_on: lines,
});

export type ModelAnswer = z.output<typeof summaryAnswer>;

/** What is kept of an answer, from call to call. */
export const storedSchema = z.object({
  at: z.number(),
  /** `provider/model` that answered. */
  model: z.string(),
  answer: summaryAnswer,
  /** Names that the model gave and the text has not. */
  dropped: z.number(),
  /** What a reader of the answer should know. */
  notes: z.array(z.string()),
});

export type StoredSummary = z.output<typeof storedSchema>;

const most = { line: 240, purpose: 600, lines: 12, api: 24, name: 120 };

/** The answer without what names anything that was not in what the model has read; and how many such names there were. */
export function checkAnswer(
  answer: ModelAnswer,
  { text, beside }: { text: string; beside: readonly string[] },
): { answer: ModelAnswer; dropped: number } {
  const vocabulary = createVocabulary(text, beside);
  const dropped = new Set<string>();
  const checked = {
    purpose: keepFaithful(cut(cleanLine(answer.purpose), most.purpose), vocabulary, dropped),
    responsibilities: linesOf(answer.responsibilities, vocabulary, dropped),
    api: answer.api.slice(0, most.api).flatMap((each) => checkName(each, vocabulary, dropped) ?? []),
    gotchas: linesOf(answer.gotchas, vocabulary, dropped),
    depends_on: answer.depends_on.slice(0, most.lines).filter((name) => isKnown(name, vocabulary, dropped)),
  };
  return { answer: { ...checked, depends_on: checked.depends_on.map(bareName) }, dropped: dropped.size };
}

function linesOf(given: readonly string[], vocabulary: Vocabulary, dropped: Set<string>): string[] {
  const kept = given
    .slice(0, most.lines)
    .map((line) => keepFaithful(cut(cleanLine(line).replace(/^[-*•]\s+/, ''), most.line), vocabulary, dropped));
  return kept.filter((line) => line !== '');
}

function checkName(
  { name, about }: ModelAnswer['api'][number],
  vocabulary: Vocabulary,
  dropped: Set<string>,
): ModelAnswer['api'][number] | undefined {
  if (!isKnown(name, vocabulary, dropped)) return undefined;
  return { name: bareName(name), about: keepFaithful(cut(cleanLine(about), most.line), vocabulary, dropped) };
}

function isKnown(name: string, vocabulary: Vocabulary, dropped: Set<string>): boolean {
  const bare = bareName(name);
  if (bare !== '' && bare.length <= most.name && vocabulary.has(bare)) return true;
  dropped.add(bare);
  return false;
}

/** Without marks of code, what kind of thing it is, and what a call has in parentheses. */
function bareName(name: string): string {
  return cleanLine(name)
    .replaceAll('`', '')
    .replace(
      /^(?:(?:export|async|abstract|pub|new|class|function|def|fn|func|const|interface|type|struct|enum|trait) )+/,
      '',
    )
    .replace(/\s*\(.*\)$/, '')
    .trim();
}
