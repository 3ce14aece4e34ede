import type { Agent } from '../../agents/agent-file.ts';
import type { AgentTool } from '../../agents/agent-tool.ts';
import type { Agents } from '../../agents/agents.ts';
import type { Spoken } from '../../agents/talk.ts';
import type { AskCall, SentFile } from '../../models/question.ts';
import { ProviderFailure } from '../../providers/failure.ts';
import type { Message } from '../../providers/provider.ts';
import { describeStep } from '../../runs/run-view.ts';
import type { AnswerEars, Draft } from './answer.ts';

/** An agent that takes part in a conversation, with what it may read. */
export interface Speaker {
  agent: Agent;
  tools: readonly AgentTool[];
}

interface AskedAgent {
  speaker: Speaker;
  model: string;
  messages: readonly Message[];
  /** Those whose text is in the messages. */
  files: readonly SentFile[];
}

/**
 * Has an agent answer, with its tools. What it does meanwhile is told step by step; the answer comes as a whole.
 *
 * @throws as `Agents.speak`, and ProviderFailure and SpendingLimit of a call that could not be made
 */
export async function askAgent(
  { speaker, model, messages, files }: AskedAgent,
  { signal, withinMs, project, actor = 'agent' }: AskCall,
  { agents, ears, draft }: { agents: Pick<Agents, 'speak'>; ears: AnswerEars; draft: Draft },
): Promise<void> {
  if (!project) throw new Error('an agent reads a project');
  const spoken = await agents.speak({
    ...{ ...speaker, model, messages, files, project, by: actor, signal, withinMs },
    onStep: (step) => ears.onStep(describeStep(step)),
  });
  const { end, answers, calls } = spoken;
  const isTooLong = end.end !== 'done' && end.cause instanceof ProviderFailure && end.cause.kind === 'too_long';
  if (isTooLong && calls.length === 0) throw end.cause;
  draft.text = end.end === 'done' ? end.result : end.text;
  ears.onText(draft.text);
  Object.assign(draft, { calls, files: spoken.files, end: sumOf(answers) });
  draft.receipts.push(...answers.map(({ receipt }) => receipt));
  draft.notes.push(...new Set(answers.flatMap(({ notes }) => notes)));
  if (end.end === 'done') return;
  if (end.cause) throw end.cause;
  draft.failure = { kind: 'limit', why: end.why, again: 'now' };
}

/** The last answer, with what all of them took. */
function sumOf(answers: Spoken['answers']): Draft['end'] {
  const last = answers.at(-1);
  if (!last) return undefined;
  const costs = answers.flatMap(({ cost }) => cost ?? []);
  return {
    ...last,
    usage: {
      input: answers.reduce((sum, { usage }) => sum + (usage?.input ?? 0), 0),
      output: answers.reduce((sum, { usage }) => sum + (usage?.output ?? 0), 0),
    },
    cost: costs.length > 0 ? costs.reduce((sum, each) => sum + each, 0) : undefined,
  };
}
