import * as z from 'zod';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const deleteBranch = defineTool({
  name: 'delete_branch',
  title: 'Delete branch',
  description:
    'Take a branch away, not the main one; what other branches have of it stays, and restore brings it back.',
  toolset: 'chat',
  effect: 'destructive',
  input: z.strictObject({
    conversation: fields.conversation,
    branch: fields.branchName.describe('Its name'),
    restore: z.boolean().default(false).describe('Bring it back'),
    if_head: fields.ifHead,
    request_id: requestId,
    project,
  }),
  output: fields.branchOutput,

  async run(input, { projects, chats, caller }) {
    const { project: found, number } = await fields.findForChange(input, { projects, chats });
    const { branch, restore, if_head: ifHead } = input;
    const author = authorOf('delete_branch', input, caller);
    const done = await chats.removeBranch(found, number, branch, { restore, ifHead }, author);
    const data = fields.branchData(done);
    const name = JSON.stringify(data.branch);
    const what = restore ? `is back and ends at #${data.head}` : 'is deleted; "restore": true brings it back';
    return { data, text: `Branch ${name} of ${data.id} ${what} (version ${data.version}).` };
  },
});
