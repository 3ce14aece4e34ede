import type { CompleteRequest, McpServer } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Context } from './context.ts';
import { deadlinesMs } from './deadlines.ts';
import { withProtocolErrors } from './incident.ts';
import type { PromptArgument } from './library/prompt.ts';
import { findArgument } from './prompts/register.ts';
import { resources } from './resources/index.ts';
import { type ResourceCall, resourceCall } from './resources/resource.ts';
import {
  maxSuggestions,
  noSuggestions,
  type Suggestions,
  suggestFiles,
  suggestFrom,
  suggestModels,
  suggestPlans,
  suggestProjects,
  suggestPrompts,
  suggestTickets,
} from './resources/suggestions.ts';

/** Suggests values for the arguments of prompts and for the variables of resource templates, while a user types. */
export function createCompletionHandler(context: Context): (mcp: McpServer) => void {
  return ({ server }) => {
    server.registerCapabilities({ completions: {} });
    server.setRequestHandler('completion/complete', ({ params }, call) =>
      withProtocolErrors({ log: context.log, during: 'completion/complete', signal: call.mcpReq.signal }, async () => {
        const { values, total } = await complete(params, context, resourceCall(context, call, deadlinesMs.completion));
        return {
          completion: { values: values.slice(0, maxSuggestions), total, hasMore: total > maxSuggestions },
        };
      }),
    );
  };
}

async function complete(
  { ref, argument, context: typed }: CompleteRequest['params'],
  { library }: Context,
  call: ResourceCall,
): Promise<Suggestions> {
  const known = typed?.arguments ?? {};
  if (ref.type === 'ref/prompt') {
    const { declared, project } = await findArgument(library, ref.name, argument.name, call.job);
    return suggest(declared?.complete, argument.value, known.project ?? project, call);
  }
  const resource = resources.find(({ uriTemplate }) => uriTemplate === ref.uri);
  if (resource) return (await resource.complete?.(argument.name, argument.value, known, call)) ?? noSuggestions;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Unknown resource template ${JSON.stringify(ref.uri.slice(0, 200))}.`,
  );
}

async function suggest(
  source: PromptArgument['complete'],
  value: string,
  project: string | undefined,
  call: ResourceCall,
): Promise<Suggestions> {
  switch (source) {
    case 'files':
      return suggestFiles(value, project, call);
    case 'tickets':
      return suggestTickets(value, project, call);
    case 'plans':
      return suggestPlans(value, project, call);
    case 'prompts':
      return suggestPrompts(value, call);
    case 'models':
      return suggestModels(value, call);
    case 'projects':
      return suggestProjects(value, call);
    default:
      return suggestFrom(source ?? [], value);
  }
}
