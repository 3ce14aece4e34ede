import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const clearContext = defineTool({
  name: 'clear_context',
  title: 'Clear context',
  description:
    'Let models see of a branch only what comes from now on, and pins. Nothing is deleted; undo takes it back.',
  toolset: 'chat',
  effect: 'write',
  input: z.strictObject({
    conversation: fields.conversation,
    branch: fields.branch,
    message: fields.message.optional().describe('Begin behind it; default: the end'),
    undo: z.boolean().optional().describe('Take the last one back'),
    request_id: requestId,
    project,
  }),
  output: z.object({
    project: z.string(),
    id: z.string(),
    branch: z.string(),
    message: z.int(),
    cleared: z.boolean(),
    version: z.int(),
  }),

  async run(input, { projects, chats, caller }) {
    const { project: found, number } = await fields.findForChange(input, { projects, chats });
    const { branch, message, undo } = input;
    const author = authorOf('clear_context', input, caller);
    const done = await chats.clearContext(found, number, { branch, message, undo }, author);
    const { projectId, number: _, ...rest } = done;
    const data = { project: projectId, id: conversationId(number), ...rest };
    const name = JSON.stringify(rest.branch);
    const text = rest.cleared
      ? `The context of ${name} in ${data.id} begins behind #${rest.message} now.`
      : `The context of ${name} in ${data.id} does not begin behind #${rest.message} any more.`;
    return { data, text };
  },
});
