import type { Asker } from '../../models/asker.ts';
import { createDataMark, markAsData } from '../../models/data-mark.ts';
import { type Answered, type AskCall, type SentFile, UnusableAnswer } from '../../models/question.ts';
import { thoughts } from '../../models/read-answer.ts';
import { cleanText } from '../../text/clean.ts';
import { fill } from '../../text/fill.ts';
import { filesOf, type PathMessage, tokensOf } from './context.ts';
import { trimmed } from './trim-text.ts';

/** What models are told to make a short text of messages, as files in `prompts/chats` say it. Each has `{{mark}}`. */
export interface SummarizeWords {
  summarize: string;
  /** Has `{{wanted}}` as well. */
  mergeBranch: string;
}

export interface Summarizer {
  /** What stands for an earlier summary and the messages after it. @throws as `Asker.ask` */
  summarize(wanted: WantedSummary, call: AskCall): Promise<Answered<string>>;
  /** What one branch tells another. @param wanted what the user wants to know above all; perhaps nothing */
  tellOther(messages: readonly PathMessage[], wanted: string, model: string, call: AskCall): Promise<Answered<string>>;
}

export interface WantedSummary {
  earlier: string | undefined;
  messages: readonly PathMessage[];
  /** Those whose text is in all that. */
  files: readonly SentFile[];
  model: string;
  maxTokens: number;
  /** Estimated tokens that one question may have. */
  room: number;
}

interface Asked {
  model: string;
  files: readonly SentFile[];
  maxTokens: number;
  wanted?: string;
}

export const usualRoom = 24_000;
const mostCalls = 12;
const messageShare = 0.3;
const temperature = 0.2;

export function createSummarizer({ asker, words }: { asker: Asker; words: SummarizeWords }): Summarizer {
  return {
    async summarize({ earlier, messages, files, model, maxTokens, room }, call) {
      const parts = inParts(messages, room);
      if (parts.length > mostCalls) throw new UnusableAnswer('There is too much for one summary to be made of.');
      let last: Answered<string> | undefined;
      for (const part of parts) {
        const before = last?.value ?? earlier;
        const text = [...(before === undefined ? [] : [`Summary of what came before:\n${before}`]), part].join('\n\n');
        last = await ask(words.summarize, text, { model, files, maxTokens }, call);
      }
      if (!last) throw new UnusableAnswer('There is nothing to make a summary of.');
      return last;
    },

    async tellOther(messages, wanted, model, call) {
      const [part = '', ...rest] = inParts(messages, usualRoom);
      if (rest.length > 0) throw new UnusableAnswer('The branch is too long for one summary; merge it by "pick".');
      const focus = wanted && `The user wants to know above all: ${wanted}`;
      return ask(words.mergeBranch, part, { model, files: filesOf(messages), maxTokens: 1024, wanted: focus }, call);
    },
  };

  async function ask(
    system: string,
    text: string,
    { model, files, maxTokens, wanted = '' }: Asked,
    call: AskCall,
  ): Promise<Answered<string>> {
    const mark = createDataMark();
    const messages = [
      { role: 'system' as const, text: fill(system, { mark, wanted }).trim() },
      { role: 'user' as const, text: markAsData(text, mark) },
    ];
    const answer = await asker.ask({ model, messages, maxTokens, temperature, files }, call);
    const value = cleanText(answer.value).replace(thoughts, '').trim();
    if (value === '') throw new UnusableAnswer(`${answer.model} has written nothing.`);
    return { ...answer, value };
  }
}

/** Transcripts that each fit; of a long message the head and the tail. */
function inParts(messages: readonly PathMessage[], room: number): string[] {
  const most = Math.floor(room * messageShare);
  const parts: string[][] = [];
  let left = 0;
  for (const message of messages) {
    const short = { ...message, text: trimmed(message.text, most) };
    left -= tokensOf(short, { ratio: 1 });
    if (left < 0) {
      parts.push([]);
      left = room - tokensOf(short, { ratio: 1 });
    }
    parts.at(-1)?.push(describe(short));
  }
  return parts.map((part) => part.join('\n\n'));
}

function describe({ role, text }: PathMessage): string {
  return `${role === 'user' ? 'User' : 'Assistant'}:\n${text}`;
}
