import * as z from 'zod';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const createBranch = defineTool({
  name: 'create_branch',
  title: 'Create branch',
  description: 'Fork a conversation at any message, to go on from there otherwise. Nothing is copied.',
  toolset: 'chat',
  effect: 'write',
  input: z.strictObject({
    conversation: fields.conversation,
    name: fields.branchName.optional().describe('A taken one gets a number'),
    message: fields.message.optional().describe('Default: the end of from'),
    position: z.enum(['after', 'before']).default('after').describe('Of the message'),
    from: fields.branch,
    description: fields.description,
    model: fields.model,
    context_mode: fields.contextMode,
    if_head: fields.ifHead,
    request_id: requestId,
    project,
  }),
  output: fields.branchOutput,

  async run(input, { projects, chats, caller }) {
    const { project: found, number } = await fields.findForChange(input, { projects, chats });
    const { name, message, position, from: branch, description, model, context_mode: contextMode } = input;
    const fork = { name, message, position, branch, description, model, contextMode, ifHead: input.if_head };
    const done = await chats.fork(found, number, fork, authorOf('create_branch', input, caller));
    const data = fields.branchData(done);
    const made = JSON.stringify(data.branch);
    return { data, text: `Branch ${made} of ${data.id} goes on behind #${data.head} (version ${data.version}).` };
  },
});
