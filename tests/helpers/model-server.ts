import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Script } from './model-server-program.ts';

export interface ModelServer {
  url: string;
  /** Says from now on what this says, and forgets what was asked before. */
  play(script: Script): Promise<void>;
  /** What it was asked since then. */
  journal(): Promise<Request[]>;
  stop(): Promise<void>;
}

/** Starts the scripted provider as a process of its own, so that neither side waits for the other. */
export async function startModelServer(): Promise<ModelServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'model-server-program.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${String(port).trim()}`;
  return {
    url,
    play: async (script) => void (await fetch(`${url}/-/script`, { method: 'POST', body: JSON.stringify(script) })),
    journal: async () => JSON.parse(await (await fetch(`${url}/-/journal`)).text()),
    async stop() {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}

/** How long the last request was open until its caller gave it up; undefined where it did not within a second. */
export async function abortedAfter(server: ModelServer): Promise<number | undefined> {
  for (let tries = 0; tries < 40; tries++) {
    const aborted = (await server.journal()).at(-1)?.abortedAfterMs;
    if (aborted !== undefined) return aborted;
    await delay(25);
  }
  return undefined;
}
