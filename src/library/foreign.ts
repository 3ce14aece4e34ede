import { load } from 'js-yaml';
import * as z from 'zod';
import { withoutAbsent } from '../text/absent.ts';
import { cleanLine, cleanText } from '../text/clean.ts';
import { fromMarkdown, type NamedPrompt, type Scope } from './markdown.ts';
import { completePrompt, type PromptArgument, type PromptDocument, promptName } from './prompt.ts';
import { allParts, escapeTags, parseTemplate, type TemplatePart } from './template.ts';

/*
 * Commands of Claude Code (`.claude/commands/*.md`) and rules of Cursor (`.cursor/rules/*.mdc`) as prompts, and back. What
 * the other side does not have is left out, and said.
 */

export const foreignForms = ['claude', 'cursor'] as const;
export type ForeignForm = (typeof foreignForms)[number];

export type Converted = NamedPrompt & { notes: string[] };

/** By the place of a file, with its path below the folder of its kind. */
function foreignAt(path: string): { form: ForeignForm; below: string } | undefined {
  const rule = /(?:^|\/)(?:\.cursor\/rules\/(.+\.mdc)|([^/]+\.mdc))$/.exec(path);
  if (rule) return { form: 'cursor', below: rule[1] ?? rule[2] ?? '' };
  const command = /(?:^|\/)\.claude\/commands\/(.+\.md)$/.exec(path)?.[1];
  return command === undefined ? undefined : { form: 'claude', below: command };
}

/**
 * A prompt in a file of any form, by its place and its head.
 *
 * @returns undefined for what is none, such as a ticket
 */
export function readPromptFile(
  path: string,
  text: string,
): (Converted & { scope: Scope }) | { fault: string } | undefined {
  const foreign = foreignAt(path);
  if (foreign) {
    const made = fromForeign(foreign.form, foreign.below, text);
    return 'fault' in made ? made : { ...made, scope: 'project' };
  }
  const head = frontMatter.exec(cleanText(text).replace(/^\uFEFF/, ''))?.[1] ?? '';
  if (!/^name:/m.test(head) || /^(?:id|status):/m.test(head)) return undefined;
  const made = fromMarkdown(path.slice(path.lastIndexOf('/') + 1), text);
  return 'fault' in made ? made : { ...made, notes: [] };
}

/** @param path of the file below its folder; the folders in it become a part of the name */
function fromForeign(form: ForeignForm, path: string, text: string): Converted | { fault: string } {
  const name = nameFrom(path);
  if (!promptName.safeParse(name).success)
    return { fault: `its name makes no name of a prompt: ${JSON.stringify(name)}` };
  const { fields, body } = splitHead(cleanText(text));
  return form === 'claude' ? fromCommand(name, fields, body) : fromRule(name, fields, body);
}

function nameFrom(path: string): string {
  return path
    .replace(/\.mdc?$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
}

const frontMatter = /^---\n([\s\S]*?)\n?---(?:\n([\s\S]*))?$/;

/** Others are not strict: `globs: *.ts` is no YAML. A line that says nothing is left out. */
function splitHead(text: string): { fields: ReadonlyMap<string, string>; body: string } {
  const [, head, body] = frontMatter.exec(text.replace(/^\uFEFF/, '')) ?? [];
  if (head === undefined) return { fields: new Map(), body: text };
  const entries = head.split('\n').flatMap((line): Array<[string, string]> => {
    const [, key, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    return key && value ? [[key, unquoted(value)]] : [];
  });
  return { fields: new Map(entries), body: body ?? '' };
}

function unquoted(value: string): string {
  if (!/^["']/.test(value)) return value.trim();
  try {
    return z.string().catch(value).parse(load(value));
  } catch {
    return value;
  }
}

const maxDescription = 300;

/** `$ARGUMENTS`, `$1` to `$9`, `@path`; what the hint calls them. */
function fromCommand(name: string, fields: ReadonlyMap<string, string>, text: string): Converted | { fault: string } {
  const hint = fields.get('argument-hint') ?? '';
  const places = [...new Set([...text.matchAll(/\$([1-9])(?!\d)/g)].map(([, digit]) => Number(digit)))].sort();
  const named = [...hint.matchAll(/[[<]([^\]>]+)[\]>]/g)].map(([, each]) => toArgumentName(each ?? ''));
  const usable = new Set(named).size === named.length && !named.includes('') && !named.includes(wholeName);
  // A word that is left out keeps its number: names alone would not tell that there was one.
  const hasGap = places.some((place, at) => place !== at + 1);
  const nameOf = (place: number) => (usable && !hasGap && named[place - 1]) || `arg${place}`;
  const declared: PromptArgument[] = places.map((place) => ({ name: nameOf(place), required: false }));
  const hasWhole = /\$ARGUMENTS\b/.test(text);
  if (hasWhole) declared.push({ name: wholeName, required: false, ...(hint && { description: cleanLine(hint) }) });
  const body = withSlots(escapeTags(trimmedBody(text)))
    .replace(/\$ARGUMENTS\b/g, () => `{{${wholeName}}}`)
    .replace(/\$([1-9])(?!\d)/g, (_, digit: string) => `{{${nameOf(Number(digit))}}}`);
  const notes = [
    ...['allowed-tools', 'model', 'hooks', 'context', 'agent']
      .filter((key) => fields.has(key))
      .map((key) => `its ${key} is left out`),
    ...(/(?:^|\s)!`/m.test(text) ? ['it runs commands (!`...`), which stay as text: Octant runs none'] : []),
  ];
  return finish(
    name,
    { description: fields.get('description'), arguments: declared, tags: ['claude-command'] },
    body,
    notes,
  );
}

const wholeName = 'arguments';

function toArgumentName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);
}

const textFile =
  /(^|[\s(])@((?:[\w.-]+\/)*[\w.-]+\.(?:[cm]?[jt]sx?|mdc?|json|ya?ml|toml|py|go|rs|java|rb|[ch](?:pp)?|cs|sql|sh|css|html|txt))\b(?!\/)/g;

/** `@src/a.ts` is a file to be read. */
function withSlots(text: string): string {
  return text.replace(textFile, '$1{{file:$2}}');
}

function fromRule(name: string, fields: ReadonlyMap<string, string>, text: string): Converted | { fault: string } {
  const dropped = ['globs', 'alwaysApply'].filter((key) => fields.has(key) && fields.get(key) !== 'false');
  const notes = dropped.map((key) => `its ${key} is left out: a prompt is used when somebody asks for it`);
  const body = withSlots(escapeTags(trimmedBody(text)));
  return finish(name, { description: fields.get('description'), arguments: [], tags: ['cursor-rule'] }, body, notes);
}

function trimmedBody(text: string): string {
  return text.replace(/^\n+/, '').trimEnd();
}

function finish(
  name: string,
  { description, ...fields }: { description: string | undefined; arguments: PromptArgument[]; tags: string[] },
  body: string,
  notes: string[],
): Converted | { fault: string } {
  const said = cleanLine(description ?? '').slice(0, maxDescription);
  const document = completePrompt(name, { ...fields, ...(said !== '' && { description: said }) }, body);
  return 'fault' in document ? document : { name, document, notes };
}

/** @returns the file's text, and what it could not say */
export function toForeign(form: ForeignForm, { document }: NamedPrompt): { text: string; notes: string[] } {
  return form === 'claude' ? toCommand(document) : toRule(document);
}

/** One argument is all that is typed; several are words of it, but for the one that an import calls so. */
function toCommand({ description, arguments: declared, body }: PromptDocument): { text: string; notes: string[] } {
  const places = placesOf(declared.map(({ name }) => name));
  const hint = declared.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`)).join(' ');
  const notes: string[] = [];
  if (places.size > 9) notes.push('a command takes nine arguments; the others are left as $10 and so on');
  if (declared.some((each) => each.default !== undefined)) notes.push('defaults are left out');
  for (const [name, place] of places) if (place === whole) notes.push(`${name} becomes ${whole}: all that is typed`);
  if (wordPlace.test(body) || body.includes(whole))
    notes.push('its own $1 or $ARGUMENTS was text, and is filled there');
  const head = withoutAbsent({ description, 'argument-hint': hint || undefined });
  const text = write(body, (name) => places.get(name) ?? '', notes);
  return { text: `${headOf(head)}${text}\n`, notes };
}

const whole = '$ARGUMENTS';
const wordPlace = /\$[1-9](?!\d)/;
/** As an import names a word that has no other name. */
const numbered = /^arg([1-9])$/;

function placesOf(names: readonly string[]): ReadonlyMap<string, string> {
  const words = names.filter((name) => name !== wholeName);
  const areNumbered = words.every((name) => numbered.test(name));
  const isOnly = names.length === 1 && !areNumbered;
  const placeOf = (name: string) => {
    if (name === wholeName || isOnly) return whole;
    return areNumbered ? name.replace(numbered, '$$$1') : `$${words.indexOf(name) + 1}`;
  };
  return new Map(names.map((name) => [name, placeOf(name)]));
}

function toRule({ description, arguments: declared, body }: PromptDocument): { text: string; notes: string[] } {
  const notes: string[] = [];
  const text = write(body, (name) => `<${name}>`, notes);
  if (declared.length > 0) notes.push('a rule takes no arguments: they stand as <name>');
  return { text: `${headOf({ description, globs: '', alwaysApply: 'false' })}${text}\n`, notes };
}

function headOf(fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(
    ([key, value]) => `${key}: ${/^$|^false$/.test(value) ? value : JSON.stringify(value)}`,
  );
  return `---\n${lines.map((line) => line.trimEnd()).join('\n')}\n---\n\n`;
}

/** The text of a template for a reader who knows no tags. */
function write(body: string, placeOf: (name: string) => string, notes: string[]): string {
  const template = parseTemplate(body);
  const parts = 'fault' in template ? [{ text: body }] : template.parts;
  if ([...allParts(parts)].some((part) => 'when' in part)) notes.push('what stands in a condition always stands there');
  if ([...allParts(parts)].some((part) => 'include' in part)) notes.push('included prompts stay as tags');
  return writeParts(parts, placeOf).trim();
}

function writeParts(parts: readonly TemplatePart[], placeOf: (name: string) => string): string {
  return parts
    .map((part) => {
      if ('text' in part) return part.text;
      if ('name' in part) return placeOf(part.name);
      if ('when' in part) return writeParts(part.parts, placeOf);
      if ('include' in part) return `{{include:${part.include}}}`;
      const { kind, operand } = part.slot;
      return kind === 'file' ? `@${operand}` : `{{${kind}${operand && `:${operand}`}}}`;
    })
    .join('');
}
