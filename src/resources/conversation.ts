import type { Resource as WireResource } from '@modelcontextprotocol/server';
import { type Conversation, conversationId, fullConversationId, parseConversationId } from '../chats/chat.ts';
import { branchMarkdown } from '../chats/looks/markdown.ts';
import { findNumbered, listNumbered } from './numbered.ts';
import { defineResource } from './resource.ts';
import { noSuggestions, suggestConversations } from './suggestions.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://conversations/{id}';
const mimeType = 'text/markdown';

export const conversation = defineResource({
  name: 'conversation',
  title: 'Conversation',
  description:
    'The main branch of a conversation as Markdown, its last messages: C-3 of the default project, or shop.C-3.',
  uriTemplate,
  mimeType,

  async read({ id }, { projects, chats }) {
    const { project, number } = await findNumbered(id, parseConversationId, projects);
    return { mimeType, text: await branchMarkdown(chats, project.id, number, undefined) };
  },

  /** Those of one project after the other, the newest first. */
  list: (page, { projects, chats }) =>
    listNumbered(
      page,
      {
        parseId: parseConversationId,
        idOf: (project, { number }) => fullConversationId(project, number),
        list: (project, before, limit) => {
          const after = before === undefined ? undefined : ([before, before] as const);
          return chats.list(project, { state: 'active', order: 'created', limit, after });
        },
        toWire,
      },
      projects,
    ),

  async watch({ id }, { projects, chats }, notify) {
    const found = await findNumbered(id, parseConversationId, projects).catch(() => undefined);
    if (!found) return undefined;
    return chats.watch((projectId, number) => projectId === found.project.id && number === found.number, notify);
  },

  complete: async (variable, value, _known, call) =>
    variable === 'id' ? suggestConversations(value, call) : noSuggestions,
});

function toWire(project: string, { number, document }: Conversation): WireResource {
  const uri = expandUri(uriTemplate, { id: fullConversationId(project, number) });
  return { uri, name: `${conversationId(number)} ${document.title}`, mimeType };
}
