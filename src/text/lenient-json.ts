/**
 * Reads JSON as people and models write it: with comments, a comma before a closing bracket, keys without quotes, single or
 * curly quotes, line breaks in strings, Python's `True` and `None`, and no comma between members on lines of their own.
 *
 * Nothing is guessed: a bracket, quote or value that is missing, a string with a quote in it, two values of one key, and all
 * else that could be read in two ways is a `JsonFault`. So what was cut off is never completed.
 */
export function readLenientJson(text: string, start = 0): { value: unknown; end: number } {
  const reader = createReader(text, start);
  const value = readValue(reader, 0);
  return { value, end: reader.at() };
}

export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  /** Where in the text, from 0. */
  readonly at: number;
  /** The text ended where more had to come. */
  readonly isCut: boolean;

  constructor(at: number, isCut: boolean) {
    super(isCut ? 'it ends in the middle' : `it makes no sense from character ${at + 1} on`);
    this.at = at;
    this.isCut = isCut;
  }
}

interface Reader {
  at(): number;
  /** What comes next, behind spaces and comments. */
  peek(): string;
  /** Whether a line ended before it. */
  isOnNewLine(): boolean;
  skip(count: number): void;
  match(form: RegExp): RegExpExecArray | undefined;
  fault(): JsonFault;
}

const blank = /(?:[\s\ufeff]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

function createReader(text: string, start: number): Reader {
  let at = start;
  let seen = -1;
  let hasLineEnd = false;
  const skipBlank = () => {
    if (seen === at) return;
    blank.lastIndex = at;
    const [space = ''] = blank.exec(text) ?? [];
    hasLineEnd = space.includes('\n');
    at += space.length;
    seen = at;
  };
  return {
    at: () => at,
    peek() {
      skipBlank();
      return text[at] ?? '';
    },
    isOnNewLine() {
      skipBlank();
      return hasLineEnd;
    },
    skip(count) {
      at += count;
    },
    match(form) {
      form.lastIndex = at;
      const found = form.exec(text) ?? undefined;
      at += found?.[0].length ?? 0;
      return found;
    },
    fault() {
      rest.lastIndex = at;
      return new JsonFault(at, rest.test(text));
    },
  };
}

/** What may be the beginning of a word. */
const rest = /[\w.+-]{0,40}$/y;
const maxDepth = 100;

function readValue(reader: Reader, depth: number): unknown {
  if (depth > maxDepth) throw reader.fault();
  const next = reader.peek();
  if (next === '{') return readObject(reader, depth);
  if (next === '[') return readArray(reader, depth);
  if (next in plain) return readString(reader);
  return readWord(reader);
}

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['null', null],
  ['None', null],
]);
const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[\s,\]}/])|[A-Za-z]+(?=[\s,\]}/])/y;

function readWord(reader: Reader): unknown {
  const [found = ''] = reader.match(word) ?? [];
  if (words.has(found)) return words.get(found);
  if (found === '' || /[A-Za-z]/.test(found[0] ?? '')) throw reader.fault();
  return Number(found);
}

function readArray(reader: Reader, depth: number): unknown[] {
  const items: unknown[] = [];
  reader.skip(1);
  while (reader.peek() !== ']') {
    const begins = reader.peek();
    items.push(readValue(reader, depth + 1));
    const next = reader.peek();
    if (next === ',') reader.skip(1);
    else if (next !== ']' && !(next === '{' && begins === '{')) throw reader.fault();
  }
  reader.skip(1);
  return items;
}

function readObject(reader: Reader, depth: number): Record<string, unknown> {
  const members = new Map<string, unknown>();
  reader.skip(1);
  while (reader.peek() !== '}') {
    const key = readKey(reader);
    if (reader.peek() !== ':') throw reader.fault();
    reader.skip(1);
    const value = readValue(reader, depth + 1);
    if (members.has(key) && JSON.stringify(members.get(key)) !== JSON.stringify(value)) throw reader.fault();
    members.set(key, value);
    if (reader.peek() === ',') reader.skip(1);
    else if (reader.peek() !== '}' && !reader.isOnNewLine()) throw reader.fault();
  }
  reader.skip(1);
  return Object.fromEntries(members);
}

function readKey(reader: Reader): string {
  if (reader.peek() in plain) return readString(reader);
  const found = reader.match(/[A-Za-z_$][\w$]*/y);
  if (!found) throw reader.fault();
  return found[0];
}

/** What a string holds, by how it begins. */
const plain: Readonly<Record<string, RegExp>> = { '"': /[^"\\]+/y, "'": /[^'\\]+/y, '“': /[^”\\]+/y };
const escapes: Readonly<Record<string, string>> = {
  ...{ '"': '"', "'": "'", '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' },
};

function readString(reader: Reader): string {
  const form = plain[reader.peek()];
  if (!form) throw reader.fault();
  const pieces: string[] = [];
  reader.skip(1);
  for (;;) {
    pieces.push(reader.match(form)?.[0] ?? '');
    if (reader.match(/\\/y)) pieces.push(readEscape(reader));
    else if (reader.match(/["'”]/y)) return pieces.join('');
    else throw reader.fault();
  }
}

function readEscape(reader: Reader): string {
  const unicode = reader.match(/u([0-9a-fA-F]{4})/y);
  if (unicode) return String.fromCharCode(Number.parseInt(unicode[1] ?? '', 16));
  const [letter = ''] = reader.match(/["'\\/bfnrt]/y) ?? [];
  const meant = escapes[letter];
  if (meant === undefined) throw reader.fault();
  return meant;
}
