import { language } from '../projects/languages.ts';
import { outlineFile } from '../search/outlines/file-outline.ts';
import { outline } from '../text/outline.ts';
import { type Part, partsOfText } from './sections.ts';

/** What the text of a file tells of it, whatever the task. */
export interface Described {
  lines: string[];
  /** Empty where nothing tells. */
  purpose: string;
  /** Its declarations or headings, with their lines. */
  outline: string;
  parts: Part[];
}

export function describeFile(path: string, text: string): Described {
  const lines = text.replace(/\n$/, '').split('\n');
  const entries = outline(text, language(path)?.name);
  return {
    lines,
    purpose: outlineFile(path, text).purpose,
    outline: entries.map(({ line, depth, signature }) => `${line}\t${'  '.repeat(depth)}${signature}`).join('\n'),
    parts: partsOfText(lines, entries),
  };
}
