import { language } from '../../projects/languages.ts';
import { cut } from '../../text/cut.ts';
import type { FileRole } from '../files/file-role.ts';
import { type CommentStyle, commentStyle } from './comment-styles.ts';
import { commentAbove, commentBelow, headComments } from './comments.ts';
import { documentPurpose } from './document-purpose.ts';
import { firstWords } from './first-words.ts';
import { isCode, isValue, type OutlinedSymbol } from './symbols.ts';
import { testPurpose } from './test-names.ts';

/** What the comment at the head of a file says of it, or of its folder; empty where there is none. */
export function headPurpose(path: string, text: string): string {
  const style = commentStyle(language(path)?.name);
  return style ? firstOfHead(text.split('\n'), style) : '';
}

interface Told {
  path: string;
  text: string;
  lines: readonly string[];
  role: FileRole;
  languageName: string | undefined;
  symbols: readonly OutlinedSymbol[];
}

/** By its head, by the comment of its main declaration, or by the names in it. */
export function purposeOf({ path, text, lines, role, languageName, symbols }: Told): string {
  const style = commentStyle(languageName);
  return (
    (style ? firstOfHead(lines, style) : '') ||
    documentPurpose(path, text, languageName) ||
    (role === 'test' ? testPurpose(text, languageName) : '') ||
    (style ? symbolPurpose(path, lines, style, symbols) : '') ||
    namesPurpose(symbols)
  );
}

function firstOfHead(lines: readonly string[], style: CommentStyle): string {
  for (const { lines: words, isAttached } of headComments(lines, style)) {
    const isOfFile = !isAttached || words.some((word) => /^@(?:file|fileoverview|module|overview)\b/.test(word));
    const purpose = isOfFile ? firstWords(words) : '';
    if (purpose !== '') return purpose;
  }
  return '';
}

/** The comment of what the file is named for; where there is little else, of what others may use first, by its name. */
function symbolPurpose(
  path: string,
  lines: readonly string[],
  style: CommentStyle,
  symbols: readonly OutlinedSymbol[],
): string {
  const stem = squeeze(path.slice(path.lastIndexOf('/') + 1).replace(/\..*$/, ''));
  const commentOf = ({ line }: OutlinedSymbol) => {
    const comment = commentAbove(lines, line - 1, style) ?? commentBelow(lines, line - 1, style);
    return comment ? firstWords(comment.lines) : '';
  };
  const namesakes = symbols.filter(({ kind, name }) => isCode(kind) && squeeze(name).includes(stem));
  for (const symbol of namesakes.toSorted((a, b) => oddness(a) - oddness(b))) {
    const purpose = commentOf(symbol);
    const isMain = squeeze(symbol.name).length * mainShare <= stem.length;
    if (purpose !== '') return isMain ? purpose : `${symbol.name}: ${purpose}`;
  }
  const offered = symbols.filter(({ kind, isOffered }) => isOffered && isCode(kind));
  const main = offered.length <= mostOffered ? offered.filter(({ kind }) => !isValue(kind)) : [];
  for (const symbol of main) {
    const purpose = commentOf(symbol);
    const others = offered.filter((each) => each !== symbol).map(({ name }) => name);
    if (purpose !== '') return `${symbol.name}: ${purpose}${others.length > 0 ? ` Also ${others.join(', ')}.` : ''}`;
  }
  return '';
}

/** The more a name has beside that of the file, the less it stands for it. */
function oddness({ name, isOffered, kind }: OutlinedSymbol): number {
  return name.length + (isOffered ? 0 : 100) + (isValue(kind) ? 20 : 0);
}

/** Of a name that stands for the whole file, at least so much is the name of the file. */
const mainShare = 0.55;

function squeeze(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

const mostOffered = 4;
const mostNamed = 5;

function namesPurpose(symbols: readonly OutlinedSymbol[]): string {
  const code = symbols.filter(({ kind }) => isCode(kind));
  const offered = code.filter(({ isOffered }) => isOffered);
  const told = offered.length > 0 ? offered : code;
  const shown = [...told.filter(({ kind }) => !isValue(kind)), ...told.filter(({ kind }) => isValue(kind))];
  const names = [...new Set(shown.map(({ name }) => name))];
  const passedOn = symbols.filter(({ kind }) => kind === 'passed on' || kind === 'default');
  if (names.length === 0) return cut(passedOn.map(({ signature }) => signature).join('; '), 200);
  const rest = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `Defines ${names.slice(0, mostNamed).join(', ')}${rest}`;
}
