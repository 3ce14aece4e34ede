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
  /** Of one that answers in a conversation. */
  talk: string;
  /** What it is told where its answer cannot be used; has `{{issue}}`. */
  correctTalk: string;
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

/** @param messages of a conversation, as a model without tools would get them */
export function createTalkBriefing(
  agent: Agent,
  { messages, turns }: { messages: readonly Message[]; turns: number },
  words: CommonWords,
) {
  const mark = createDataMark();
  const rules = `${fill(words.rules, { name: agent.name, mark, turns: String(turns) })}\n\n${words.talk}`;
  const [first] = messages;
  const own = first?.role === 'system' ? [first.text] : [];
  const said = messages.slice(own.length);
  const isProjects = agent.source === 'project';
  const told = isProjects ? said.map((each, at) => (at === said.length - 1 ? instructed(agent, each) : each)) : said;
  return {
    messages: [system([rules, ...(isProjects ? [] : [agent.instructions]), ...own].join('\n\n')), ...told],
    mark: (text: string) => markAsData(text, mark),
    correct: (issue: string) => fill(words.correctTalk, { issue }),
  };
}

/** What a repository brings has no more weight than the question. */
function instructed({ instructions }: Agent, message: Message): Message {
  return { ...message, text: `${instructions}\n\n${message.text}` };
}

function system(text: string): Message {
  return { role: 'system', text };
}
