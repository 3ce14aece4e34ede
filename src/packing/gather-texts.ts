import type { Chats } from '../chats/chats.ts';
import type { Library } from '../library/library.ts';
import { asksForSomething } from '../pack-flags.ts';
import type { Projects } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import { tokenizerOf } from '../text/tokens.ts';
import type { ContextQuestion } from './contexts.ts';
import { readConversation } from './conversation-text.ts';
import type { WantedText } from './pack.ts';
import { renderPrompts } from './prompt-texts.ts';
import type { Source, Sources } from './sources.ts';

/** What was asked for besides files. */
export interface GatheredTexts {
  /** In the order in which they are shown. */
  wanted: WantedText[];
  /** The files that the diff shows. */
  changed: string[];
  /** What else says what the files are for. */
  about: string[];
  notes: string[];
}

export interface TextServices {
  sources: Sources;
  projects: Projects;
  chats: Chats;
  /** Asked for when it is needed, since its prompts may hold contexts in their turn. */
  library(): Library;
}

/** What the newest part of a conversation is worth beside all of it, the longer part first. */
const spokenWorth = [0.9, 0.7];

/** Of the budget, for a tree beside anything else: it says in little what lies where. */
const treeShare = 0.25;
/** What is as long as it may be has a heading too. */
const withHeading = 0.9;

/** @throws UserError for what is not there or may not be read */
export async function gatherTexts(
  question: ContextQuestion,
  { sources, ...services }: TextServices,
  left: () => JobCall,
): Promise<GatheredTexts> {
  const { project, budget, model, actor, ticket, plan, diff, tree } = question;
  const prompts = await gatherPrompts();
  const wanted: WantedText[] = [];
  const hasMore = asksForSomething({ ...question, prompts: question.prompts ?? [], tree: false });
  if (tree) await add('', { kind: 'tree' }, hasMore ? treeShare : 1);
  if (plan !== undefined) await add(plan, { kind: 'plan', of: plan });
  if (ticket !== undefined) await add(ticket, { kind: 'ticket', of: ticket });
  const spoken = await gatherConversation();
  const changed = diff ? (await add('', { kind: 'diff' })).paths : undefined;
  return { wanted: [...wanted, ...prompts], changed: changed ?? [], ...spoken };

  async function add(name: string, source: Source, share = 1) {
    const found = await read(source, Math.floor(budget * share * withHeading));
    wanted.push({ kind: source.kind, name, ...found });
    return found;
  }

  function read(source: Source, maxTokens: number) {
    return sources.read(source, { project, maxTokens, model, actor }, left());
  }

  /** What was chosen already, or makes no sense in part. */
  function readWhole(text: string) {
    return read({ kind: 'text', of: text }, Number.POSITIVE_INFINITY);
  }

  async function gatherConversation() {
    const { conversation: name } = question;
    if (name === undefined) return { about: [], notes: [] };
    const { scale: ratio } = tokenizerOf(model);
    const { about, versions, tokens, note } = await readConversation(name, { project, budget, ratio }, services);
    const read = await Promise.all(
      versions.map(async (version) => ({ ...version, ...(await readWhole(version.text)) })),
    );
    const levels = read.map(({ text, isWhole }, at) => {
      return isWhole
        ? { name: 'full' as const, text, worth: 1 }
        : { name: 'part' as const, text, worth: spokenWorth[at] ?? 0.5 };
    });
    const [first] = read;
    if (first) {
      const of = first.isWhole ? first.tokens : Math.max(first.tokens, tokens);
      wanted.push({ kind: 'conversation', name, text: first.text, redactions: first.redactions, levels, of });
    }
    return { about: [about], notes: note === undefined ? [] : [note] };
  }

  async function gatherPrompts(): Promise<WantedText[]> {
    const { prompts: names = [], task, conversation } = question;
    const asked = { project, actor, values: { task, ticket, plan, conversation } };
    const rendered = names.length === 0 ? [] : await renderPrompts(names, asked, services.library(), left);
    return Promise.all(
      rendered.map(async ({ name, ...prompt }) => {
        const { text, redactions } = await readWhole(prompt.text);
        return { kind: 'instructions', name, text, redactions, levels: [{ name: 'full', text, worth: 1 }] };
      }),
    );
  }
}
