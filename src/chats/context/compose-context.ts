import { createHash } from 'node:crypto';
import { markAsData } from '../../models/data-mark.ts';
import type { Message } from '../../providers/provider.ts';
import { fill } from '../../text/fill.ts';
import type { Context, PathMessage } from './context.ts';

/** What is said around what a model gets to see, as files in `prompts/chats` say it; each with `{{mark}}` and `{{text}}`. */
export interface ContextWords {
  earlier: string;
  merged: string;
}

/**
 * The context as messages for a provider: the same words for the same context, byte for byte, so that its cache of prompts
 * serves, and no two of one role in a row, which some models do not take.
 */
export function composeContext({ system, notes, summary, messages }: Context, words: ContextWords): Message[] {
  const said = messages.map(({ role, text, isMerge }) => ({
    role,
    text: isMerge ? asRecord(words.merged, [{ text, isData: true }]) : text,
  }));
  const kept = [
    ...notes.map((note) => ({ text: note.text, isData: note.role !== 'user' || note.isMerge })),
    ...(summary ? [{ text: summary.text, isData: true }] : []),
  ];
  return [
    ...(system ? [{ role: 'system' as const, text: system }] : []),
    ...joined([...(kept.length > 0 ? [{ role: 'user' as const, text: asRecord(words.earlier, kept) }] : []), ...said]),
  ];
}

/**
 * Texts within a template, those marked that are data; what the user wrote may be an instruction, and stays one. The mark
 * is made of all that it stands around: nobody can write a text that holds its own, and the same texts get the same one
 * each time.
 */
export function asRecord(template: string, parts: ReadonlyArray<{ text: string; isData: boolean }>): string {
  const hash = createHash('sha256');
  for (const { text } of parts) hash.update(`${text.length} ${text}`);
  const mark = hash.digest('hex').slice(0, 24);
  const text = parts.map((part) => (part.isData ? markAsData(part.text, mark) : part.text)).join('\n\n');
  return fill(template, { mark, text }).trim();
}

type Said = Pick<PathMessage, 'role' | 'text'>;

function joined(messages: readonly Said[]): Said[] {
  const all: Said[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (last?.role === message.role) last.text += `\n\n${message.text}`;
    else all.push({ ...message });
  }
  return all;
}
