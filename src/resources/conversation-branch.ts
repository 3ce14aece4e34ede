import { parseConversationId } from '../chats/chat.ts';
import { branchMarkdown } from '../chats/looks/markdown.ts';
import { conversation } from './conversation.ts';
import { findNumbered } from './numbered.ts';
import { defineResource } from './resource.ts';
import { noSuggestions, suggestConversations, suggestFrom } from './suggestions.ts';

const mimeType = 'text/markdown';
const most = 1000;

export const conversationBranch = defineResource({
  name: 'conversation-branch',
  title: 'Branch of a conversation',
  description: 'One branch as Markdown, its last messages.',
  uriTemplate: 'octant://conversations/{id}/branches/{branch}',
  mimeType,

  async read({ id, branch }, { projects, chats }) {
    const { project, number } = await findNumbered(id, parseConversationId, projects);
    return { mimeType, text: await branchMarkdown(chats, project.id, number, branch) };
  },

  /** Known from the tree. */
  list: async () => ({ resources: [] }),

  watch: ({ id }, services, notify) => conversation.watch({ id }, services, notify),

  async complete(variable, value, known, call) {
    if (variable === 'id') return suggestConversations(value, call);
    if (known.id === undefined) return noSuggestions;
    const { project, number } = await findNumbered(known.id, parseConversationId, call.projects);
    const { branches } = await call.chats.branches(project.id, number, { limit: most });
    return suggestFrom(
      branches.map(({ name }) => name),
      value,
    );
  },
});
