export interface WildmatchOptions {
  /** ASCII letters match in either case, as with git's core.ignoreCase. */
  ignoreCase?: boolean;
}

/**
 * Compiles one glob of git's "wildmatch" with WM_PATHNAME: only `**` crosses a slash, and matching goes byte by byte of
 * UTF-8. A malformed pattern matches nothing. Compiling is linear, matching at worst pattern x text.
 * https://git-scm.com/docs/gitignore#_pattern_format
 */
export function compileWildmatch(pattern: string, options: WildmatchOptions = {}): (text: string) => boolean {
  const ignoreCase = options.ignoreCase ?? false;
  const countsBytes = /[?[]/.test(pattern);
  const program = parse(countsBytes ? toBytes(pattern) : pattern, ignoreCase);
  if (program === undefined) return () => false;
  const needed = ignoreCase ? '' : longestLiteral(program.tokens);
  return (text) => text.includes(needed) && matches(program, countsBytes ? toBytes(text) : text, ignoreCase);
}

/** Of ASCII, which is the same in bytes and characters. A text without it need not be looked at any closer. */
function longestLiteral(tokens: readonly number[]): string {
  const runs = tokens.map((token) => (token >= 0 && token < 128 ? String.fromCharCode(token) : '\u0080')).join('');
  return runs.split('\u0080').reduce((longest, run) => (run.length > longest.length ? run : longest));
}

interface Program {
  /** A character code, or one of the negative codes below; codes from firstSet down stand for sets[firstSet - code]. */
  tokens: number[];
  sets: Uint8Array[];
}

const any = -1;
const star = -2;
/** A double star with its slash: nothing, or whatever ends in a slash. */
const folders = -3;
/** A double star before the end or an escaped slash: anything at all. */
const anything = -4;
const firstSet = -5;

const slash = 47;
const backslash = 92;
const asterisk = 42;
const questionMark = 63;
const openBracket = 91;
const closeBracket = 93;

/** One character per byte of UTF-8, since git's `?` and `[...]` take one byte. */
function toBytes(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function parse(pattern: string, ignoreCase: boolean): Program | undefined {
  const tokens: number[] = [];
  const sets: Uint8Array[] = [];
  const readSet = createSetReader(pattern, ignoreCase);
  let at = 0;
  while (at < pattern.length) {
    const code = pattern.charCodeAt(at);
    if (code === asterisk) {
      at = pushStars(pattern, at, tokens);
    } else if (code === openBracket) {
      const read = readSet(at);
      if (read === undefined) return undefined;
      tokens.push(firstSet - sets.length);
      sets.push(read.set);
      at = read.end;
    } else if (code === backslash) {
      if (at + 1 === pattern.length) return undefined;
      // git does not lower an escaped letter, so that `\A` matches nothing where case is ignored
      tokens.push(pattern.charCodeAt(at + 1));
      at += 2;
    } else {
      tokens.push(code === questionMark ? any : ignoreCase ? lower(code) : code);
      at += 1;
    }
  }
  return { tokens, sets };
}

/** Adds the token for the run of stars at `start`; returns where to go on. */
function pushStars(pattern: string, start: number, tokens: number[]): number {
  let end = start;
  while (pattern.charCodeAt(end) === asterisk) end += 1;
  const opensSegment = start === 0 || pattern.charCodeAt(start - 1) === slash;
  if (end - start < 2 || !opensSegment) {
    tokens.push(star);
    return end;
  }
  if (pattern.charCodeAt(end) === slash) {
    tokens.push(folders);
    return end + 1;
  }
  tokens.push(end === pattern.length || pattern.startsWith('\\/', end) ? anything : star);
  return end;
}

/** Reads bracket expressions of one pattern; a set has one byte per byte value, undefined means a malformed one. */
function createSetReader(pattern: string, ignoreCase: boolean) {
  let nextClose = -1;

  return (start: number): { set: Uint8Array; end: number } | undefined => {
    const set = new Uint8Array(256);
    let at = start + 1;
    const negated = pattern[at] === '!' || pattern[at] === '^';
    if (negated) at += 1;
    let previous = 0;
    do {
      let code = pattern.charCodeAt(at);
      if (Number.isNaN(code)) return undefined;
      if (code === backslash) {
        at += 1;
        code = pattern.charCodeAt(at);
        if (Number.isNaN(code)) return undefined;
        set[code] = 1;
      } else if (isRange(pattern, at, previous)) {
        at += pattern.charCodeAt(at + 1) === backslash ? 2 : 1;
        const last = pattern.charCodeAt(at);
        if (Number.isNaN(last)) return undefined;
        addRange(set, previous, last, ignoreCase);
        code = 0;
      } else if (code === openBracket && pattern[at + 1] === ':') {
        if (nextClose < at + 2) nextClose = pattern.indexOf(']', at + 2);
        if (nextClose < 0) return undefined;
        if (nextClose > at + 2 && pattern[nextClose - 1] === ':') {
          if (!addClass(set, pattern.slice(at + 2, nextClose - 1), ignoreCase)) return undefined;
          at = nextClose;
          code = 0;
        } else {
          set[code] = 1;
        }
      } else {
        set[code] = 1;
      }
      previous = code;
      at += 1;
    } while (pattern.charCodeAt(at) !== closeBracket);
    if (negated) for (let byte = 0; byte < 256; byte += 1) set[byte] = set[byte] === 0 ? 1 : 0;
    set[slash] = 0;
    return { set, end: at + 1 };
  };
}

function isRange(pattern: string, at: number, previous: number): boolean {
  return pattern[at] === '-' && previous !== 0 && at + 1 < pattern.length && pattern[at + 1] !== ']';
}

function addRange(set: Uint8Array, first: number, last: number, ignoreCase: boolean): void {
  for (let code = first; code <= last; code += 1) {
    set[code] = 1;
    if (ignoreCase) set[lower(code)] = 1;
  }
}

/** The ASCII classes of git, which knows four blanks only (tab, line feed, carriage return, space). */
const classes = new Map<string, RegExp>([
  ['alnum', /[0-9A-Za-z]/],
  ['alpha', /[A-Za-z]/],
  ['blank', /[ \t]/],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this class is about
  ['cntrl', /[\0-\x1f\x7f]/],
  ['digit', /[0-9]/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['space', /[ \t\n\r]/],
  ['upper', /[A-Z]/],
  ['xdigit', /[0-9A-Fa-f]/],
]);

function addClass(set: Uint8Array, name: string, ignoreCase: boolean): boolean {
  const members = classes.get(name === 'upper' && ignoreCase ? 'alpha' : name);
  if (members === undefined) return false;
  for (let code = 0; code < 128; code += 1) if (members.test(String.fromCharCode(code))) set[code] = 1;
  return true;
}

/**
 * Two places to come back to are enough: a later star takes over from an earlier one of its path segment, and a later
 * double star from everything before it. Between two double stars each pattern segment meets each text segment once,
 * which bounds the whole by pattern x text.
 */
function matches({ tokens, sets }: Program, text: string, ignoreCase: boolean): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  let deepToken = -1;
  let deepAt = 0;
  while (at < text.length) {
    const wanted = tokens[token] ?? Number.NaN;
    if (wanted === star) {
      token += 1;
      starToken = token;
      starAt = at;
    } else if (wanted === folders || wanted === anything) {
      token += 1;
      deepToken = token;
      deepAt = at;
      starToken = -1;
    } else if (matchesOne(wanted, sets, ignoreCase ? lower(text.charCodeAt(at)) : text.charCodeAt(at))) {
      token += 1;
      at += 1;
    } else if (starToken >= 0 && text.charCodeAt(starAt) !== slash) {
      token = starToken;
      starAt += 1;
      at = starAt;
    } else if (deepToken >= 0) {
      starToken = -1;
      if (tokens[deepToken - 1] === folders) deepAt = text.indexOf('/', deepAt);
      if (deepAt < 0) return false;
      token = deepToken;
      deepAt += 1;
      at = deepAt;
    } else {
      return false;
    }
  }
  while (isOptional(tokens[token])) token += 1;
  return token === tokens.length;
}

function matchesOne(wanted: number, sets: Uint8Array[], code: number): boolean {
  if (wanted >= 0) return wanted === code;
  if (wanted === any) return code !== slash;
  return sets[firstSet - wanted]?.[code] === 1;
}

function isOptional(token: number | undefined): boolean {
  return token === star || token === folders || token === anything;
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}
