import { extname } from 'node:path';
import type { packFormats } from '../pack-flags.ts';
import { visibleLine } from '../text/clean.ts';
import type { Level } from './levels.ts';

export type Format = (typeof packFormats)[number];

/** One thing that may be shown. */
export interface Shown {
  /** `file`, or what it is else: `ticket`, `plan`, `diff`, `instructions`. */
  kind: string;
  name: string;
  level: Level;
  /** Of all of it. */
  tokens: number;
}

/** What changes from question to question stands behind all files, so that a provider's cache of prompts serves for these. */
export function isLast({ kind }: Pick<Shown, 'kind'>): boolean {
  return lastKinds.has(kind);
}

const lastKinds: ReadonlySet<string> = new Set(['conversation', 'diff', 'instructions', 'task']);

export interface Writer {
  /** How one thing is written; a line of a list where it has no text of its own. */
  block(shown: Shown): string;
  /** All of them, in the order given. */
  join(blocks: ReadonlyArray<{ shown: Shown; block: string }>): string;
}

/** A text that cannot be taken for the end of itself, whatever it holds. */
export const writers: Readonly<Record<Format, Writer>> = {
  markdown: {
    block({ kind, name, level, tokens }) {
      const title = kind === 'file' ? visibleLine(name) : `${kind} ${visibleLine(name)}`.trim();
      if (isLine(level)) return `- ${title} (${tokens} tokens)${level.text && `: ${visibleLine(level.text)}`}`;
      const about = level.name === 'full' ? '' : ` (${level.name})`;
      const fence = fenceFor(level.text);
      const language = kind === 'diff' ? 'diff' : kind === 'file' ? extname(name).slice(1) : 'markdown';
      return `## ${title}${about}\n\n${fence}${language}\n${withLineEnd(level.text)}${fence}`;
    },
    join: (blocks) => withList(blocks, '## Not shown'),
  },

  xml: {
    block({ kind, name, level, tokens }) {
      const open = `<${kind} ${kind === 'file' ? 'path' : 'name'}="${attribute(name)}"`;
      if (isLine(level)) return `${open} tokens="${tokens}"${level.text && ` about="${attribute(level.text)}"`}/>`;
      const about = level.name === 'full' ? '' : ` shown="${level.name}"`;
      const text = level.text.replaceAll(new RegExp(`</(?=${kind}\\b)`, 'gi'), '&lt;/');
      return `${open}${about}>\n${withLineEnd(text)}</${kind}>`;
    },
    join: (blocks) => blocks.map(({ block }) => block).join('\n'),
  },

  json: {
    block({ kind, name, level, tokens }) {
      const about = level.name === 'full' ? {} : { shown: level.name, tokens };
      return JSON.stringify({ kind, name, ...about, ...(level.text !== '' && { text: level.text }) });
    },
    join: (blocks) => (blocks.length === 0 ? '' : `[\n${blocks.map(({ block }) => block).join(',\n')}\n]`),
  },
};

/** Of what costs hardly more than its name. */
function isLine({ name }: Level): boolean {
  return name === 'summary' || name === 'name';
}

function withList(blocks: ReadonlyArray<{ shown: Shown; block: string }>, title: string): string {
  const whole = blocks.filter(({ shown }) => !isLine(shown.level));
  const lines = blocks.filter(({ shown }) => isLine(shown.level)).map(({ block }) => block);
  const list = lines.length > 0 ? [`${title}\n\n${lines.join('\n')}`] : [];
  const textOf = (isEnd: boolean) => whole.filter(({ shown }) => isLast(shown) === isEnd).map(({ block }) => block);
  return [...textOf(false), ...list, ...textOf(true)].join('\n\n');
}

function withLineEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function fenceFor(text: string): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map(({ length }) => length));
  return '`'.repeat(longest + 1);
}

function attribute(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return visibleLine(text).replace(/[&<>"]/g, (character) => named[character] ?? character);
}
