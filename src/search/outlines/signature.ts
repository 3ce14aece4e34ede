import { cut } from '../../text/cut.ts';
import type { OutlineEntry } from '../../text/outline.ts';

const maxSignature = 220;
const maxLines = 24;
const valueKinds = new Set(['const', 'var', 'let', 'property', 'key', 'table', 'heading']);

/** A declaration up to its body, on one line: `function add(a: number, b: number): number`. */
export function wholeSignature(lines: readonly string[], { line, kind, signature }: OutlineEntry): string {
  if (valueKinds.has(kind)) return cut(bare(signature).replace(/\s*(?:=>?\s*)?[{([]$/, ''), 120);
  if (kind === 'macro') return cut(signature.replace(/\s*\\$/, ''), 120);
  const text = lines.slice(line - 1, line - 1 + maxLines).join('\n');
  const end = kind === 'type' ? endOfType(text) : startOfBody(text);
  const whole = text.slice(0, end).replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/,? \)/g, ')').trim();
  return cut(bare(whole).replace(/\s*(?:=>?|:|;)?$/, ''), maxSignature);
}

/** Without what only says that others may use it. */
function bare(signature: string): string {
  return signature.replace(/^(?:export\s+(?:declare\s+)?(?!default)|pub(?:\([^)]*\))?\s+)/, '');
}

/** The first brace, colon or arrow outside of brackets that begins a body, or the end of the statement. */
function startOfBody(text: string): number {
  let depth = 0;
  let before = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '\n' && depth <= 0 && !/[,|&:=(<]$/.test(before) && !startsOn(text, at + 1)) return at;
    if (depth <= 0) {
      if (character === '{' && !/[:<|&,=]$/.test(before)) return at;
      if (character === ';') return at;
      if (character === '=' && text[at + 1] === '>') return at;
      if (character === ':' && /^:\s*(?:#[^\n]*)?(?:\n|$)/.test(text.slice(at, at + 80))) return at;
    }
    if ('({['.includes(character)) depth++;
    else if (')}]'.includes(character)) depth--;
    if (character.trim() !== '') before = character;
  }
  return text.length;
}

/** Whether the next line goes on with the one before. */
function startsOn(text: string, at: number): boolean {
  return /^\s*(?:[{|&.:>]|->|=>|where\b|extends\b|implements\b|throws\b|\))/.test(text.slice(at, at + 60));
}

function endOfType(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if ('({[<'.includes(character)) depth++;
    else if (')}]'.includes(character) || (character === '>' && text[at - 1] !== '=')) depth--;
    else if (
      depth <= 0 &&
      (character === ';' ||
        (character === '\n' &&
          !/^\s*[|&=]/.test(text.slice(at + 1, at + 40)) &&
          !/[=|&]\s*$/.test(text.slice(Math.max(0, at - 3), at))))
    )
      return at;
  }
  return text.length;
}
