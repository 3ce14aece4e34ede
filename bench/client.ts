import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { cleanEnvironment, program } from '../tests/helpers/program.ts';
import { modernVersion } from './wire.ts';

/** A client of the 2026 era with an Octant of its own that serves these folders; `close` ends both. */
export function openClient(...folders: string[]): Promise<Client> {
  return openClientWith([], folders);
}

/** With more options of the command line. */
export async function openClientWith(options: readonly string[], folders: readonly string[]): Promise<Client> {
  const client = new Client(
    { name: 'octant-bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: modernVersion } } },
  );
  const args = [program, '--log-level', 'error', ...options, ...folders.flatMap((folder) => ['--project', folder])];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env: cleanEnvironment(), stderr: 'inherit' }),
  );
  return client;
}
