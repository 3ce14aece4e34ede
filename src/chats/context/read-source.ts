import * as z from 'zod';
import { withoutAbsent } from '../../text/absent.ts';
import { type Branch, type Conversation, type Message, messageDetails } from '../chat.ts';
import type { Chats } from '../chats.ts';
import type { SummaryHead } from '../rows/summaries.ts';
import type { ContextSource, PathMessage, PathSummary } from './context.ts';

/** Where a question stands. */
export interface Place {
  conversation: Conversation;
  branch: Branch;
  question: Message;
}

/** What is kept with a summary. */
export const summaryDetails = z.object({
  model: z.string(),
  /** Up to which message the path was cleared then; 0 where it was not. */
  cleared: z.int(),
  files: messageDetails.shape.files.unwrap(),
});

const pageSize = 50;
/** What is before that fits into no window: so many messages, or so many tokens of them. */
const most = { messages: 5000, tokens: 2_500_000 };

/** What a model can be shown before and with a question: the path to it along first parents, and what is kept for it. */
export async function readSource(chats: Chats, { conversation, branch, question }: Place): Promise<ContextSource> {
  const { projectId, number, document } = conversation;
  const { marks, start, summaries } = await chats.anchors(projectId, number, question.number);
  const nearest = summaries.flatMap((head) => usable(head, start)).at(0);
  const text = nearest && (await chats.summary(projectId, number, nearest.upTo));
  const path: PathMessage[] = [];
  let tokens = 0;
  let isCut = false;
  let after = { head: question.number, depth: question.depth + 1 };
  for (;;) {
    const page = await chats.path(projectId, number, branch.name, { order: 'newest', limit: pageSize, after });
    path.push(...page.messages.flatMap(toPathMessage));
    tokens += page.messages.reduce((sum, message) => sum + message.tokens, 0);
    const oldest = page.messages.at(-1)?.number ?? 0;
    const isFull = path.length >= most.messages || tokens >= most.tokens;
    isCut = page.next !== undefined && isFull;
    if (!page.next || isFull || oldest <= (start ?? 0)) break;
    after = page.next;
  }
  return {
    system: document.system ?? '',
    path: path.reverse(),
    pins: new Set(marks.filter(({ kind }) => kind === 'pin').map(({ message }) => message)),
    clearedUpTo: start,
    summary: nearest && text !== undefined ? { ...nearest, text } : undefined,
    ...{ base: branch.base, isCut },
  };
}

export function toPathMessage({ number, role, text, kind, deletedAt, details }: Message): PathMessage[] {
  if (role === 'system' || deletedAt !== undefined) return [];
  return [{ number, role, text, isMerge: kind === 'merge', files: (details.files ?? []).map(withoutAbsent) }];
}

/** One that was made when another part of the path was cleared says too much or too little. */
function usable({ message, details }: SummaryHead, start: number | undefined): Array<Omit<PathSummary, 'text'>> {
  const { data } = summaryDetails.safeParse(details);
  if (!data || data.cleared !== (start ?? 0)) return [];
  return [{ upTo: message, files: data.files.map(withoutAbsent) }];
}
