import { UserError } from '../../errors.ts';
import type { ProjectName } from '../../projects/records.ts';
import { type ChatAuthor, type Message, messageId } from '../chat.ts';
import type { Chats } from '../chats.ts';
import type { Dialogue, DialogueCall, ToldTurn } from './dialogue.ts';
import { lastQuestion } from './find-question.ts';
import { checkQuestion } from './turns.ts';

/** One question, and the models that are to answer it, each on a branch of its own. */
export interface SideBySide {
  project: ProjectName;
  /** Of the conversation. */
  number: number;
  question: Message;
  models: readonly string[];
}

/** What came of one of them: a turn, which may have no answer, or why there is none. */
export type SideAnswer = { model: string; branch: string } & ({ told: ToldTurn } | { refusal: string });

/** @param message default: the last question of the main branch. @throws UserError for what is no question */
export async function findSideQuestion(
  chats: Chats,
  projectId: string,
  number: number,
  message: number | undefined,
): Promise<Message> {
  if (message === undefined) return lastQuestion(chats, projectId, number, { again: true });
  const question = await chats.message(projectId, number, message);
  checkQuestion(question, messageId(number, message));
  return question;
}

/**
 * All at once, and one that fails leaves the others alone. The branch that the question is on stays as it is.
 *
 * @throws as `Dialogue.send`, once all have ended
 */
export async function askSideBySide(
  { project, number, question, models }: SideBySide,
  author: ChatAuthor,
  call: DialogueCall,
  { chats, dialogue }: { chats: Chats; dialogue: Dialogue },
): Promise<SideAnswer[]> {
  const branches: string[] = [];
  for (const [index, model] of models.entries()) {
    const fork = { message: question.number, position: 'after' as const, name: model.slice(0, maxName), model };
    branches.push((await chats.fork(project, number, fork, partOf(author, `fork-${index}`))).branch);
  }
  const { onProgress, ...quiet } = call;
  let done = 0;
  const asking = models.map(async (model, index): Promise<SideAnswer> => {
    const branch = branches[index] ?? model;
    const wanted = {
      ...{ branch, model, strategy: 'auto' as const },
      find: async () => ({ conversation: number, question: { message: question.number } }),
    };
    try {
      const told = await dialogue.send(project, wanted, partOf(author, `turn-${index}`), quiet);
      return { model, branch: told.branch.name, told };
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof UserError) return { model, branch, refusal: error.message };
      throw error;
    } finally {
      onProgress?.({ done: ++done, message: `${done} of ${models.length} models have answered` });
    }
  });
  await Promise.allSettled(asking);
  return Promise.all(asking);
}

/** As branches have them. */
const maxName = 100;

/** Of a call that changes several things, each has a request id of its own. */
function partOf({ source, request }: ChatAuthor, part: string): ChatAuthor {
  return { source, request: request && { ...request, id: `${request.id}~${part}` } };
}
