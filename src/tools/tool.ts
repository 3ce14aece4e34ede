import type * as z from 'zod';
import type { AgentTool } from '../agents/agent-tool.ts';
import type { Agents } from '../agents/agents.ts';
import type { Panel } from '../agents/panel.ts';
import type { Chats } from '../chats/chats.ts';
import type { Dialogue } from '../chats/dialogue.ts';
import type { Library } from '../library/library.ts';
import type { PromptRanker } from '../library/prompt-ranker.ts';
import type { SavedPrompts } from '../library/saved-prompts.ts';
import type { Asker } from '../models/asker.ts';
import type { Ledger } from '../models/ledger.ts';
import type { Contexts } from '../packing/contexts.ts';
import type { Sources } from '../packing/sources.ts';
import type { Planner } from '../plans/planner.ts';
import type { Plans } from '../plans/plans.ts';
import type { Digest } from '../projects/hash-files.ts';
import type { Project, Projects } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Models } from '../providers/models.ts';
import type { Runner } from '../runs/runner.ts';
import type { Runs } from '../runs/runs.ts';
import type { NameSearch } from '../search/name-search.ts';
import type { TextSearch } from '../search/text-search.ts';
import type { TaskJobs } from '../search/threads/task-worker.ts';
import type { Jobs } from '../search/threads/worker.ts';
import type { Toolset } from '../settings.ts';
import type { Cache } from '../store/caches.ts';
import type { FileRanker } from '../summaries/rank-files.ts';
import type { Summaries } from '../summaries/summaries.ts';
import type { Tickets } from '../tickets/tickets.ts';

/** What a tool does to the world; `ask` reads, and may show a model what it has read. The annotations that clients see follow from it. */
export type Effect = 'read' | 'ask' | 'write' | 'destructive' | 'model';

/**
 * A tool is a value. From it come the MCP tool in both protocol eras and the README's table. `run` is declared as a
 * method, so that tools with different inputs fit one plain array.
 */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** `verb_noun`, at most 40 characters; the file is named like it. */
  name: string;
  title: string;
  /** What it does, then when to use it rather than its neighbours; under 600 characters. */
  description: string;
  toolset: Toolset;
  effect: Effect;
  /** Time budget of a call. Default: that of all tools. */
  deadlineMs?: number;
  /** A strict object with every field described. */
  input: Input;
  output: Output;
  /** @throws UserError for what the caller can mend; anything else is taken for a fault of ours. */
  run(input: z.output<Input>, call: Call): Promise<Answer<z.input<Output>>>;
}

/** What a running tool has of its caller and of the server. */
export interface Call {
  projects: Projects;
  tickets: Tickets;
  plans: Plans;
  chats: Chats;
  /** Asks models in them. */
  dialogue: Dialogue;
  planner: Planner;
  workers: WorkerPool<Jobs>;
  textSearch: TextSearch;
  nameSearch: NameSearch;
  taskIndexer: WorkerPool<TaskJobs>;
  digests: Cache<Digest>;
  summaries: Summaries;
  contexts: Contexts;
  fileRanker: FileRanker;
  models: Models;
  asker: Asker;
  ledger: Ledger;
  agents: Agents;
  runner: Runner;
  runs: Runs;
  panel: Panel;
  library: Library;
  savedPrompts: SavedPrompts;
  promptRanker: PromptRanker;
  sources: Sources;
  /** What agents can be given, to read this project. */
  agentTools(project: Project): AgentTool[];
  /** Who calls: the client's name where the caller does not give its own, and the connection over which it calls. */
  caller: Caller;
  /** The person at the client, where there is one who can be asked: `run` may then throw OpenQuestions. */
  person?: { told: Told | undefined };
  /** Time budget, cancellation and progress of this call, to hand to `workers.run` and `taskIndexer.run`. */
  job: JobCall;
}

/** What a person said, or would not say, to the questions that the tool had. */
export interface Told {
  /** As the tool gave it; it comes from outside, like any argument. */
  state: string;
  /** By the keys of the questions. */
  answers: ReadonlyMap<string, string>;
}

/** Questions for the person at the client: `run` is called again, from the top, with what was said. */
export class OpenQuestions extends Error {
  override readonly name = 'OpenQuestions';
  readonly questions: ReadonlyArray<{ key: string; text: string; hint?: string | undefined }>;
  readonly state: string;

  constructor(message: string, questions: OpenQuestions['questions'], state: string) {
    super(message);
    this.questions = questions;
    this.state = state;
  }
}

export interface Caller {
  /** `agent:NAME` */
  source: string;
  connection: string;
  /** When the call came, by `performance.now()`. */
  calledAt: number;
}

/**
 * The two faces of one answer. Some clients show a model only the text and others only the data, so both carry the
 * same facts, the most important first, in short lines.
 */
export interface Answer<Data = Record<string, unknown>> {
  text: string;
  data: Data;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}
