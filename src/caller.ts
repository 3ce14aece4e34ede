import type { McpServer, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { cleanLine } from './text/clean.ts';

/** A client's name as part of what people read; it comes from outside. */
export function sourceOf(server: McpServer['server'], call: ServerContext): string {
  const name = cleanLine(clientName(server, call) ?? '').slice(0, 60);
  return name ? `agent:${name}` : 'agent';
}

/** A 2025 client says once who it is, a modern one with each request. */
function clientName(server: McpServer['server'], { mcpReq }: ServerContext): string | undefined {
  const info = modernClient.safeParse(mcpReq.envelope).data?.['io.modelcontextprotocol/clientInfo'];
  return info?.name ?? server.getClientVersion()?.name;
}

const modernClient = z.object({ 'io.modelcontextprotocol/clientInfo': z.object({ name: z.string() }) });
