import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const editMessage = defineTool({
  name: 'edit_message',
  title: 'Edit message',
  description:
    'Say a message otherwise: a new one beside it, on a new branch, or with in_place on the branch itself, whose old end is ' +
    'kept. Nothing is overwritten.',
  toolset: 'chat',
  effect: 'write',
  input: z.strictObject({
    conversation: fields.conversation,
    message: fields.message.describe('Its number'),
    text: fields.messageText.describe('The new text'),
    in_place: z.boolean().default(false).describe('Move the branch to it'),
    branch: fields.branch,
    name: fields.branchName.optional().describe('Of the new branch'),
    if_head: fields.ifHead,
    request_id: requestId,
    project,
  }),
  output: z.object({
    project: z.string(),
    id: z.string(),
    message: z.int(),
    branch: z.string(),
    kept: z.string().optional(),
    version: z.int(),
  }),

  async run(input, { projects, chats, caller }) {
    const { project: found, number } = await fields.findForChange(input, { projects, chats });
    const { text, branch, name, in_place: isInPlace, if_head: ifHead } = input;
    const author = authorOf('edit_message', input, caller);
    const done = await chats.editMessage(
      found,
      number,
      input.message,
      { text, branch, name, isInPlace, ifHead },
      author,
    );
    const { projectId, message, branch: onto, kept, version } = done;
    const data = {
      ...{ project: projectId, id: conversationId(number), message, branch: onto, version },
      ...fields.keptView(kept),
    };
    return {
      data,
      text: `#${message} of ${data.id} stands in place of #${input.message} on ${JSON.stringify(onto)}.${fields.keptWords(kept)}`,
    };
  },
});
