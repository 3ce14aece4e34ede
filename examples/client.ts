import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

/** What the examples need of an answer. */
export interface Answer {
  text: string;
  data: Record<string, unknown>;
  isError: boolean;
}

/**
 * Starts an Octant server for a folder and speaks to it. The command is `npx octant-mcp`, or what `OCTANT_COMMAND` says;
 * models come from the environment, as the README tells.
 */
export async function connectOctant(folder: string) {
  const [command = 'npx', ...first] = (process.env.OCTANT_COMMAND ?? 'npx octant-mcp').split(' ');
  const client = new Client({ name: 'octant-example', version: '1.0.0' });
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  const args = [...first, '--project', folder, '--toolsets', 'chat'];
  await client.connect(new StdioClientTransport({ command, args, env, stderr: 'inherit' }));
  return {
    async call(name: string, args: Record<string, unknown>, onText?: (text: string) => void): Promise<Answer> {
      const onprogress = onText && (({ message = '' }: { message?: string | undefined }) => onText(message));
      const result = await client.callTool({ name, arguments: args }, onprogress ? { onprogress } : {});
      const text = result.content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
      return { text, data: Object(result.structuredContent), isError: result.isError === true };
    },
    close: () => client.close(),
  };
}
