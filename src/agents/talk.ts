import type { AnswerEnd, SentFile } from '../models/question.ts';
import type { Message } from '../providers/provider.ts';
import { createTalkBriefing } from './briefing.ts';
import type { CallNote } from './call-tools.ts';
import type { LoopEnd } from './loop.ts';
import { type Assignee, runAssigned, type WorkServices } from './work.ts';

/** A question of a conversation, for an agent to answer with its tools. */
export interface Talk extends Assignee {
  /** All that was said, the question last. */
  messages: readonly Message[];
  /** Those whose text is in the messages. */
  files: readonly SentFile[];
}

/** What it said, and how it came to that. */
export interface Spoken {
  end: LoopEnd<string>;
  /** Of each answer of the model, the last of which is what it said. */
  answers: AnswerEnd[];
  calls: CallNote[];
  /** Whose text was sent: what it read as well. */
  files: SentFile[];
}

/** @throws as `runLoop` */
export async function speak({ messages, files, ...work }: Talk, services: WorkServices): Promise<Spoken> {
  const answers: AnswerEnd[] = [];
  const calls: CallNote[] = [];
  const onStep: Assignee['onStep'] = (step) => {
    calls.push(...step.calls);
    work.onStep(step);
  };
  const briefing = createTalkBriefing(work.agent, { messages, turns: work.allowance.turnsLeft() }, services.words);
  const assignment = { ...briefing, files, accept: acceptWords, onEnd: (end: AnswerEnd) => void answers.push(end) };
  return { ...(await runAssigned({ ...work, onStep }, assignment, services)), answers, calls };
}

function acceptWords(text: string): { value: string } | { issue: string } {
  return text.trim() === '' ? { issue: 'It has no words.' } : { value: text };
}
