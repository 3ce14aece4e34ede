import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { type BranchComparison, compareBranches as compare } from '../chats/compare-branches.ts';
import { fitting } from '../text/fitting.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

const mostMessages = 100;
const mostFacts = 20;

export const compareBranches = defineTool({
  name: 'compare_branches',
  title: 'Compare branches',
  description:
    'What branches share and dispute behind their fork: files, identifiers, numbers, verdicts and claims, found by words ' +
    'without a model.',
  toolset: 'chat',
  effect: 'read',
  input: z.strictObject({
    conversation: fields.conversation,
    branches: z.array(fields.branchName).min(2).max(8).describe('2 to 8 names'),
    project,
  }),
  output: z.looseObject({
    project: z.string(),
    id: z.string(),
    mode: z.literal('offline'),
    branches: z.array(z.looseObject({ branch: z.string() })),
  }),

  async run(input, { projects, chats }) {
    const { project: found, number } = await fields.findConversation(input, projects);
    const { base, parts } = await chats.apart(found.id, number, input.branches, mostMessages);
    const names = parts.map(({ branch }) => branch.name);
    const view = viewOf(compare(parts.map(({ messages }) => messages)), names);
    const branches = parts.map(({ branch, messages, total }) => {
      return { branch: branch.name, head: branch.head ?? 0, messages: total, compared: messages.length };
    });
    const data = {
      ...{ project: found.id, id: conversationId(number), mode: 'offline' as const, branches },
      ...{ ...(base !== undefined && { base }), ...view },
    };
    const head = branches.map((each) => `${each.branch} (${each.messages} messages, ends at #${each.head})`).join(', ');
    return { data, text: [`${data.id}, behind #${base ?? 0}: ${head}`, ...describe(view)].join('\n') };
  },
});

/** Branches by their names, within what an answer may have. */
function viewOf({ facts, claims }: BranchComparison, names: readonly string[]) {
  const nameAll = (by: readonly number[]) => by.map((index) => names[index] ?? '');
  const tables = facts.map(({ kind, shared, disputed }) => ({
    ...{ kind, shared: fitting(shared.slice(0, mostFacts), 400) },
    disputed: fitting(
      disputed.slice(0, mostFacts).map(({ fact, by }) => `${fact} (${nameAll(by).join(', ')})`),
      600,
    ),
  }));
  return {
    facts: tables,
    shared_claims: fitting(
      claims.shared.map(({ claim }) => claim),
      1200,
    ),
    disputed_claims: fitting(
      claims.opposed.map(({ one, other }) => ({
        one: `${one.claim} (${nameAll(one.by).join(', ')})`,
        other: `${other.claim} (${nameAll(other.by).join(', ')})`,
      })),
      1200,
    ),
    own_claims: fitting(
      claims.alone.map(({ claim, by }) => `${claim} (${nameAll(by).join(', ')})`),
      1500,
    ),
  };
}

function describe(view: ReturnType<typeof viewOf>): string[] {
  return [
    ...view.facts.map(({ kind, shared, disputed }) => {
      return `${kind}: shared ${shared.join(', ') || 'none'}; disputed ${disputed.join(', ') || 'none'}`;
    }),
    ...view.disputed_claims.map(({ one, other }) => `disputed: ${one} | ${other}`),
    ...view.shared_claims.map((claim) => `shared: ${claim}`),
    ...view.own_claims.map((claim) => `own: ${claim}`),
  ];
}
