import type { CompleteRequest, McpServer, ServerContext } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Context } from './context.ts';
import { deadlinesMs } from './deadlines.ts';
import { withProtocolErrors } from './incident.ts';
import type { PromptArgument } from './library/prompt-file.ts';
import { findPrompt } from './prompts/register.ts';
import { resources } from './resources/index.ts';

const maxValues = 100; // by the protocol

interface Suggestions {
  values: string[];
  total: number;
}

/** Suggests values for the arguments of prompts and for the variables of resource templates, while a user types. */
export function createCompletionHandler(context: Context): (mcp: McpServer) => void {
  return ({ server }) => {
    server.registerCapabilities({ completions: {} });
    server.setRequestHandler('completion/complete', (request, call) =>
      withProtocolErrors({ log: context.log, during: 'completion/complete', signal: call.mcpReq.signal }, async () => {
        const { values, total } = await complete(request, context, call);
        return { completion: { values: values.slice(0, maxValues), total, hasMore: total > maxValues } };
      }),
    );
  };
}

function complete(
  { params }: CompleteRequest,
  context: Context,
  call: ServerContext,
): Promise<Suggestions> | Suggestions {
  const { ref, argument } = params;
  const known = params.context?.arguments ?? {};
  if (ref.type === 'ref/prompt') {
    const declared = findPrompt(context.prompts, ref.name).arguments.find(({ name }) => name === argument.name);
    return suggest(declared?.complete, argument.value, known.project, context, call);
  }
  if (!resources.some(({ uriTemplate }) => uriTemplate === ref.uri)) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `Unknown resource template ${JSON.stringify(ref.uri.slice(0, 200))}.`,
    );
  }
  const source = argument.name === 'project' ? 'projects' : 'files';
  return suggest(source, argument.value, known.project, context, call);
}

async function suggest(
  source: PromptArgument['complete'],
  value: string,
  project: string | undefined,
  { projects, workers }: Context,
  { mcpReq }: ServerContext,
): Promise<Suggestions> {
  if (source === 'files') {
    if (projects.list().length === 0) return { values: [], total: 0 };
    const input = { root: projects.find(project), query: value, include: [], exclude: [], limit: maxValues, offset: 0 };
    const { paths, total } = await workers.run('findPaths', input, {
      signal: mcpReq.signal,
      budgetMs: deadlinesMs.completion,
    });
    return { values: paths, total };
  }
  const all = source === 'projects' ? projects.list().map(({ id }) => id) : (source ?? []);
  const values = all.filter((each) => each.toLowerCase().startsWith(value.toLowerCase()));
  return { values, total: values.length };
}
