import { McpServer } from '@modelcontextprotocol/server';
import { offerForms } from './fixture/forms.ts';
import { offerInputTools, stateCodec } from './fixture/input-tools.ts';
import { offerPrompts } from './fixture/prompts.ts';
import { offerResources } from './fixture/resources.ts';
import { offerTools } from './fixture/tools.ts';

/**
 * What the conformance suite looks for in a server, by the names that its scenarios give: the host that carries it is
 * ours. Like Octant itself it has lists that never change.
 */
export function createFixtureServer(): McpServer {
  const server = new McpServer(
    { name: 'octant-conformance', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: false },
        prompts: { listChanged: false },
        resources: { listChanged: false, subscribe: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: stateCodec.verify },
    },
  );
  offerTools(server);
  offerInputTools(server);
  offerForms(server);
  offerResources(server);
  offerPrompts(server);
  return server;
}
