import { createHash } from 'node:crypto';
import type { Asker } from '../models/asker.ts';
import { createDataMark, markAsData } from '../models/data-mark.ts';
import type { SentFile } from '../models/question.ts';
import type { ProjectName } from '../projects/records.ts';
import { fill } from '../text/fill.ts';
import { checkAnswer, type ModelAnswer, type StoredSummary, summaryAnswer } from './model-answer.ts';
import { splitText, type TextPart } from './split-text.ts';

/** What models are told, as the files in `prompts/summaries` say it. Each has a place for `{{mark}}`. */
export interface SummaryWords {
  file: string;
  merge: string;
  folder: string;
}

/** What is to be summarized. */
export interface Material {
  kind: 'file' | 'folder';
  path: string;
  /** One line on what it is: language, size. */
  about: string;
  text: string;
  /** Lines on which a declaration begins. */
  starts: readonly number[];
  hash?: string;
}

export interface AskOptions {
  /** `provider/model` or a tier. */
  model: string;
  /** What the reader wants to know; empty for everything. */
  focus: string;
  project: ProjectName;
  actor: string;
  runId?: string;
  signal: AbortSignal;
}

/** So much fits into every window that is of use, and is read with care. */
const partTokens = 6000;
const maxParts = 40;
const answerTokens = 1500;
const temperature = 0.1;
/** For a slow model on a busy machine. */
const withinMs = 180_000;

/** Asks for one summary; of what is too long for one question, for the summaries of its parts and then for one of these. */
export async function askSummary(
  material: Material,
  { asker, words }: { asker: Asker; words: SummaryWords },
  options: AskOptions,
): Promise<StoredSummary> {
  const parts = splitText(material.text, material.starts, partTokens);
  const read = parts.slice(0, maxParts);
  const notes = read.length < parts.length ? [`only lines 1 to ${read.at(-1)?.to} of it were read`] : [];
  const answers: ModelAnswer[] = [];
  let last = { model: options.model, notes: [] as string[] };
  for (const part of read) {
    const { value, ...rest } = await askOne(material, part, parts.length > 1, material.kind);
    answers.push(value);
    last = rest;
  }
  while (answers.length > 1) {
    const some = answers.splice(0, mergedAtOnce);
    const { value, ...rest } = await askOne(material, listOf(some), false, 'merge');
    answers.unshift(value);
    last = rest;
  }
  const [answer = summaryAnswer.parse({ purpose: '' })] = answers;
  const seen = { text: material.text, beside: [material.path, material.about] };
  return { at: Date.now(), model: last.model, ...checkAnswer(answer, seen), notes: [...notes, ...last.notes] };

  async function askOne(
    { kind, path, about, hash }: Material,
    { text, from, to }: TextPart,
    isPart: boolean,
    use: keyof SummaryWords,
  ) {
    const mark = createDataMark();
    const range = isPart ? `, lines ${from} to ${to}` : '';
    const focus = options.focus === '' ? '' : `The reader wants to know above all: ${options.focus}\n`;
    const sent: SentFile[] =
      kind === 'file' ? [{ path, ...(isPart && { ranges: [{ from, to }] }), ...(hash !== undefined && { hash }) }] : [];
    const question = {
      ...{ model: options.model, maxTokens: answerTokens, temperature, files: sent },
      messages: [
        { role: 'system' as const, text: fill(words[use], { mark }) },
        { role: 'user' as const, text: focus + markAsData(`${path} (${about}${range})\n\n${text}`, mark) },
      ],
    };
    const { model: _, focus: __, ...asked } = options;
    return asker.askFor(summaryAnswer, question, { ...asked, withinMs, purpose: 'summarize' });
  }
}

/** So that a file of many parts is merged in several steps, each of which fits. */
const mergedAtOnce = 12;

function listOf(answers: readonly ModelAnswer[]): TextPart {
  return { text: answers.map((answer) => JSON.stringify(answer)).join('\n'), from: 1, to: answers.length };
}

/** A change of what models are told makes other summaries. */
export function versionOf(words: SummaryWords): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('base64url').slice(0, 10);
}
