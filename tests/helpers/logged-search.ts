import { setTimeout } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { cleanEnvironment, program } from './program.ts';

const byIndex = 'a search was answered from the index';

/** A client whose server says in its log which way it took. */
export async function openLogged(folder: string, ...options: string[]) {
  const client = new Client({ name: 'octant-tests', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, '--project', folder, '--log-level', 'debug', ...options],
    env: cleanEnvironment(),
    stderr: 'pipe',
  });
  let log = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  await client.connect(transport);
  const answered = () => log.split(byIndex).length - 1;
  const search = async (args: Record<string, unknown>) =>
    (await client.callTool({ name: 'search_files', arguments: args })).structuredContent;
  return {
    client,
    search,
    /** Searches until the index answers, or for so long. */
    async warmUp(ms = 10_000) {
      const end = performance.now() + ms;
      while (answered() === 0 && performance.now() < end) {
        await search({ query: 'warm' });
        await setTimeout(50);
      }
      return answered() > 0;
    },
    /** The answer, and whether the index gave it. */
    async ask(args: Record<string, unknown>) {
      const before = answered();
      const data = await search(args);
      for (let wait = 0; wait < 20 && answered() === before; wait++) await setTimeout(10); // the log may come later
      return { data, isByIndex: answered() > before };
    },
  };
}
