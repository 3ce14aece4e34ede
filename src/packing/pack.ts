import { type ErrorCode, UserError } from '../errors.ts';
import type { Root } from '../projects/door.ts';
import { sizeOf } from '../projects/file-look.ts';
import type { JobControl } from '../projects/job-control.ts';
import { splitLineRange } from '../projects/paths.ts';
import { charactersPerToken } from '../text/estimate-tokens.ts';
import type { CountTokens, Tokenizer } from '../text/tokens.ts';
import { choose } from './choose.ts';
import type { FileReader } from './file-reader.ts';
import { fitText } from './fit-text.ts';
import { type Level, type LevelName, levelsOf, nameOnly } from './levels.ts';
import { type Format, isLast, type Shown, writers } from './render.ts';
import { weighWords } from './sections.ts';

export interface PackInput {
  root: Root;
  tokenizer: Tokenizer;
  /** In tokens. */
  budget: number;
  /** Of the text as JSON, where that is bounded too. */
  maxCharacters?: number | undefined;
  format: Format;
  /** What the files are for: it says which of their lines matter. */
  task: string;
  /** In the order in which they are shown; without secrets. */
  texts: readonly WantedText[];
  /** What matters most first. */
  files: readonly WantedFile[];
  /** Milliseconds that it may take; what is least wanted is left out where that is not enough. */
  withinMs: number;
}

export interface WantedText {
  kind: string;
  name: string;
  text: string;
  redactions: number;
  /** The only ways to show it, where it may not be cut anywhere; the dearest first. */
  levels?: readonly Level[];
  /** Of all that it is a part of, where it is one. */
  of?: number;
}

export interface WantedFile {
  /** Perhaps with lines: `src/cart.ts:10-40`. */
  path: string;
  /** 1 is what a task most likely concerns; from `askedWeight` on it was asked for by name. */
  weight: number;
  why: string;
}

export interface PackedItem {
  kind: string;
  name: string;
  /** Undefined where it is left out altogether. */
  level?: LevelName;
  /** What it takes in the text. */
  tokens: number;
  /** What all of it has. */
  of: number;
  ranges?: ReadonlyArray<readonly [from: number, to: number]>;
  /** SHA-256 of the file, in hexadecimal. */
  hash?: string;
  redactions: number;
  why: string;
}

export interface Packed {
  text: string;
  tokens: number;
  /** What is in the text, in its order. */
  items: PackedItem[];
  /** What is not there, or not whole; what is missed most first. */
  missed: PackedItem[];
  /** Files beyond those that were looked at. */
  more: number;
  /** What could not be read, and why. */
  refused: Array<{ name: string; code: ErrorCode; message: string }>;
}

/** Something that may be shown in one way or another. */
interface Candidate {
  kind: string;
  name: string;
  weight: number;
  why: string;
  tokens: number;
  count: CountTokens;
  levels: readonly Level[];
  hash?: string;
  redactions: number;
}

/** So much more than fits is read, so that there is a choice. */
const choice = 6;
export const mostRead = 400;
const mostNamed = 2000;
/** What was asked for by name comes before all that a task may concern, and is cut rather than left out. */
export const askedWeight = 1000;
const textWeight = 3 * askedWeight;
/** What was fitted already, or is what it is all for, comes before all else. */
const certainWeight = 1000 * askedWeight;
/** Of the budget, for a text of which only the beginning fits. */
const beginnings = [0.5, 0.25, 0.12, 0.04];
/** Ways to show less than all of a file, and more than what it is for. */
const cuts: ReadonlySet<LevelName> = new Set(['ranges', 'part', 'outline']);
/** Of the time: after the first of them nothing more is read, after the second nothing more is weighed. */
const timeShares = { reading: 0.4, weighing: 0.7 };
/** For the heading above the files that are only named. */
const overhead = 8;

export interface PackTools {
  reader: FileReader;
  counter: CountTokens;
  /** What is made of a file with this hash. */
  counterOf(hash: string): Promise<CountTokens>;
}

/** Shows of each thing as much as makes the whole worth most within the budget. */
export async function pack(input: PackInput, tools: PackTools, control: JobControl): Promise<Packed> {
  const { counter } = tools;
  const { budget, texts, files, withinMs } = input;
  const begun = performance.now();
  const within = (share: number): JobControl => ({
    ...control,
    shouldStop: () => control.shouldStop() || performance.now() - begun > share * withinMs,
  });
  const { candidates, refused } = await readFiles(input, tools, within(timeShares.reading));
  const named = candidates.length + refused.length;
  const shownFiles = [...candidates, ...nameFiles(input.root, files.slice(named, mostNamed), counter, control)].sort(
    byName,
  );
  const own = texts.map((text) => ofText(text, budget, counter));
  const all = [...own.filter((each) => !isLast(each)), ...shownFiles, ...own.filter(isLast)];
  const { text, tokens, shown } = fill(all, input, counter, within(timeShares.weighing));
  const packed = all.map((candidate, at) => toItem(candidate, shown[at]));
  const regret = (at: number) => (all[at]?.weight ?? 0) * (1 - (shown[at]?.level.worth ?? 0));
  const order = [...all.keys()]
    .filter((at) => shown[at]?.level.worth !== 1)
    .sort((a, b) => regret(b) - regret(a) || a - b);
  return {
    ...{ text, tokens, refused },
    items: packed.filter(({ level }) => level !== undefined),
    missed: order.flatMap((at) => packed[at] ?? []),
    more: Math.max(0, files.length - Math.max(named, mostNamed)),
  };
}

/** The first of them, until there is more than enough to choose from. */
async function readFiles(
  { root, budget, task, files }: PackInput,
  { counterOf, reader }: PackTools,
  control: JobControl,
) {
  const words = weighWords(task);
  const candidates: Candidate[] = [];
  const refused: Packed['refused'] = [];
  let left = choice * budget + 20_000;
  for (const { path: named, weight, why } of files) {
    if (left <= 0 || candidates.length >= mostRead || (control.shouldStop() && candidates.length > 0)) break;
    control.progress(candidates.length, named);
    try {
      const { from, to } = splitLineRange(named);
      const file = await reader.read(root, named);
      const count = await counterOf(file.hash);
      const tokens = count(file.text);
      const isPart = from !== undefined || to !== undefined;
      const { hash, redactions } = file;
      const levels = isPart ? [...partsOf(file.text, budget, count), nameOnly] : levelsOf(file, words);
      if (weight >= askedWeight && !isPart && !levels.some(({ name }) => cuts.has(name))) {
        levels.push(...partsOf(file.text, budget, count).slice(1));
      }
      candidates.push({
        kind: 'file',
        name: isPart ? named : file.path,
        weight,
        why,
        tokens,
        count,
        levels,
        hash,
        redactions,
      });
      left -= tokens;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refused.push({ name: named.slice(0, 120), code: error.code, message: error.message });
    }
  }
  return { candidates, refused };
}

function nameFiles(root: Root, files: readonly WantedFile[], count: CountTokens, control: JobControl): Candidate[] {
  const known = control.shouldStop() ? [] : files;
  return known.map(({ path, weight, why }) => {
    const tokens = Math.ceil(sizeOf(root, splitLineRange(path).path) / charactersPerToken);
    return { kind: 'file', name: path, weight, why, tokens, count, levels: [nameOnly], redactions: 0 };
  });
}

function ofText(
  { kind, name, text, redactions, ...chosen }: WantedText,
  budget: number,
  count: CountTokens,
): Candidate {
  const { levels = text === '' ? [] : partsOf(text, budget, count), of: tokens = count(text) } = chosen;
  const weight = chosen.levels ? certainWeight : textWeight;
  return { kind, name, weight, why: 'asked for', tokens, count, levels, redactions };
}

/** All of a text, or as much of its beginning as some shares of the budget have room for. */
function partsOf(text: string, budget: number, count: CountTokens): Level[] {
  const cuts = beginnings.flatMap((share): Level[] => {
    const { text: part, isCut } = fitText(text, Math.floor(budget * share), count);
    return isCut && part !== '' ? [{ name: 'part', text: part, worth: 0.5 + share / 2 }] : [];
  });
  return [{ name: 'full', text, worth: 1 }, ...cuts];
}

function byName(a: Candidate, b: Candidate): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** The text is counted as a whole in the end: its parts may have some tokens less than it. */
function fill(
  all: readonly Candidate[],
  { format, budget, maxCharacters }: PackInput,
  count: CountTokens,
  { shouldStop }: JobControl,
) {
  const writer = writers[format];
  const costOf = (text: string, tokens: number) => {
    return maxCharacters ? Math.max(tokens, Math.ceil((JSON.stringify(text).length * budget) / maxCharacters)) : tokens;
  };
  const optionsOf = (candidate: Candidate) =>
    candidate.levels.map((level) => {
      const shown: Shown = { ...candidate, level };
      const block = writer.block(shown);
      const tokens = candidate.count(`${block}\n\n`);
      return { shown, block, tokens, cost: costOf(block, tokens), value: candidate.weight * level.worth };
    });
  const byWeight = [...all].sort((a, b) => b.weight - a.weight);
  const weighed = new Map<Candidate, ReturnType<typeof optionsOf>>();
  for (const candidate of byWeight) {
    if (weighed.size > 0 && shouldStop()) break;
    weighed.set(candidate, optionsOf(candidate));
  }
  const blocks = all.map((candidate) => weighed.get(candidate) ?? []);
  const asked = byWeight.filter(({ weight }) => weight >= askedWeight).map((candidate) => all.indexOf(candidate));
  for (let room = budget - overhead; room > 0; ) {
    const chosen = choose(blocks, room, asked);
    const shown = chosen.map((option, at) => blocks[at]?.[option]);
    const text = writer.join(shown.filter((each) => each !== undefined));
    const tokens = count(text);
    const cost = costOf(text, tokens);
    if (cost <= budget) {
      return { text, tokens, shown: shown.map((each) => each && { level: each.shown.level, tokens: each.tokens }) };
    }
    room -= cost - budget + 1;
  }
  return { text: '', tokens: 0, shown: [] };
}

function toItem(
  { kind, name, tokens: of, hash, redactions, why }: Candidate,
  shown: { level: Level; tokens: number } | undefined,
): PackedItem {
  const { level, tokens = 0 } = shown ?? {};
  return {
    ...{ kind, name, tokens, of: Math.max(of, tokens), redactions, why }, // whole, it has its heading too
    ...(level && { level: level.name }),
    ...(level?.ranges && { ranges: level.ranges }),
    ...(hash !== undefined && { hash }),
  };
}
