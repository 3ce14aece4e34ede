/*
 * Templates of prompts. A body is text with tags:
 *
 *   {{name}}                        an argument's value
 *   {{#if name}} ... {{/if}}        only where the argument has a value; a tag alone on its line takes the line with it
 *   {{include:other-prompt}}        another prompt, with the same values
 *   {{file:src/a.ts|2000}}          a slot for context: KIND:OPERAND|TOKENS; the cap may be left out. The operand may be
 *                                   an argument's name, which wins over a file or ticket that is called so
 *   \{{name}}                       the tag as text
 *
 * A body is read once, before any value is known: no value and no text of a slot is looked into for tags.
 */

export const slotKinds = ['files', 'file', 'summary', 'ticket', 'plan', 'diff'] as const;
export type SlotKind = (typeof slotKinds)[number];

/** Tokens of a slot without a cap of its own. */
export const usualTokens: Readonly<Record<SlotKind, number>> = {
  ...{ files: 8000, file: 4000, summary: 1000, ticket: 2000, plan: 3000, diff: 6000 },
};
export const mostTokens = 100_000;
/** Conditions within each other: more are no text that somebody wrote, and cost stack to read. */
const mostNested = 20;

/** A place for context; the operand is not yet looked up among the arguments. */
export interface Slot {
  kind: SlotKind;
  operand: string;
  tokens: number;
}

export type TemplatePart =
  | { text: string }
  | { name: string }
  | { slot: Slot }
  | { include: string }
  | { when: string; parts: TemplatePart[] };

export type Template = { parts: TemplatePart[] } | { fault: string };

const tag = /(\\*)\{\{([^{}\n]*)\}\}/g;
const identifier = /^[a-z][a-z0-9_]*$/;

export function parseTemplate(body: string): Template {
  const root: TemplatePart[] = [];
  const open: Array<{ when: string; parts: TemplatePart[] }> = [];
  let at = 0;
  for (const match of body.matchAll(tag)) {
    const [whole, slashes = '', inner = ''] = match;
    const parts = open.at(-1)?.parts ?? root;
    const before = body.slice(at, match.index) + slashes.slice(0, slashes.length >> 1);
    at = match.index + whole.length;
    if (slashes.length % 2 === 1) {
      parts.push({ text: `${before}{{${inner}}}` });
      continue;
    }
    const read = readTag(inner.trim());
    if ('fault' in read) return { fault: `{{${inner}}} ${read.fault}` };
    const isAlone = ('when' in read || 'end' in read) && slashes === '' && standsAlone(body, match.index, at);
    parts.push({ text: isAlone ? before.replace(/[ \t]+$/, '') : before });
    if (isAlone) at = endOfLine(body, at);
    if ('end' in read) {
      if (!open.pop()) return { fault: '{{/if}} ends nothing' };
    } else {
      parts.push(read);
      if ('when' in read && open.push(read) > mostNested) return { fault: `{{${inner}}} ${tooDeep}` };
    }
  }
  const [unclosed] = open;
  if (unclosed) return { fault: `{{#if ${unclosed.when}}} has no {{/if}}` };
  root.push({ text: body.slice(at) });
  return { parts: root };
}

function readTag(inner: string): Exclude<TemplatePart, { text: string }> | { end: true } | { fault: string } {
  if (inner === '/if') return { end: true };
  const when = /^#if\s+(\S+)$/.exec(inner)?.[1];
  if (when !== undefined) return identifier.test(when) ? { when, parts: [] } : { fault: 'names no argument' };
  const include = /^include:\s*(\S+)$/.exec(inner)?.[1];
  if (include !== undefined) return { include };
  const [, kind, operand = '', tokens] = /^([a-z]+)(?::(.*?))?(?:\|\s*(\d{1,6}))?$/.exec(inner) ?? [];
  if (inner === 'else') return { fault: 'is not known: a condition has no other side' };
  const isPlain = identifier.test(inner);
  const known = slotKinds.find((each) => each === kind);
  if (known && !(isPlain && known !== 'diff')) return readSlot(known, operand.trim(), tokens);
  return isPlain ? { name: inner } : { fault: unknownTag };
}

const tooDeep = `stands in ${mostNested} others, and no more may be within each other`;
const unknownTag = `is no tag; there are {{argument}}, {{#if argument}}, {{/if}}, {{include:prompt}} and ${slotKinds
  .map((kind) => `{{${kind}${kind === 'diff' ? '' : ':…'}}}`)
  .join(', ')}, and \\{{ for the characters themselves`;

function readSlot(kind: SlotKind, operand: string, cap: string | undefined): { slot: Slot } | { fault: string } {
  const tokens = cap === undefined ? usualTokens[kind] : Number(cap);
  if (tokens < 1 || tokens > mostTokens) return { fault: `may have 1 to ${mostTokens} tokens` };
  const isTask = kind === 'files'; // words of any kind
  if (cap === undefined && operand.includes('|') && !isTask) return { fault: 'has no number of tokens behind its "|"' };
  if (operand === '' && kind !== 'diff') return { fault: 'says not what of' };
  return { slot: { kind, operand, tokens } };
}

const restOfLine = /[ \t]*(?:\n|$)/y;

function standsAlone(body: string, start: number, end: number): boolean {
  restOfLine.lastIndex = end;
  return /^[ \t]*$/.test(body.slice(body.lastIndexOf('\n', start - 1) + 1, start)) && restOfLine.test(body);
}

function endOfLine(body: string, at: number): number {
  const end = body.indexOf('\n', at);
  return end < 0 ? body.length : end + 1;
}

/** Text that says itself as a template, whatever tags it seems to hold. */
export function escapeTags(text: string): string {
  return text.replace(tag, (_, slashes: string, inner: string) => `${slashes}${slashes}\\{{${inner}}}`);
}

/** All parts, those within conditions too. */
export function* allParts(parts: readonly TemplatePart[]): Generator<TemplatePart> {
  for (const part of parts) {
    yield part;
    if ('when' in part) yield* allParts(part.parts);
  }
}

/** The prompts that a body includes, each as often as it does, and no more of them than are refused anyway. */
export function includesOf(body: string): string[] {
  const template = parseTemplate(body);
  const parts = 'fault' in template ? [] : [...allParts(template.parts)];
  return parts.flatMap((part) => ('include' in part ? [part.include] : [])).slice(0, maxIncludes + 1);
}

/** Of one prompt, with those of the included ones. */
export const maxIncludes = 100;

/** `diff` alone is a slot, unless it is an argument. */
export function isBareDiff({ slot }: { slot: Slot }): boolean {
  return slot.kind === 'diff' && slot.operand === '' && slot.tokens === usualTokens.diff;
}

/** The arguments that a body is read to have where nobody declares any; one that is asked about need not be given. */
export function argumentNames(body: string): { names: Array<{ name: string; required: boolean }> } | { fault: string } {
  const template = parseTemplate(body);
  if ('fault' in template) return template;
  const parts = [...allParts(template.parts)];
  const optional = new Set(parts.flatMap((part) => ('when' in part ? [part.when] : [])));
  const named = parts.flatMap((part) => ('name' in part ? [part.name] : []));
  const names = [...new Set([...named, ...optional])];
  return { names: names.map((name) => ({ name, required: !optional.has(name) })) };
}
