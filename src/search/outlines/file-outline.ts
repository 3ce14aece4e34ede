import { language } from '../../projects/languages.ts';
import { estimateTokens } from '../../text/estimate-tokens.ts';
import { outline } from '../../text/outline.ts';
import { type FileRole, roleOf } from '../files/file-role.ts';
import { importsOf } from '../task/imports.ts';
import { notesOn } from './file-notes.ts';
import { purposeOf } from './purpose.ts';
import { type OutlinedSymbol, symbolsIn } from './symbols.ts';

/** What the text of a file tells of it, without a model. */
export interface FileOutline {
  path: string;
  language?: string;
  role: FileRole;
  lines: number;
  tokens: number;
  /** Empty where nothing tells. */
  purpose: string;
  symbols: OutlinedSymbol[];
  /** As written there. */
  imports: string[];
  notes: string[];
}

export function outlineFile(path: string, text: string): FileOutline {
  const languageName = language(path)?.name;
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const role = roleOf(path, text.slice(0, 500));
  const entries = outline(text, languageName);
  const symbols = symbolsIn(path, text, lines, languageName, entries);
  return {
    path,
    ...(languageName !== undefined && { language: languageName }),
    role,
    lines: lines.length,
    tokens: estimateTokens(text),
    purpose: purposeOf({ path, text, lines, role, languageName, symbols }),
    symbols,
    imports: importsOf(text, languageName),
    notes: notesOn(text, lines, role),
  };
}
