import type { Json } from './merge-patch.ts';

/** What colours the text of a terminal or moves its cursor, whole: without its first character the rest would be shown. */
const terminal = new RegExp(`(?:${'\u001b'}\\[|${'\u009b'})[0-?]*[ -/]*[@-~]`, 'g');
/** C0 and C1 controls and DEL, without tab and newline. */
const controls = /(?![\t\n])\p{Cc}/gu;
/**
 * What hides or reorders text: zero-width spaces, bidirectional controls, and the tag characters in which orders to a
 * model can be hidden (Unicode TR 36 and TR 39). The joiners of emoji and of Indic and Persian words stay.
 */
const invisible =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Text of several lines as it may be stored and shown: unpaired surrogates replaced, newlines as LF. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(terminal, '').replace(/\r\n?/g, '\n').replace(controls, '').replace(invisible, '');
}

/** A line of a file, or its name, as it is shown: controls as escapes, so that no name can look like a line of an answer. */
export function visibleLine(line: string): string {
  return line.replace(/(?!\t)\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** As `cleanText`, on one line and without space around it. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim();
}

/** With all texts within as `cleanText` leaves them. */
export function cleanFields(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cleanAny(each)]));
}

function cleanAny(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanAny);
  return typeof value === 'object' && value !== null ? cleanFields(value) : value;
}

/** Whether all texts within are as `cleanText` leaves them, the names of fields too. */
export function isCleanJson(value: Json | undefined): boolean {
  if (typeof value === 'string') return cleanText(value) === value;
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => cleanText(key) === key && isCleanJson(inner));
}
