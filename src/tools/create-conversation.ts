import * as z from 'zod';
import { conversationId, mainBranch } from '../chats/chat.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const createConversation = defineTool({
  name: 'create_conversation',
  title: 'Create conversation',
  description: 'Start an empty conversation with a branch "main".',
  toolset: 'chat',
  effect: 'write',
  input: z.strictObject({
    title: fields.title.optional().describe('Default: Untitled'),
    model: fields.model,
    system: fields.system,
    metadata: fields.metadata.describe('Your own fields, up to 50'),
    request_id: requestId,
    project,
  }),
  output: z.object({ project: z.string(), id: z.string(), title: z.string(), branch: z.string(), version: z.int() }),

  async run({ title, model, system, metadata, ...input }, { projects, chats, caller }) {
    const found = await projects.findKept(input.project);
    const asked = { title, model, system, metadata };
    const author = authorOf('create_conversation', { ...input, ...asked }, caller);
    const { projectId, number, version, title: given } = await chats.create(found, asked, author);
    const data = { project: projectId, id: conversationId(number), title: given, branch: mainBranch, version };
    return { data, text: `${data.id} in ${projectId}: ${given} (branch main, no message yet)` };
  },
});
