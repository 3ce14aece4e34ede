import { type Conversation, conversationId, type Message } from '../chat.ts';
import type { Looks } from './looks.ts';
import { shownText } from './view.ts';

/** What stands above the messages of a branch. */
export function markdownHead({ number, document }: Conversation, branch: string): string {
  return `# ${document.title}\n\n${conversationId(number)}, branch ${branch}`;
}

export function messageMarkdown(message: Message): string {
  const { number, role, details, status } = message;
  const notes = [details.model, status === 'complete' ? undefined : status].filter(Boolean).join(', ');
  const text = shownText(message);
  const left = text === message.text ? message.unread : 0;
  const more = left > 0 ? `…\n\n(${left} characters more: get_conversation with "message": ${number})` : '';
  return `## ${number} ${role}${notes ? ` (${notes})` : ''}\n\n${belowHeading(text)}${more}`;
}

/** The text of a message, with its own headings two levels further down. */
export function belowHeading(text: string): string {
  return text.replace(/^(#{1,4}) /gm, '##$1 ');
}

const mostMessages = 200;
const mostCharacters = 200_000;
/** Of a message; so no look reads more than 200 times as many. */
const mostOfMessage = 50_000;

/** The last messages of a branch, as many as fit; a running turn at the end. */
export async function branchMarkdown(
  looks: Pick<Looks, 'path' | 'get'>,
  projectId: string,
  number: number,
  name: string | undefined,
): Promise<string> {
  const page = await looks.path(projectId, number, name, {
    ...{ order: 'newest', limit: mostMessages, most: mostOfMessage },
  });
  const { running } = await looks.get(projectId, number, name);
  let room = mostCharacters;
  const shown = page.messages.filter(({ text }, index) => {
    room -= text.length;
    return room >= 0 || index === 0;
  });
  const left = page.total - shown.length;
  const now = running
    .filter(({ branch }) => branch === page.branch.id)
    .map(({ partial, isLeft }) => {
      return `## ${isLeft ? 'an answer that its server has left' : 'an answer is being written'}\n\n${partial || '(no word yet)'}`;
    });
  return [
    markdownHead(page.conversation, page.branch.name),
    ...shown.reverse().map(messageMarkdown),
    ...(left > 0 ? [`(${left} earlier messages: get_conversation)`] : []),
    ...now,
  ].join('\n\n');
}
