import { UserError } from '../../errors.ts';

/** Reads the source of a pattern from its start to its end. */
export interface PatternReader {
  readonly source: string;
  place(): number;
  isAtEnd(): boolean;
  /** The next character, or the empty string. */
  peek(): string;
  /** Takes it. */
  next(): string;
  /** Takes a text if it comes next. */
  take(text: string): boolean;
  /** Takes what a sticky expression matches here. */
  takeMatch(pattern: RegExp): RegExpExecArray | undefined;
}

export function createPatternReader(source: string): PatternReader {
  let at = 0;
  return {
    source,
    place: () => at,
    isAtEnd: () => at >= source.length,
    peek,
    next() {
      const character = peek();
      at += character.length;
      return character;
    },
    take(text) {
      if (!source.startsWith(text, at)) return false;
      at += text.length;
      return true;
    },
    takeMatch(pattern) {
      pattern.lastIndex = at;
      const found = pattern.exec(source);
      if (!found) return undefined;
      at = pattern.lastIndex;
      return found;
    },
  };

  function peek(): string {
    const code = source.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }
}

/** What is wrong with a pattern, and what to write instead. */
export function invalid(reason: string): UserError {
  return new UserError('bad_input', `The regular expression is not valid: ${reason}. For plain text use mode "text".`);
}

/** What other programs know and this one does not. */
export function unsupported(written: string, instead: string): UserError {
  return new UserError('bad_input', `${quoted(written)} is not supported here: ${instead}.`);
}

export function quoted(written: string): string {
  return JSON.stringify(written.slice(0, 40).toWellFormed());
}
