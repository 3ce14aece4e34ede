import { outline } from '../../text/outline.ts';
import { type FileRole, roleOf } from '../files/file-role.ts';
import { namesIn, phrasesOf, stemsOf } from './identifier-words.ts';
import { importsOf } from './imports.ts';

/** What the ranking for a task knows of one file. Some 12 bytes for each different word of it, and no text. */
export interface TaskDocument {
  path: string;
  role: FileRole;
  /** The hash of each different word, and beside it how often each field has it, packed (`countIn`). */
  words: Uint32Array;
  counts: Uint32Array;
  /** Beside each word the passages of the text that have it, a bit each. */
  passages: Uint32Array;
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

/** A text is cut into so many passages at most, a bit of a number each, and into fewer where they would be shorter than this. */
const maxPassages = 32;
const passageCharacters = 600;

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
      const body = text ?? '';
      const role = roleOf(path, body.slice(0, headCharacters));
      const definitions = role === 'data' ? [] : definitionsOf(body, languageName);
      const found = createWordCounts(hashesOf);
      const lengths = {
        path: found.add('path', tally([namesIn(path)])),
        definitions: found.add('definitions', tally([definitions])),
        body: found.add('body', tally(passagesOf(body).map(namesIn))),
      };
      return {
        path,
        role,
        ...found.columns(),
        lengths,
        definitions: definitions.join(' '),
        imports: importsOf(body, languageName),
      };
    },
  };
}

/** How often a name stands in a text, and in which of its passages. */
interface NameCount {
  times: number;
  passages: number;
}

function createWordCounts(hashesOf: (name: string) => readonly number[]) {
  const rows = new Map<number, number>();
  const counts: number[] = [];
  const passages: number[] = [];

  return {
    /** @returns how many words these names have */
    add(field: Field, names: ReadonlyMap<string, NameCount>): number {
      let length = 0;
      for (const [name, count] of names) {
        const hashes = hashesOf(name);
        for (const hash of hashes) put(hash, field, count);
        length += hashes.length * count.times;
      }
      return length;
    },
    columns: () => ({
      words: Uint32Array.from(rows.keys()),
      counts: Uint32Array.from(counts),
      passages: Uint32Array.from(passages),
    }),
  };

  function put(hash: number, field: Field, count: NameCount) {
    const [shift, most] = places[field];
    const known = rows.get(hash);
    const row = known ?? rows.size;
    if (known === undefined) rows.set(hash, row);
    const packed = counts[row] ?? 0;
    const room = most - ((packed >>> shift) & most);
    counts[row] = (packed + Math.min(room, count.times) * 2 ** shift) >>> 0;
    passages[row] = ((passages[row] ?? 0) | (field === 'body' ? count.passages : 0)) >>> 0;
  }
}

/** Splitting and hashing once a name takes a third of the time. */
function tally(passages: ReadonlyArray<readonly string[]>): Map<string, NameCount> {
  const counts = new Map<string, NameCount>();
  for (const [place, names] of passages.entries()) {
    const bit = 1 << place;
    for (const name of names) {
      const known = counts.get(name);
      if (known) {
        known.times++;
        known.passages |= bit;
      } else counts.set(name, { times: 1, passages: bit });
    }
  }
  return counts;
}

/** Pieces of like size, each up to the end of a line. */
function passagesOf(text: string): string[] {
  const size = Math.max(passageCharacters, Math.ceil(text.length / maxPassages));
  const found: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from + size);
    const next = end < 0 ? text.length : end + 1;
    found.push(text.slice(from, next));
    from = next;
  }
  return found;
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
