import type * as z from 'zod';
import type { AgentTool } from '../agents/agent-tool.ts';
import type { Context } from '../context.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { Toolset } from '../settings.ts';

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

/** What of the server is no tool's business. */
type Withheld = 'log' | 'settings' | 'store' | 'watcher' | 'instructions' | 'close';

/** What a running tool has of the server and of its caller. */
export interface Call extends Omit<Context, Withheld> {
  /** What agents can be given, to read this project. */
  agentTools(project: Project): Promise<AgentTool[]>;
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
