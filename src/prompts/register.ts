import type { McpServer } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Context } from '../context.ts';
import { withProtocolErrors } from '../incident.ts';
import { type PromptFile, renderPrompt } from '../library/prompt-file.ts';
import { nearest } from '../text/nearest.ts';

/** Offers the prompt files as MCP prompts to the servers of this process. */
export function createPromptHandlers(context: Context): (mcp: McpServer) => void {
  const { prompts, log } = context;
  const listed = { prompts: prompts.map(toWire) };

  return ({ server }) => {
    server.registerCapabilities({ prompts: { listChanged: false } });
    server.setRequestHandler('prompts/list', () => listed);
    server.setRequestHandler('prompts/get', ({ params }, call) =>
      withProtocolErrors({ log, during: 'prompts/get', signal: call.mcpReq.signal }, () => {
        const prompt = findPrompt(prompts, params.name);
        const text = renderPrompt(prompt, params.arguments ?? {});
        return {
          description: prompt.description,
          messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
        };
      }),
    );
  };
}

/** @throws ProtocolError for an unknown name, with the nearest known ones. */
export function findPrompt(prompts: readonly PromptFile[], name: string): PromptFile {
  const prompt = prompts.find((each) => each.name === name);
  if (prompt) return prompt;
  const near = nearest(
    name,
    prompts.map((each) => each.name),
    5,
  ).join(', ');
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Unknown prompt ${JSON.stringify(name.slice(0, 100))}. Nearest: ${near}.`,
  );
}

function toWire({ name, title, description, arguments: declared }: PromptFile) {
  const wireArguments = declared.map((each) => ({
    name: each.name,
    description: each.description,
    required: each.required,
  }));
  return { name, title, description, arguments: wireArguments };
}
