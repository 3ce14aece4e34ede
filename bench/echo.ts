import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const inputSchema = z.strictObject({ text: z.string() });

/** The smallest server there can be: one tool that gives back its argument. */
export function createEchoServer(): McpServer {
  const server = new McpServer({ name: 'echo', version: '1.0.0' });
  server.registerTool('echo', { description: 'Gives back the text', inputSchema }, ({ text }) => ({
    content: [{ type: 'text', text }],
  }));
  return server;
}
