import { parseConversationId } from '../chats/chat.ts';
import type { Chats } from '../chats/chats.ts';
import { type Context, type ContextRules, type ContextSource, chooseContext } from '../chats/context/context.ts';
import { readSource } from '../chats/context/read-source.ts';
import { trimmed } from '../chats/context/trim-text.ts';
import { belowHeading } from '../chats/looks/markdown.ts';
import type { Project, Projects } from '../projects/registry.ts';
import { counted } from '../text/count.ts';
import { estimateTokens } from '../text/estimate-tokens.ts';

/** What a conversation has to say within a budget. */
export interface ConversationText {
  /** The title and the last question. */
  about: string;
  /** The dearest first; none where there is no message. */
  versions: Array<{ text: string; isWhole: boolean }>;
  /** Estimated, of all messages. */
  tokens: number;
  note?: string;
}

/** Of the budget: the files are to have most of it. */
const shares = [0.4, 0.15];

/**
 * The newest messages of a branch, with what is pinned; the older ones by the summary that is kept of them, or left out. No
 * model is asked.
 *
 * @param reference `C-3`, `shop.C-3` or `C-3/branch`
 * @throws UserError for what is no such reference, or not there
 */
export async function readConversation(
  reference: string,
  { project, budget, ratio }: { project: Project; budget: number; ratio: number },
  { chats, projects }: { chats: Chats; projects: Projects },
): Promise<ConversationText> {
  const [id = '', ...path] = reference.split('/');
  const { project: named, number } = parseConversationId(id);
  const found = await projects.findKept(named ?? project.id);
  const { conversation, branch } = await chats.get(found.id, number, path.join('/') || undefined);
  const { title } = conversation.document;
  if (branch.head === undefined) return { about: title, versions: [], tokens: 0, note: `${id} has no message yet` };
  const question = await chats.message(found.id, number, branch.head);
  const source = { ...(await readSource(chats, { conversation, branch, question })), system: '' };
  const contexts = shares.flatMap((share) => newest(source, { mode: 'full', ratio, budget: share * budget }) ?? []);
  const open = source.path.filter(({ number }) => number > (source.clearedUpTo ?? 0));
  const all = source.isCut ? question.depth + 1 : open.length;
  const words = new Set(open.map(({ text }) => text));
  const cutIn = ({ notes, messages }: Context) => [...notes, ...messages].filter(({ text }) => !words.has(text)).length;
  const versions = contexts.map((context) => {
    const isWhole = context.messages.length === all && cutIn(context) === 0;
    return { text: write(title, branch.name, context, all), isWhole };
  });
  const [longest] = contexts;
  const note = longest ? leftOutNote(id, longest, cutIn(longest), all) : `no message of ${id} fits`;
  return {
    about: [title, source.path.findLast(({ role }) => role === 'user')?.text ?? ''].join('\n'),
    versions: versions.filter(({ text }, at) => text !== versions[at - 1]?.text),
    tokens: open.reduce((sum, { text }) => sum + estimateTokens(text), 0),
    ...(note !== undefined && { note }),
  };
}

/** The last message is cut where it has no room by itself. */
function newest(
  source: ContextSource,
  rules: Omit<ContextRules, 'strategy'> & { budget: number },
): Context | undefined {
  const chosen = chooseContext(source, { ...rules, strategy: 'window' });
  if (chosen.fits) return chosen.context;
  const path = source.path.slice(-1).map((message) => {
    return { ...message, text: trimmed(message.text, Math.floor(rules.budget / rules.ratio / 2)) };
  });
  const short = chooseContext({ ...source, path, summary: undefined }, { ...rules, strategy: 'window' });
  return short.fits ? short.context : undefined;
}

function write(title: string, branch: string, { notes, summary, messages }: Context, all: number): string {
  const last = messages.length === all ? `all ${all}` : `the newest ${messages.length} of ${all}`;
  const kept = [...notes, ...messages].map(({ number, role, text }) => `## ${number} ${role}\n\n${belowHeading(text)}`);
  return [
    `# ${title}`,
    `Branch ${branch}, ${last} messages.`,
    ...(summary ? [`## Summary of those up to ${summary.upTo}\n\n${belowHeading(summary.text)}`] : []),
    ...kept,
  ].join('\n\n');
}

/** @param cut how many of the messages that are shown are not whole */
function leftOutNote(id: string, { messages, notes, summary }: Context, cut: number, all: number): string | undefined {
  const older = all - messages.length - notes.length;
  const parts = [
    older > 0 ? `${older} of ${all} messages are ${summary ? 'summarized' : 'left out'}` : '',
    cut > 0 ? `${counted(cut, 'long one is', 'long ones are')} cut` : '',
  ].filter(Boolean);
  return parts.length === 0 ? undefined : `${id}: ${parts.join(', ')}`;
}
