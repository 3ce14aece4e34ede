import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { UserError } from '../errors.ts';
import { fitting } from '../text/fitting.ts';
import { authorOf, ifVersion, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

const bookmark = z
  .string()
  .max(120)
  .regex(/^#?\d{1,9}\b/, 'begins with the number of a message');

export const updateConversation = defineTool({
  name: 'update_conversation',
  title: 'Update conversation',
  description:
    'Change title, model, system text, fields, pins (kept in the context) or bookmarks of a conversation, archive it, or ' +
    'undo the last such change. Only what is given changes; an empty model or system text takes it away.',
  toolset: 'chat',
  effect: 'write',
  input: z.strictObject({
    conversation: fields.conversation,
    title: fields.title.optional().describe('One line'),
    model: fields.model,
    system: fields.system,
    metadata: fields.metadata.describe('Your own fields, up to 50'),
    archived: z.boolean().optional().describe('Out of the list'),
    pin: fields.messages.optional().describe('Messages to pin'),
    unpin: fields.messages.optional().describe('To unpin'),
    bookmark: z.array(bookmark).max(50).optional().describe('e.g. ["12 the idea"]'),
    unbookmark: fields.messages.optional().describe('Messages to drop'),
    undo: z.boolean().optional().describe('The last change; again: redo'),
    if_version: ifVersion,
    request_id: requestId,
    project,
  }),
  output: z.object({
    project: z.string(),
    id: z.string(),
    title: z.string(),
    changed: z.array(z.string()),
    version: z.int(),
  }),

  async run(input, { projects, chats, caller }) {
    const { project: found, number } = await fields.findConversation(input, projects);
    const author = authorOf('update_conversation', input, caller);
    const { undo, if_version: ifVersion, bookmark, ...wanted } = input;
    const marked = bookmark?.map(parseBookmark);
    if (undo) refuseMore(input);
    const done = undo
      ? await chats.undo(found, number, ifVersion, author)
      : await chats.update(found, number, { ...wanted, bookmark: marked, ifVersion }, author);
    const { title, version } = done;
    const changed = fitting(done.changed, mostChanges, 0);
    const data = { project: done.projectId, id: conversationId(number), title, changed, version };
    const more = done.changed.length - changed.length;
    const what = [...changed, ...(more > 0 ? [`${more} more`] : [])].join('; ') || 'nothing has changed';
    const how = undo ? 'taken back (undo again brings it back). Now: ' : '';
    return { data, text: `${data.id} ${JSON.stringify(title)} in ${data.project}, version ${version}: ${how}${what}.` };
  },
});

const mostChanges = 4000;

function parseBookmark(text: string) {
  const [, number, label = ''] = /^#?(\d+)\b[\s:]*(.*)$/s.exec(text) ?? [];
  return { message: Number(number), label: label.replace(/\s+/g, ' ').trim() };
}

const besideUndo = new Set(['conversation', 'undo', 'if_version', 'request_id', 'project']);

function refuseMore(input: object) {
  const others = Object.entries(input).filter(([name, value]) => value !== undefined && !besideUndo.has(name));
  if (others.length === 0) return;
  const names = others.map(([name]) => name).join(', ');
  throw new UserError('bad_input', `"undo" takes back the last change and goes with no other; leave out ${names}.`);
}
