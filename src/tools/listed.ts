import type { ToolAnnotations, Tool as WireTool } from '@modelcontextprotocol/server';
import type { Toolset } from '../settings.ts';
import { toJsonSchema } from './check-input.ts';
import { isDefault, loadTools } from './index.ts';
import type { Effect, Tool } from './tool.ts';

/** A tool as clients see it, and what decides whether they do. */
interface ListedTool {
  toolset: Toolset;
  isDefault: boolean;
  wire: WireTool;
}

/**
 * In the order in which clients list them. The build computes this once and puts the result in the place of this line, so
 * that a server answers `tools/list` before it has loaded a tool: to make all schemas takes a third of a start.
 */
export const listedTools: readonly ListedTool[] = (await loadTools()).map(toListed);

function toListed(tool: Tool): ListedTool {
  return { toolset: tool.toolset, isDefault: isDefault(tool.name), wire: toWire(tool) };
}

function toWire({ name, title, description, effect, input, output }: Tool): WireTool {
  return {
    name,
    title,
    description,
    inputSchema: toJsonSchema(input, 'input'),
    outputSchema: toJsonSchema(output, 'output'),
    annotations: annotationsOf(effect),
  };
}

/** Only where they differ from what the protocol takes for granted: destructive, and open to the world. */
function annotationsOf(effect: Effect): ToolAnnotations {
  return {
    ...((effect === 'read' || effect === 'ask') && { readOnlyHint: true }),
    ...((effect === 'write' || effect === 'model') && { destructiveHint: false }),
    ...(effect !== 'model' && effect !== 'ask' && { openWorldHint: false }),
  };
}
