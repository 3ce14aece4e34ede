import { parseConversationId } from '../chats/chat.ts';
import { lineView } from '../chats/looks/outline.ts';
import { branchView, conversationView } from '../chats/looks/view.ts';
import { fitting } from '../text/fitting.ts';
import { conversation } from './conversation.ts';
import { findNumbered } from './numbered.ts';
import { defineResource } from './resource.ts';

const mimeType = 'application/json';
const most = 1000;
/** Of branches and of lines, each. */
const mostCharacters = 60_000;

export const conversationTree = defineResource({
  name: 'conversation-tree',
  title: 'Tree of a conversation',
  description: 'The branches of a conversation, and its lines of messages with where each goes on from, as JSON.',
  uriTemplate: 'octant://conversations/{id}/tree',
  mimeType,

  async read({ id }, { projects, chats }) {
    const { project, number } = await findNumbered(id, parseConversationId, projects);
    const heads = await chats.branches(project.id, number, { limit: most });
    const { conversation: found, lines, hasMore } = await chats.lines(project.id, number, { limit: most });
    const branches = fitting(heads.branches.map(branchView), mostCharacters);
    const shown = fitting(lines.map(lineView), mostCharacters);
    const isCut = heads.hasMore || branches.length < heads.branches.length || hasMore || shown.length < lines.length;
    const tree = {
      ...{ conversation: conversationView(found, mostCharacters), max_depth: found.depth, branches, lines: shown },
      ...(isCut && { is_cut: true, more: 'get_conversation with "view": "branches" or "tree" has all of it by page' }),
    };
    return { mimeType, text: JSON.stringify(tree) };
  },

  /** Known from the conversations, which are listed. */
  list: async () => ({ resources: [] }),

  watch: (variables, services, notify) => conversation.watch(variables, services, notify),

  complete: async (variable, value, known, call) => {
    return conversation.complete?.(variable, value, known, call) ?? { values: [], total: 0 };
  },
});
