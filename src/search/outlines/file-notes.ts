import { counted } from '../../text/count.ts';
import type { FileRole } from '../files/file-role.ts';

const largeLines = 800;
const minifiedWidth = 400;

/** Made by a program or data: nothing that a reader could follow. */
export function isMinified(text: string, lines: number): boolean {
  return text.length > 2000 && text.length / Math.max(1, lines) > minifiedWidth;
}

/** What somebody who is about to work on a file should know of it. */
export function notesOn(text: string, lines: readonly string[], role: FileRole): string[] {
  const marks = new Map<string, number>();
  for (const [mark] of text.matchAll(/\b(?:TODO|FIXME|HACK|XXX)\b(?=[:(\s])/g))
    marks.set(mark, (marks.get(mark) ?? 0) + 1);
  const deprecated = text.match(/@deprecated\b|#\[deprecated|@Deprecated\b|DeprecationWarning/g)?.length ?? 0;
  return [
    role === 'generated' ? 'generated or of others' : '',
    role === 'test' ? 'test' : '',
    role === 'example' ? 'example' : '',
    isMinified(text, lines.length) ? 'minified or data on long lines' : '',
    lines.length > largeLines ? `large: ${lines.length} lines` : '',
    lines[0]?.startsWith('#!') && !lines[0].startsWith('#![') ? `script: ${lines[0].slice(2, 60).trim()}` : '',
    ...[...marks].map(([mark, count]) => `${count} ${mark}`),
    deprecated > 0 ? `${counted(deprecated, 'mark')} of deprecation` : '',
  ].filter(Boolean);
}
