import * as z from 'zod';
import { type Tiers, tiers as tierNames } from '../endpoints.ts';
import { UserError } from '../errors.ts';
import { answerSchema } from '../models/answer-schema.ts';
import type { Asker } from '../models/asker.ts';
import type { AnswerEnd, SentFile } from '../models/question.ts';
import { readAnswer } from '../models/read-answer.ts';
import type { ProjectName } from '../projects/records.ts';
import type { AnswerSchema } from '../providers/provider.ts';
import type { Agent } from './agent-file.ts';
import type { AgentTool, AgentToolResult } from './agent-tool.ts';
import type { Allowance } from './allowance.ts';
import { type CommonWords, createBriefing, type Task } from './briefing.ts';
import { type LoopEnd, type LoopOptions, runLoop, type Step } from './loop.ts';
import { type AgentResult, outputs } from './outputs.ts';
import type { Converse } from './turn.ts';

/** What one agent does, once. */
export interface Work extends Task {
  agent: Agent;
  /** `provider/model` or a tier. */
  model: string;
  project: ProjectName;
  /** Of the run that it is a part of, if of any. */
  runId?: string | undefined;
  /** `agent:NAME` of the client. */
  by: string;
  /** All that read; the agent gets those that its file names. */
  tools: readonly AgentTool[];
  allowance: Allowance;
  signal: AbortSignal;
  onStep(step: Step): void;
}

export interface WorkServices {
  asker: Asker;
  words: CommonWords;
  tiers: Tiers;
  /** Whom an agent may hand a part of its task: ours and the user's own. */
  known(): readonly Agent[];
}

const turnMs = 10 * 60_000;

/** Runs an agent's loop with the tools that its file names, until it has an answer in the form of its kind. */
export async function doWork(work: Work, services: WorkServices): Promise<LoopEnd<AgentResult>> {
  const { agent, allowance, task, paths } = work;
  const form: z.ZodType<AgentResult> = outputs[agent.output];
  const { text: schema, wire } = answerSchema(form, agent.name);
  const briefing = createBriefing(agent, { task, paths, turns: allowance.turnsLeft(), schema }, services.words);
  const accept = (text: string) => readAnswer(form, text);
  const { end } = await runAssigned(work, { ...briefing, accept, wire, files: [] }, services);
  return end;
}

/** What an agent is to do with its tools: what it is told, and what is taken for its answer. */
interface Assignment<Result> extends Pick<LoopOptions<Result>, 'messages' | 'mark' | 'correct' | 'accept'> {
  /** Of an answer that is data. */
  wire?: AnswerSchema | undefined;
  /** Those whose text is in the messages. */
  files: readonly SentFile[];
  /** Hears of the end of each answer of the model. */
  onEnd?: ((end: AnswerEnd) => void) | undefined;
}

export type Assignee = Omit<Work, keyof Task>;

/** @returns with the files whose text was sent */
export async function runAssigned<Result>(
  work: Assignee,
  { wire, files, onEnd, ...briefing }: Assignment<Result>,
  services: WorkServices,
): Promise<{ end: LoopEnd<Result>; files: SentFile[] }> {
  const { allowance, signal, onStep } = work;
  const sent: SentText = new Map(files.map(({ path, ranges = [] }) => [path, [...ranges]]));
  const checkSent = (paths: readonly string[]) => {
    const path = services.asker.withheld(work.model, paths);
    if (path !== undefined) throw withheld(path, work.model);
  };
  const end = await runLoop({
    ...briefing,
    tools: toolsOf(work, services).map((tool) => recording(tool, sent, checkSent)),
    converse: converseOf(work, { wire, sent, onEnd }, services.asker),
    ...{ allowance, signal, onStep },
    lastTurn: services.words.lastTurn,
  });
  return { end, files: filesOf(sent) };
}

/** The model that an agent gets where nobody names one: of its own tier, or of the nearest that has any. */
export function modelOf({ tier }: Pick<Agent, 'tier'>, tiers: Tiers): string | undefined {
  const place = tierNames.indexOf(tier);
  const byNearness = [...tierNames].sort(
    (a, b) => Math.abs(tierNames.indexOf(a) - place) - Math.abs(tierNames.indexOf(b) - place),
  );
  return byNearness.find((name) => tiers[name].length > 0);
}

function converseOf(
  { agent, model, project, runId, by, allowance }: Assignee,
  { wire, sent, onEnd }: Pick<Assignment<never>, 'wire' | 'onEnd'> & { sent: SentText },
  asker: Asker,
): Converse {
  return async function* converse({ messages, tools, maxTokens, signal }) {
    const question = {
      model,
      messages,
      maxTokens,
      files: filesOf(sent),
      ...(tools.length > 0 ? { tools } : wire && { schema: wire }),
    };
    const { budget } = allowance;
    const about = { purpose: agent.name, actor: by, project, ...(runId !== undefined && { runId }) };
    for await (const event of asker.stream(question, { signal, withinMs: turnMs, ...about, budget })) {
      if (event.type === 'end') onEnd?.(event);
      yield event;
    }
  };
}

function toolsOf(work: Assignee, services: WorkServices): AgentTool[] {
  const { tools: wanted } = work.agent;
  const inner = wanted.includes('run_agent') ? work.allowance.inner() : undefined;
  const own = work.tools.filter(({ offer }) => wanted.some((name) => name === offer.name));
  return inner ? [...own, delegation({ ...work, allowance: inner }, services)] : own;
}

const delegated = z.strictObject({ agent: z.string(), task: z.string().min(1).max(20_000) });

/** Another agent as a tool: it takes from the same allowance, and its answer is data like any other. */
function delegation(work: Assignee, services: WorkServices): AgentTool {
  const others = services.known().filter(({ name }) => name !== work.agent.name);
  const { $schema: _, ...parameters } = z.toJSONSchema(delegated);
  return {
    offer: {
      name: 'run_agent',
      description: `Hand a separate part of the task to another agent: ${others.map(({ name }) => name).join(', ')}.`,
      parameters,
    },
    async run(args, signal): Promise<AgentToolResult> {
      const { data, error } = delegated.safeParse(args);
      if (error) throw new UserError('bad_input', `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}.`);
      const agent = others.find(({ name }) => name === data.agent);
      if (!agent) throw new UserError('not_found', `There is no agent ${JSON.stringify(data.agent.slice(0, 60))}.`);
      const end = await doWork({ ...work, agent, task: data.task, paths: [], signal }, services);
      if (end.end !== 'done') throw new UserError('limit', `${agent.name} has no answer. ${end.why}`);
      return { text: JSON.stringify(end.result), data: end.result };
    },
  };
}

const shown = z.object({
  files: z
    .array(
      z.object({
        path: z.string(),
        state: z.string().optional(),
        ...{ from: z.int().optional(), to: z.int().optional() },
        matches: z.array(z.object({ line: z.int(), text: z.string() })).optional(),
      }),
    )
    .catch([]), // get_project counts them
  summaries: z.array(z.object({ path: z.string(), kind: z.string() })).default([]),
  readme_file: z.string().optional(),
});

/** Lines by path; none for a whole file. */
type SentText = Map<string, Array<{ from: number; to: number }>>;

function filesOf(sent: SentText): SentFile[] {
  return [...sent].map(([path, ranges]) => (ranges.length > 0 ? { path, ranges: [...ranges] } : { path }));
}

/** Notes whose text a tool has brought, for the receipts of the turns that send it. What may not be sent, the call fails for. */
function recording(tool: AgentTool, sent: SentText, check: (paths: readonly string[]) => void): AgentTool {
  return {
    ...tool,
    async run(args, signal) {
      const result = await tool.run(args, signal);
      const brought = broughtBy(result);
      check([...sent.keys(), ...brought.keys()]);
      for (const [path, ranges] of brought) {
        const known = sent.get(path);
        const isWhole = known?.length === 0 || ranges.length === 0;
        sent.set(path, isWhole ? [] : [...(known ?? []), ...ranges]);
      }
      return result;
    },
  };
}

function broughtBy({ data }: AgentToolResult): SentText {
  const { files = [], summaries = [], readme_file: readme } = shown.safeParse(data).data ?? {};
  const brought: SentText = new Map();
  if (readme !== undefined) brought.set(readme, []);
  for (const { path, kind } of summaries) if (kind === 'file') brought.set(path, []);
  for (const { path, state = '', from, to, matches = [] } of files) {
    const hits = matches.map(({ line }) => ({ from: line, to: line }));
    const lines = from !== undefined && to !== undefined ? [{ from, to }] : hits;
    const known = brought.get(path);
    if (known?.length === 0 || ['whole', 'summary'].includes(state)) brought.set(path, []);
    else if (lines.length > 0) brought.set(path, [...(known ?? []), ...lines]);
  }
  return brought;
}

function withheld(path: string, model: string): UserError {
  return new UserError(
    'denied',
    `${path} must not be sent to ${model}: the operator keeps it back. Nothing of this call is shown; make it without that file.`,
  );
}
