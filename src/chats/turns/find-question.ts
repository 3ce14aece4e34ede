import { UserError } from '../../errors.ts';
import { deadMs } from '../../store/signs-of-life.ts';
import { type Message, messageId } from '../chat.ts';
import type { Chats } from '../chats.ts';
import type { FoundQuestion } from './dialogue.ts';

/** How a caller says what is to be answered. */
export interface Asked {
  branch?: string | undefined;
  /** A new message. */
  text?: string | undefined;
  /** The last question anew. */
  again: boolean;
  /** The number of an answer that was cut off. */
  continueFrom?: number | undefined;
}

const mostSeen = 50;

/** @throws UserError where there is nothing to answer */
export async function findQuestion(
  chats: Chats,
  projectId: string,
  number: number,
  asked: Asked,
): Promise<FoundQuestion> {
  const { branch, text, again, continueFrom } = asked;
  if ([text !== undefined, again, continueFrom !== undefined].filter(Boolean).length > 1) {
    throw new UserError('bad_input', 'Give only one of "text", "again" and "continue_from".');
  }
  if (text !== undefined) return { conversation: number, question: { text } };
  if (continueFrom !== undefined) return goingOn(await chats.message(projectId, number, continueFrom), number);
  const message = await lastQuestion(chats, projectId, number, { branch, again });
  return { conversation: number, question: { message: message.number } };
}

/** @throws UserError where there is none on the branch, it is being answered, or, unless `again`, it has an answer */
export async function lastQuestion(
  chats: Chats,
  projectId: string,
  number: number,
  { branch, again }: Pick<Asked, 'branch' | 'again'>,
): Promise<Message> {
  await refuseOpen(chats, projectId, number, branch);
  const { messages } = await chats.path(projectId, number, branch, { order: 'newest', limit: mostSeen });
  const question = again ? messages.find(isQuestion) : messages.slice(0, 1).find(isQuestion);
  if (question) return question;
  const last = messages[0];
  throw new UserError(
    'bad_input',
    last
      ? `${messageId(number, last.number)}, the last message, is answered. Give "text" to go on, or "again": true for another answer.`
      : 'There is no message to answer yet. Begin with send_message and "text".',
  );
}

/** A question that is being answered is not on its branch yet: the last one there would be an older one. */
async function refuseOpen(chats: Chats, projectId: string, number: number, name: string | undefined): Promise<void> {
  await chats.turns.settleLeft(projectId, number);
  const { branch, running } = await chats.get(projectId, number, name);
  const { head = 0 } = branch;
  const open = running.find((turn) => turn.branch === branch.id && turn.question > head);
  if (!open) return;
  throw new UserError(
    'conflict',
    `${messageId(number, open.question)} is open: it is being answered, or its server has died, which shows after ${deadMs / 1000} s. Wait for its answer with get_conversation, or call again then.`,
  );
}

function isQuestion({ role, deletedAt }: Message): boolean {
  return role === 'user' && deletedAt === undefined;
}

function goingOn(message: Message, number: number): FoundQuestion {
  const isCut = message.status === 'interrupted' || message.details.finish_reason === 'length';
  if (message.role === 'assistant' && message.parent !== undefined && message.deletedAt === undefined && isCut) {
    return { conversation: number, question: { message: message.parent }, continueFrom: message };
  }
  throw new UserError(
    'bad_input',
    `${messageId(number, message.number)} is no answer that was cut off. Give "text" to go on from it.`,
  );
}
