import type { McpServer, ServerContext, Prompt as WirePrompt } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { sourceOf } from '../caller.ts';
import type { Context } from '../context.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { withProtocolErrors } from '../incident.ts';
import type { Library, ListedAnywhere } from '../library/library.ts';
import { allArguments } from '../library/render.ts';
import type { LibraryWatch } from '../library/watch-library.ts';
import type { JobCall } from '../projects/worker-job.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';

const pageSize = 100;
const question = 'prompts';

/** Offers every prompt of the library as an MCP prompt to the servers of this process. */
export function createPromptHandlers(context: Context): (mcp: McpServer) => void {
  const { library, log } = context;

  return ({ server }) => {
    server.registerCapabilities({ prompts: { listChanged: true } });
    let watching: LibraryWatch | undefined;
    server.setRequestHandler('prompts/list', async ({ params }, call) => {
      // A 2025 client hears of changes of what it has asked for; a modern one listens (`transports/listened.ts`).
      if (!call.mcpReq.envelope) watching ??= library.watch(() => void server.sendPromptListChanged().catch(() => {}));
      await watching?.watched;
      return answer('prompts/list', call, (job) => list(params?.cursor, job));
    });
    server.setRequestHandler('prompts/get', ({ params }, call) =>
      answer('prompts/get', call, async (job) => {
        const found = await library.find(params.name, job).catch(asUnknown);
        const reader = { job, actor: sourceOf(server, call) };
        const { text } = await library.render(found, params.arguments ?? {}, reader);
        return {
          description: found.prompt.document.description,
          messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
        };
      }),
    );
    const { onclose } = server;
    server.onclose = () => {
      onclose?.();
      watching?.release();
    };
  };

  function answer<T>(during: string, { mcpReq }: ServerContext, action: (job: JobCall) => Promise<T>): Promise<T> {
    const { signal } = mcpReq;
    return withProtocolErrors({ log, during, signal }, () => action({ signal, budgetMs: deadlinesMs.prompt }));
  }

  async function list(cursor: string | undefined, job: JobCall) {
    const after = cursor === undefined ? '' : decodeCursor(cursor, question, z.string());
    const left = (await library.listAll(job)).filter(({ prompt }) => prompt.reference > after);
    const page = left.slice(0, pageSize);
    const last = page.at(-1)?.prompt;
    const next = last && left.length > page.length ? { nextCursor: encodeCursor(question, last.reference) } : {};
    return { prompts: page.map(toWire), ...next };
  }
}

/** An argument of a prompt, and the project that the prompt is used in. */
export async function findArgument(library: Library, reference: string, name: string, job: JobCall) {
  const found = await library.find(reference, job).catch(asUnknown);
  const declared = argumentsOf(found).find((each) => each.name === name);
  return { declared, project: found.list.project?.id };
}

/** The protocol has an error of its own for a name that nothing has. */
function asUnknown(error: unknown): never {
  if (!(error instanceof UserError) || error.code !== 'not_found') throw error;
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
}

function toWire(listed: ListedAnywhere): WirePrompt {
  const { reference, head } = listed.prompt;
  const { title, description } = head;
  const declared = argumentsOf(listed);
  return {
    ...{ name: reference, title, description },
    arguments: declared.map(({ name, description: said, required }) => ({ name, description: said ?? name, required })),
  };
}

/** Those of the prompts that it includes too; one that includes what is not there is listed all the same. */
function argumentsOf({ prompt, list: { prompts } }: ListedAnywhere) {
  try {
    return allArguments(prompt, (name) => prompts.find((each) => each.name === name));
  } catch (error) {
    if (error instanceof UserError) return prompt.head.arguments;
    throw error;
  }
}
