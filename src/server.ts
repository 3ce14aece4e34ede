import { McpServer } from '@modelcontextprotocol/server';
import { createCompletionHandler } from './completions.ts';
import type { Settings } from './config.ts';
import type { Context } from './context.ts';
import { packageDescription, packageVersion } from './package.ts';
import { createPromptHandlers } from './prompts/register.ts';
import { resources } from './resources/index.ts';
import { createResourceHandlers } from './resources/register.ts';

import { createAgentTools } from './tools/agent-tools.ts';
import { loadTool } from './tools/index.ts';
import { listedTools } from './tools/listed.ts';
import { createToolHandlers } from './tools/register.ts';

const minute = 60_000;

/**
 * Everything that Octant offers, as a factory of servers. A server is made for each connection over stdio, for each
 * session or request over HTTP, and for probes that are thrown away, so making one has no effects of its own.
 */
export function createServerFactory(context: Context): () => McpServer {
  const offers = [
    createToolHandlers(chooseTools(context.settings.toolsets), createAgentTools(loadTool), context),
    createResourceHandlers(resources, context),
    createPromptHandlers(context),
    createCompletionHandler(context),
  ];
  return () => {
    const server = new McpServer(
      { name: 'octant', title: 'Octant', version: packageVersion, description: packageDescription },
      {
        instructions: context.instructions,
        cacheHints: {
          'tools/list': { ttlMs: minute, cacheScope: 'public' },
          'resources/templates/list': { ttlMs: minute, cacheScope: 'public' },
          'server/discover': { ttlMs: minute, cacheScope: 'public' },
        },
      },
    );
    for (const offer of offers) offer(server);
    return server;
  };
}

function chooseTools(toolsets: Settings['toolsets']) {
  const isOffered = ({ toolset, isDefault }: (typeof listedTools)[number]) =>
    toolsets.includes(toolset) || (isDefault && toolsets.includes('default'));
  return listedTools.filter(isOffered).map(({ wire }) => wire);
}
