import { outline } from '../text/outline.ts';
import { type FileRole, roleOf } from './file-role.ts';
import { importsOf } from './imports.ts';
import { namesIn, phrasesOf, stemsOf } from './names.ts';

/** What the ranking for a task knows of one file. Some 8 bytes for each different word of it, and no text. */
export interface TaskDocument {
  path: string;
  role: FileRole;
  /** The hash of each different word, and beside it how often each field has it, packed (`countIn`). */
  words: Uint32Array;
  counts: Uint32Array;
  /** How many words each field has. */
  lengths: FieldCounts;
  /** The names that it defines, joined by spaces. */
  definitions: string;
  /** What it imports, as written there. */
  imports: readonly string[];
}

export type Field = 'path' | 'definitions' | 'body';
export const fields: readonly Field[] = ['path', 'definitions', 'body'];
export type FieldCounts = Readonly<Record<Field, number>>;

/** Where a field's count lies within the packed number, and how much it can hold. */
const places = { path: [28, 15], definitions: [20, 255], body: [0, 0xfffff] } as const;

const headCharacters = 500;
const maxDefinitions = 2000;
const maxRememberedNames = 150_000;

export function countIn(packed: number, field: Field): number {
  const [shift, most] = places[field];
  return (packed >>> shift) & most;
}

/** FNV-1a: no table of words is kept, and two words of a question and a project are one in some ten thousand cases. */
export function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Makes documents; it remembers how it split the names that it met, since a project uses the same ones again and again. */
export function createDocumentReader() {
  const known = new Map<string, readonly number[]>();

  function hashesOf(name: string): readonly number[] {
    const before = known.get(name);
    if (before) return before;
    const stems = stemsOf(name);
    const hashes = [...stems, ...phrasesOf(stems)].map(hashWord);
    if (known.size >= maxRememberedNames) known.clear();
    known.set(name, hashes);
    return hashes;
  }

  return {
    /** @param text undefined where only the path is known, as of binary, huge and secret files */
    read(path: string, text: string | undefined, languageName: string | undefined): TaskDocument {
      const counts = new Map<number, number>();
      const body = text ?? '';
      const role = roleOf(path, body.slice(0, headCharacters));
      const definitions = role === 'data' ? [] : definitionsOf(body, languageName);
      const lengths = {
        path: add(counts, 'path', namesIn(path)),
        definitions: add(counts, 'definitions', definitions),
        body: add(counts, 'body', namesIn(body)),
      };
      return {
        path,
        role,
        words: Uint32Array.from(counts.keys()),
        counts: Uint32Array.from(counts.values()),
        lengths,
        definitions: definitions.join(' '),
        imports: importsOf(body, languageName),
      };
    },
  };

  function add(counts: Map<number, number>, field: Field, names: readonly string[]): number {
    const [shift, most] = places[field];
    let length = 0;
    for (const [name, times] of tally(names)) {
      for (const hash of hashesOf(name)) {
        const packed = counts.get(hash) ?? 0;
        const room = most - ((packed >>> shift) & most);
        counts.set(hash, (packed + Math.min(room, times) * 2 ** shift) >>> 0);
        length += times;
      }
    }
    return length;
  }
}

/** Splitting and hashing once a name takes a third of the time. */
function tally(names: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return times;
}

/** Keys of data are names of nothing, and the headings of a document are its definitions. */
function definitionsOf(text: string, languageName: string | undefined): string[] {
  if (text === '') return [];
  const names = new Set<string>();
  for (const { name } of outline(text, languageName)) {
    for (const part of namesIn(name)) names.add(part);
    if (names.size >= maxDefinitions) break;
  }
  return [...names];
}
