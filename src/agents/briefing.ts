import type { DataWords } from '../models/ask-for.ts';
import { createDataMark, markAsData } from '../models/data-mark.ts';
import type { Message } from '../providers/provider.ts';
import { fill } from '../text/fill.ts';
import type { Agent } from './agent-file.ts';

/** What every agent is told beside its own instructions, as the files in `prompts/server` say it. */
export interface CommonWords extends DataWords {
  /** Has `{{name}}`, `{{mark}}` and `{{turns}}`. */
  rules: string;
  lastTurn: string;
}

export interface Task {
  task: string;
  /** Files and folders that the task is about. */
  paths: readonly string[];
}

/** @param schema of the answer, as the model is to read it */
export function createBriefing(
  agent: Agent,
  { task, paths, turns, schema }: Task & { turns: number; schema: string },
  words: CommonWords,
) {
  const mark = createDataMark();
  const rules = fill(words.rules, { name: agent.name, mark, turns: String(turns) });
  const about = paths.length > 0 ? `Files: ${paths.join(', ')}\n\n` : '';
  const request = `${about}Task: ${task}\n\n${fill(words.answerAsData, { schema })}`;
  const messages: Message[] =
    agent.source === 'project' // what a repository brings has no more weight than the task
      ? [system(rules), { role: 'user', text: `${agent.instructions}\n\n${request}` }]
      : [system(`${rules}\n\n${agent.instructions}`), { role: 'user', text: request }];
  return {
    messages,
    mark: (text: string) => markAsData(text, mark),
    correct: (issue: string) => fill(words.correctAnswer, { issue }),
  };
}

function system(text: string): Message {
  return { role: 'system', text };
}
