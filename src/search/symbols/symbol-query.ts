import { UserError } from '../../errors.ts';

/** What a caller wrote to name a definition: `Cart`, `class Cart`, `fn parse`, `Cart.total`, `Cart::total()`. */
export interface SymbolQuery {
  /** The name itself, or a part of it. */
  name: string;
  /** What encloses it, from the outside. */
  parents: readonly string[];
  kinds: ReadonlySet<string> | undefined;
}

const types = 'class struct interface trait protocol enum union record type object actor impl extension';

/** What the words before a name stand for, in the words of an outline. */
const kindWords = new Map(
  Object.entries({
    'function func fun fn def sub method proc defp': 'function method constructor',
    constructor: 'constructor method',
    'class type typedef': types,
    'const let var val static constant variable': 'const variable property field',
    'property field attribute': 'property field const',
    'module mod namespace package defmodule': 'module namespace',
    'macro define macro_rules': 'macro',
    'heading section': 'heading',
    'key setting': 'key table',
    table: 'table',
    view: 'view',
  }).flatMap(([words, kinds]) =>
    words.split(' ').map((word): [string, Set<string>] => [word, new Set(kinds.split(' '))]),
  ),
);
for (const kind of types.split(' ')) if (!kindWords.has(kind)) kindWords.set(kind, new Set([kind]));
kindWords.set('class', new Set(['class', 'record', 'object', 'actor']));

const maxNameLength = 200;

/** @throws UserError `bad_input` when there is no name in it. */
export function parseSymbolQuery(query: string): SymbolQuery {
  const bare = query
    .trim()
    .replace(/\(.*\)?$/, '')
    .replace(/[\s:;{]+$/, '');
  const words = bare.split(/\s+/);
  const kinds = words.length > 1 ? kindWords.get((words[0] ?? '').toLowerCase()) : undefined;
  const path = (kinds ? words.slice(1) : words).join(' ');
  const parts = path.split(/::|->|\.|#(?=\w)/).filter(Boolean);
  const name = parts.at(-1) ?? '';
  if (name.length > maxNameLength) {
    throw new UserError('bad_input', `A name may have ${maxNameLength} characters; this one has ${name.length}.`);
  }
  if (name === '') {
    throw new UserError(
      'bad_input',
      `${JSON.stringify(query.slice(0, 80))} names no definition. Write a name, perhaps with its kind or its owner: "class Cart", "Cart.total".`,
    );
  }
  return { name, parents: parts.slice(0, -1), kinds };
}

/** How well a name answers: the lower the better; undefined where it does not hold what was asked for. */
export function nameTier(name: string, wanted: string, isSensitive: boolean): number | undefined {
  if (name === wanted) return 0;
  if (isSensitive) return name.startsWith(wanted) ? 2 : name.includes(wanted) ? 3 : undefined;
  const folded = name.toLowerCase();
  const query = wanted.toLowerCase();
  if (folded === query) return 1;
  if (folded.startsWith(query)) return 2;
  return folded.includes(query) ? 3 : undefined;
}

/** The tier of names that only have the letters, in order and perhaps with one wrong. */
export const fuzzyTier = 4;
