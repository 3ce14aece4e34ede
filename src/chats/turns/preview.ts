import { NoModel } from '../../providers/models.ts';
import { withoutAbsent } from '../../text/absent.ts';
import type { Branch, Conversation } from '../chat.ts';
import type { Chats } from '../chats.ts';
import type { ContextSource } from '../context/context.ts';
import { readSource } from '../context/read-source.ts';
import { checkHead } from '../rows/branch-rows.ts';
import type { Answerer, ChatQuestion, Previewed } from './answer.ts';
import { type AnswerWish, modelFor } from './answer-turn.ts';
import type { TurnBegin } from './turns.ts';

/** A question that nobody has asked yet, or not of this model. */
export interface Planned {
  projectId: string;
  /** Its number; none where the question would begin it. */
  conversation: number | undefined;
  branch?: string | undefined;
  ifHead?: number | undefined;
  question: TurnBegin['question'];
  wish: AnswerWish;
}

interface Found {
  conversation: Conversation;
  branch: Branch;
}

/** What would be sent: nothing is asked, and nothing is kept. @throws as `Answerer.preview`, NoModel */
export async function previewTurn(
  planned: Planned,
  signal: AbortSignal,
  { chats, answerer, defaultModel }: { chats: Chats; answerer: Answerer; defaultModel: string | undefined },
): Promise<Previewed> {
  const { projectId, conversation: number, branch: name, ifHead, wish } = planned;
  const found = number === undefined ? undefined : await chats.get(projectId, number, name);
  if (found) checkHead(found.branch, ifHead);
  const model = modelFor(wish, found) ?? defaultModel;
  if (model === undefined) throw new NoModel('medium');
  const { maxTokens, strategy, continueFrom, speaker } = wish;
  const question: ChatQuestion = {
    ...{ model, maxTokens, strategy, speaker, begun: continueFrom?.text },
    source: await sourceOf(planned, found, chats),
    mode: found?.branch.details.context_mode ?? 'full',
  };
  return answerer.preview(question, signal);
}

async function sourceOf({ question }: Planned, found: Found | undefined, chats: Chats): Promise<ContextSource> {
  if (!found) return withNew({ system: '', path: [], pins: new Set() }, question, 1);
  const { conversation, branch } = found;
  const { projectId, number, document, messages } = conversation;
  const end = 'message' in question ? question.message : branch.head;
  const source =
    end === undefined
      ? { system: document.system ?? '', path: [], pins: new Set<number>() }
      : await readSource(chats, { ...found, question: await chats.message(projectId, number, end) });
  return withNew(source, question, messages + 1);
}

function withNew(source: ContextSource, question: Planned['question'], number: number): ContextSource {
  if ('message' in question) return source;
  const { text, details } = question;
  const message = {
    number,
    role: 'user' as const,
    text,
    isMerge: false,
    files: (details?.files ?? []).map(withoutAbsent),
  };
  return { ...source, path: [...source.path, message] };
}
