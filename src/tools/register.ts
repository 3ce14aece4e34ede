import { randomUUID } from 'node:crypto';
import type {
  CallToolResult,
  InputRequiredResult,
  McpServer,
  ServerContext,
  Tool as WireTool,
} from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { sourceOf } from '../caller.ts';
import type { Context } from '../context.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { reportIncident } from '../incident.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall, JobProgress } from '../projects/worker-job.ts';
import { nearest } from '../text/nearest.ts';
import type { BindAgentTools } from './agent-tools.ts';
import { personAt, toInquiry } from './ask-person.ts';
import { checkInput } from './check-input.ts';
import { isToolName, loadTool } from './index.ts';
import { type Call, type Caller, OpenQuestions, type Tool } from './tool.ts';

/**
 * Offers tools to the servers of this process.
 *
 * @param listed those that are offered, as clients see them
 */
export function createToolHandlers(
  listed: WireTool[],
  forAgents: BindAgentTools,
  context: Context,
): (server: McpServer) => void {
  const names = listed.map(({ name }) => name);

  return ({ server }) => {
    const connection = randomUUID();
    server.registerCapabilities({ tools: { listChanged: false } });
    server.setRequestHandler('tools/list', () => ({ tools: listed }));
    server.setRequestHandler('tools/call', async ({ params }, call) => {
      const caller = { source: sourceOf(server, call), connection, calledAt: performance.now() };
      const { name } = params;
      if (!isToolName(name) || !names.includes(name)) throw unknownTool(name, names);
      const tool = await loadTool(name);
      const from = { caller, person: personAt(server, call) };
      return callTool(tool, params.arguments ?? {}, call, from, { context, forAgents });
    });
  };
}

/** The one place where an error of a tool becomes words. */
async function callTool(
  tool: Tool,
  args: unknown,
  call: ServerContext,
  { caller, person }: { caller: Caller; person: Call['person'] },
  { context, forAgents }: { context: Context; forAgents: BindAgentTools },
): Promise<CallToolResult | InputRequiredResult> {
  const { tickets, log } = context;
  tickets.touch(caller.connection).catch((error) => log.debug({ err: error }, 'claims were not renewed'));
  const { signal } = call.mcpReq;
  const progress = progressReporter(call);
  const job = { signal, budgetMs: tool.deadlineMs ?? deadlinesMs.tool, onProgress: progress.report };
  try {
    const services = { ...context, caller };
    const agentTools = (project: Project) => forAgents(project, services);
    const work = tool.run(checkInput(tool, args), { ...services, job, agentTools, ...(person && { person }) });
    const { text, data } = await whileAsked(work, job);
    return { content: [{ type: 'text', text }], structuredContent: data };
  } catch (error) {
    if (error instanceof OpenQuestions) return toInquiry(error);
    if (error instanceof UserError) return failure(`${error.code}: ${error.message}`);
    if (signal.aborted) return failure('cancelled: The caller cancelled this call.');
    return failure(`internal: ${reportIncident(error, log, tool.name)}`);
  } finally {
    progress.end();
  }
}

/** So that the word of the worker pool, which ends what runs in a thread, comes first. */
const graceMs = 1_000;

/** What waits for the store cannot be ended: it goes on without its caller, who is told so. */
async function whileAsked<Result>(work: Promise<Result>, { signal, budgetMs }: JobCall): Promise<Result> {
  const end = Promise.withResolvers<never>();
  const cancel = () => end.reject(signal.reason);
  const timer = setTimeout(() => end.reject(overdue(budgetMs)), budgetMs + graceMs);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await Promise.race([work, end.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

function overdue(budgetMs: number): UserError {
  return new UserError(
    'limit',
    `This took longer than ${budgetMs / 1000} s. A change may still be made: look before you repeat it, or repeat it with the same request_id.`,
  );
}

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

/**
 * Progress goes out only where the caller asked for it, and only forwards. After a cancel or an answer there is nobody to
 * tell, though what was begun may go on.
 */
function progressReporter({ mcpReq }: ServerContext): { report(update: JobProgress): void; end(): void } {
  const progressToken = mcpReq._meta?.progressToken;
  let isOpen = true;
  let last = Number.NEGATIVE_INFINITY;
  return {
    report({ done, total, message, isText }) {
      if (!isOpen || progressToken === undefined || mcpReq.signal.aborted || done <= last) return;
      last = done;
      const known = total !== undefined && total >= done ? { total } : {};
      const text = isText ? message : message.slice(0, 200);
      const params = { progressToken, progress: done, ...known, message: text };
      mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {}); // the caller has gone
    },
    end() {
      isOpen = false;
    },
  };
}

function unknownTool(name: string, known: readonly string[]): ProtocolError {
  const near = nearest(name, known, 5).join(', ');
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Unknown tool ${JSON.stringify(name.slice(0, 100))}. Nearest: ${near}.`,
  );
}
