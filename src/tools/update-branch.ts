import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const updateBranch = defineTool({
  name: 'update_branch',
  title: 'Update branch',
  description:
    'Rename or describe a branch, set its model or how much context it shows, archive it, make it the main one, or let it ' +
    'go on at another message; only what is given changes.',
  toolset: 'chat',
  effect: 'write',
  input: z.strictObject({
    conversation: fields.conversation,
    branch: fields.branch,
    name: fields.branchName.optional().describe('A taken one gets a number'),
    description: fields.description,
    model: fields.model,
    context_mode: fields.contextMode,
    status: z.enum(['active', 'archived']).optional().describe('Archived or not'),
    main: z.literal(true).optional().describe('Make it the main one'),
    head: fields.message.optional().describe('Message to go on at'),
    if_head: fields.ifHead,
    request_id: requestId,
    project,
  }),
  output: z.object({
    project: z.string(),
    id: z.string(),
    branch: z.string(),
    head: z.int(),
    status: z.string(),
    main: z.boolean(),
    changed: z.array(z.string()),
    kept: z.string().optional(),
    version: z.int(),
  }),

  async run(input, { projects, chats, caller }) {
    const { project: found, number } = await fields.findForChange(input, { projects, chats });
    const { name, description, model, context_mode: contextMode, status, main: isMain, head, if_head: ifHead } = input;
    const wanted = { name, description, model, contextMode, status, isMain, head, ifHead };
    const author = authorOf('update_branch', input, caller);
    const done = await chats.updateBranch(found, number, input.branch, wanted, author);
    const { projectId, number: _, id: __, kept, ...now } = done;
    const data = { project: projectId, id: conversationId(number), ...now, ...fields.keptView(kept) };
    const what = now.changed.join('; ') || 'nothing has changed';
    const about = `Branch ${JSON.stringify(now.branch)} of ${data.id}, which ends at #${now.head} (version ${now.version})`;
    return { data, text: `${about}: ${what}.${fields.keptWords(kept)}${noteOf(now)}` };
  },
});

/** What archiving does not do. */
function noteOf({ status, main }: { status: string; main: boolean }): string {
  if (status !== 'archived') return '';
  if (!main) return ' It takes messages still; "status": "active" brings it back.';
  return ' It is archived and the main branch still, which is meant where none is named; update_branch with "main": true makes another that.';
}
