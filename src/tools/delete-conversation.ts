import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { UserError } from '../errors.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const deleteConversation = defineTool({
  name: 'delete_conversation',
  title: 'Delete conversation',
  description:
    'Take a conversation out of lists and searches; restore brings it back, purge removes all of it for good.',
  toolset: 'chat',
  effect: 'destructive',
  input: z.strictObject({
    conversation: fields.conversation,
    restore: z.boolean().default(false).describe('Bring it back'),
    purge: z.boolean().default(false).describe('For good'),
    request_id: requestId,
    project,
  }),
  output: z.object({ project: z.string(), id: z.string(), state: z.string(), version: z.int() }),

  async run(input, { projects, chats, caller }) {
    const { restore, purge } = input;
    if (restore && purge) throw new UserError('bad_input', 'Give "restore" or "purge", not both.');
    const { project: found, number } = await fields.findConversation(input, projects);
    const author = authorOf('delete_conversation', input, caller);
    const how = purge ? 'purge' : restore ? 'restore' : 'delete';
    const { projectId, version, state } = await chats.remove(found, number, how, author);
    const data = { project: projectId, id: conversationId(number), state, version };
    const hint = state === 'deleted' ? ' delete_conversation with "restore": true brings it back.' : '';
    return { data, text: `${data.id} in ${projectId} is ${state}.${hint}` };
  },
});
