import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { UserError } from '../errors.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const deleteMessage = defineTool({
  name: 'delete_message',
  title: 'Delete message',
  description:
    'Hide a message on all branches, from people and models; what follows it stays. restore shows it again, purge ' +
    'overwrites its text and that of its copies for good.',
  toolset: 'chat',
  effect: 'destructive',
  input: z.strictObject({
    conversation: fields.conversation,
    message: fields.message.describe('Its number'),
    reason: fields.reason,
    restore: z.boolean().default(false).describe('Show it again'),
    purge: z.boolean().default(false).describe('For good'),
    request_id: requestId,
    project,
  }),
  output: z.object({
    project: z.string(),
    id: z.string(),
    message: z.int(),
    state: z.string(),
    copies: z.int(),
    version: z.int(),
  }),

  async run(input, { projects, chats, caller }) {
    const { restore, purge, reason } = input;
    if (restore && purge) throw new UserError('bad_input', 'Give "restore" or "purge", not both.');
    const { project: found, number } = await fields.findForChange(input, { projects, chats });
    const how = purge ? 'purge' : restore ? 'restore' : 'delete';
    const author = authorOf('delete_message', input, caller);
    const done = await chats.removeMessage(found, number, input.message, { how, reason }, author);
    const { projectId, message, state, copies, version } = done;
    const data = { project: projectId, id: conversationId(number), message, state, copies, version };
    const rest = copies > 0 ? `, with ${copies} copies of it` : '';
    return { data, text: `#${message} of ${data.id} is ${state}${rest} (version ${version}).` };
  },
});
