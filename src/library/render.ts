import { UserError } from '../errors.ts';
import { estimateTokens } from '../text/estimate-tokens.ts';
import { nearest } from '../text/nearest.ts';
import type { NamedPrompt } from './markdown.ts';
import { headOf, type PromptArgument, type PromptHead } from './prompt.ts';
import { isBareDiff, maxIncludes, parseTemplate, type Slot, type TemplatePart } from './template.ts';

/** Puts context into a slot, within its tokens. @throws UserError for an operand that names nothing */
export type FillSlot = (slot: Slot) => Promise<FilledSlot>;

export interface FilledSlot {
  text: string;
  tokens: number;
  /** What a reader must know of it, such as what was left out. */
  note?: string | undefined;
}

export interface Rendering {
  prompt: NamedPrompt;
  values: Readonly<Record<string, string>>;
  /** The prompts that it may include. */
  find(name: string): NamedPrompt | undefined;
  fill: FillSlot;
}

export interface Rendered {
  text: string;
  /** Estimated. */
  tokens: number;
  slots: Array<Slot & { used: number; note?: string | undefined }>;
}

const maxValue = 100_000;
const maxText = 1_000_000;
const maxSlots = 50;

/**
 * The text of a prompt: values literally and in one pass, nothing within a value or a slot is expanded again.
 *
 * @throws UserError `bad_input` for a missing or unknown argument and for prompts that include each other, `limit` for
 *   what is too long
 */
export async function renderPrompt({ prompt, values, find, fill }: Rendering): Promise<Rendered> {
  const toHead = ({ name, document }: NamedPrompt) => ({ name, head: headOf(document) });
  const declared = allArguments(toHead(prompt), (name) => {
    const found = find(name);
    return found && toHead(found);
  });
  const given = new Map(Object.entries(values));
  checkValues(prompt.name, declared, given);
  const known = new Map(declared.map(({ name, default: initial }) => [name, given.get(name) || (initial ?? '')]));
  const pieces = layOut(prompt, known, find);
  const slots = pieces.filter((piece) => typeof piece !== 'string');
  const filled = new Map<string, FilledSlot>();
  await Promise.all(
    [...new Map(slots.map((slot) => [keyOf(slot), slot]))].map(async ([key, slot]) => {
      filled.set(key, slot.operand === '' && slot.kind !== 'diff' ? empty : await fill(slot));
    }),
  );
  const texts = pieces.map((piece) => (typeof piece === 'string' ? piece : (filled.get(keyOf(piece))?.text ?? '')));
  const text = texts.join('').trim().toWellFormed();
  if (text.length > maxText) throw tooLong(prompt.name);
  return {
    text,
    tokens: estimateTokens(text),
    slots: slots.map((slot) => {
      const { tokens: used, note } = filled.get(keyOf(slot)) ?? empty;
      return { ...slot, used, ...(note !== undefined && { note }) };
    }),
  };
}

/** Of an optional argument that was not given. */
const empty: FilledSlot = { text: '', tokens: 0 };

function keyOf({ kind, operand, tokens }: Slot): string {
  return `${kind}:${operand}|${tokens}`;
}

/**
 * The arguments of a prompt, then those of the prompts that it includes, so that these can be given too.
 *
 * @throws UserError `bad_input` for prompts that include each other, and for one that is not there
 */
export function allArguments(prompt: Headed, find: (name: string) => Headed | undefined): PromptArgument[] {
  const found = new Map<string, PromptArgument>();
  let left = maxIncludes;
  collect(prompt, []);
  return [...found.values()];

  function collect(each: Headed, path: readonly string[]) {
    for (const argument of each.head.arguments) if (!found.has(argument.name)) found.set(argument.name, argument);
    for (const other of each.head.includes) {
      if (left-- <= 0) throw new UserError('limit', `The prompt ${prompt.name} includes more than ${maxIncludes}.`);
      collect(included(other, [...path, each.name], find), [...path, each.name]);
    }
  }
}

/** The prompts that one includes, by itself or by others. @throws UserError as `allArguments` */
export function allIncluded<Prompt extends Headed>(
  prompt: Headed,
  find: (name: string) => Prompt | undefined,
): Prompt[] {
  const found = new Map<string, Prompt>();
  allArguments(prompt, (name) => {
    const other = find(name);
    if (other) found.set(name, other);
    return other;
  });
  return [...found.values()];
}

/** A prompt by what it takes. */
export interface Headed {
  name: string;
  head: Pick<PromptHead, 'arguments' | 'includes'>;
}

function included<Prompt>(name: string, path: readonly string[], find: (name: string) => Prompt | undefined): Prompt {
  if (path.includes(name)) {
    throw new UserError('bad_input', `Prompts include each other: ${[...path, name].join(' > ')}. Take one out.`);
  }
  const found = find(name);
  if (found) return found;
  const shown = JSON.stringify(name.slice(0, 60));
  throw new UserError('bad_input', `The prompt ${path.at(-1)} includes ${shown}, and there is none of that name.`);
}

function partsOf({ name, document }: NamedPrompt): readonly TemplatePart[] {
  const template = parseTemplate(document.body);
  if ('fault' in template) throw new UserError('bad_input', `The prompt ${name} has ${template.fault}.`);
  return template.parts;
}

/** The text with its slots, whose operands are known now. */
function layOut(prompt: NamedPrompt, known: ReadonlyMap<string, string>, find: Rendering['find']) {
  const pieces: Array<string | Slot> = [];
  let length = 0;
  let slots = 0;
  lay(partsOf(prompt), [prompt.name]);
  return pieces;

  function lay(parts: readonly TemplatePart[], path: readonly string[]) {
    for (const part of parts) {
      if ('text' in part) put(part.text);
      else if ('name' in part) put(known.get(part.name) ?? '');
      else if ('when' in part) {
        if (known.get(part.when)?.trim()) lay(part.parts, path);
      } else if ('include' in part) {
        const other = included(part.include, path, find);
        lay(trimmed(partsOf(other)), [...path, other.name]);
      } else if (isBareDiff(part) && known.has('diff')) put(known.get('diff') ?? '');
      else if (++slots > maxSlots) throw new UserError('limit', `A prompt may have ${maxSlots} slots.`);
      else pieces.push({ ...part.slot, operand: known.get(part.slot.operand) ?? part.slot.operand });
    }
  }

  function put(text: string) {
    length += text.length;
    if (length > maxText) throw tooLong(prompt.name);
    pieces.push(text);
  }
}

/** An included text stands where its tag stood, without lines of its own around it. */
function trimmed(parts: readonly TemplatePart[]): TemplatePart[] {
  return parts.map((part, at) => {
    if (!('text' in part)) return part;
    const text = at === 0 ? part.text.trimStart() : part.text;
    return { text: at === parts.length - 1 ? text.trimEnd() : text };
  });
}

function tooLong(prompt: string): UserError {
  return new UserError('limit', `The text of ${prompt} would have more than ${maxText} characters.`);
}

function checkValues(prompt: string, declared: readonly PromptArgument[], given: ReadonlyMap<string, string>) {
  const names = declared.map(({ name }) => name);
  for (const [name, value] of given) {
    if (!names.includes(name)) throw unknownArgument(prompt, name, names);
    if (value.length > maxValue) {
      throw new UserError('limit', `The argument ${name} may have ${maxValue} characters; this has ${value.length}.`);
    }
  }
  const missing = declared.filter(({ name, required }) => required && !given.get(name)?.trim());
  if (missing.length === 0) return;
  const shown = missing.map(({ name, description }) => (description === undefined ? name : `${name} (${description})`));
  throw new UserError('bad_input', `The prompt ${prompt} needs: ${shown.join(', ')}.`);
}

function unknownArgument(prompt: string, name: string, names: readonly string[]): UserError {
  const known = nearest(name, names, 10).join(', ') || 'none';
  const shown = JSON.stringify(name.slice(0, 60));
  return new UserError('bad_input', `The prompt ${prompt} has no argument ${shown}. It has: ${known}.`);
}
