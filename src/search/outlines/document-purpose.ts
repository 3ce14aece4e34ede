import { cleanLine } from '../../text/clean.ts';
import { cut } from '../../text/cut.ts';
import { readJson } from '../../text/json.ts';
import { findHeadings } from '../../text/outline-markdown.ts';
import { firstWords, sentences } from './first-words.ts';

const maxLine = 400;
const maxTitle = 100;
const maxKeys = 12;

/** What a document or a file of settings is about, by its title, its description, or what it has at its top. */
export function documentPurpose(path: string, text: string, languageName: string | undefined): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  switch (languageName) {
    case 'Markdown':
      return markdownPurpose(text);
    case 'JSON':
    case 'JSON with Comments':
      return jsonPurpose(name, text);
    case 'TOML':
      return tomlPurpose(text);
    case 'YAML':
      return yamlPurpose(text);
    case 'Go Module':
      return named(field(text, /^module\s+(\S+)/m), 'Go module');
    case 'HTML':
      return cut(cleanLine(field(text, /<title>([^<]{1,200})<\/title>/i)), maxTitle);
    case 'Dockerfile':
      return named('Image', [...text.matchAll(/^FROM\s+(\S+)/gim)].map(([, from]) => `from ${from}`).join(', '));
    case 'reStructuredText':
    case 'AsciiDoc':
    case 'Text':
      return firstWords(withoutMarks(text.slice(0, 6000)));
    default:
      return '';
  }
}

/** Its first heading, or the title of its front matter, and its first plain paragraph. */
function markdownPurpose(text: string): string {
  const lines = text.split('\n', 300);
  const front = /^---\r?\n([\s\S]{0,4000}?)\r?\n---/.exec(text)?.[1] ?? '';
  const title = field(front, /^title:\s*["']?(.+?)["']?\s*$/m) || (findHeadings(lines, maxLine)[0]?.name ?? '');
  const description = field(front, /^(?:description|summary):\s*["']?(.+?)["']?\s*$/m);
  return named(cut(plainTitle(title), maxTitle), description ? sentences(description) : firstParagraph(text));
}

function plainTitle(title: string): string {
  return cleanLine(
    title.replace(/<[^>]{0,300}>|!\[[^\]]*\]\([^)]*\)|[`*]/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'),
  );
}

function firstParagraph(text: string): string {
  return firstWords(withoutMarks(text.slice(0, 12_000)));
}

/** Headings, badges, tables, rows of marks and comments say nothing by themselves. */
function withoutMarks(text: string): string[] {
  const plain = text
    .replace(/^---\r?\n[\s\S]{0,4000}?\r?\n---/, '')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(
      /^(?:\[!\[|!\[|\[[^\]]+\]:|<\/?(?:p|div|h\d|img|a|br|picture|source)\b|[ \t]*(?:[-*+]|\d+\.)[ \t]+\[[^\]\n]*\]\([^)\n]*\)[ \t]*$|\||>\s*\[!|\.\. ).*$/gim,
      '',
    );
  const lines = plain.split('\n');
  return lines.map((line, index) =>
    /^\s*#{1,6}\s/.test(line) || isRule(lines[index + 1]) || isRule(line) ? '' : line,
  );
}

function isRule(line: string | undefined): boolean {
  return line !== undefined && /^(=+|-{3,}|~{3,}|\*{3,})\s*$/.test(line);
}

function jsonPurpose(name: string, text: string): string {
  const value = readJson(text);
  if (Array.isArray(value)) return `A list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return '';
  const fields = new Map(Object.entries(value));
  const word = (key: string) => {
    const found: unknown = fields.get(key);
    return typeof found === 'string' ? found : '';
  };
  const isManifest = /^(?:package|composer|deno|jsr|manifest)\.jsonc?$/.test(name);
  const title = [word('name') || word('title'), isManifest ? word('version') : ''].filter(Boolean).join(' ');
  return named(title, sentences(word('description')) || keysOf([...fields.keys()]));
}

/** The manifest of a package; of other files their tables. */
function tomlPurpose(text: string): string {
  const manifest = /^\[(?:package|project|tool\.poetry)\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const title = field(manifest, /^name\s*=\s*["'](.+?)["']/m);
  const tables = [...text.matchAll(/^\[([\w.-]+)\]/gm)].flatMap(([, name]) => name ?? []);
  return named(title, field(manifest, /^description\s*=\s*"{1,3}(.+?)"/m)) || keysOf([...new Set(tables)]);
}

function yamlPurpose(text: string): string {
  const keys = [...text.matchAll(/^([A-Za-z][\w.-]{0,60}):(?=\s|$)/gm)].flatMap(([, key]) => key ?? []);
  const title = field(text, /^(?:name|title):\s*["']?(.+?)["']?\s*$/m);
  return named(title, field(text, /^description:\s*["']?([^|>].*?)["']?\s*$/m) || keysOf(keys));
}

function keysOf(keys: readonly string[]): string {
  const shown = keys.slice(0, maxKeys).map((key) => cut(cleanLine(key), 40));
  if (shown.length === 0) return '';
  return `Keys ${shown.join(', ')}${keys.length > shown.length ? ` and ${keys.length - shown.length} more` : ''}`;
}

function named(title: string, about: string): string {
  const [first, second] = [cleanLine(title), cleanLine(about)];
  if (first === '' || second === '') return first || second;
  if (second.toLowerCase().startsWith(first.toLowerCase())) return second;
  return `${first.replace(/[.:]$/, '')}: ${second.replace(/^Keys /, 'keys ')}`;
}

function field(text: string, pattern: RegExp): string {
  return cut(pattern.exec(text.slice(0, 20_000))?.[1] ?? '', maxLine);
}
