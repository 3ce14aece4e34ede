import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { makeTempFolder, removeFolder } from './temp-project.ts';

export const repository = join(import.meta.dirname, '..', '..');
export const program = join(repository, 'dist', 'octant.js');

/**
 * The environment of tests: all tools but those that add projects, and the caller's, without settings of Octant's own, of a client or of providers, without the
 * providers that may run on this machine, and with a store and a cache of compiled code of its own.
 */
export function cleanEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  dataFolder ??= makeTempFolder();
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(OCTANT_|CLAUDE_|OLLAMA_)|_(API_KEY|API_KEY_FILE|BASE_URL)$/.test(name),
  );
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ''])),
    OCTANT_DATA_DIR: dataFolder,
    OCTANT_PROVIDERS: 'lmstudio=off,ollama=off',
    OCTANT_TOOLSETS: 'files,plans,tickets,prompts,chat,agents',
    NODE_COMPILE_CACHE: join(repository, 'node_modules', '.cache', 'octant'),
    ...extra,
  };
}

/** The store of a file of tests, where a test names none: never that of the user who runs them. */
let dataFolder: string | undefined;
process.once('exit', () => dataFolder && removeFolder(dataFolder));

export interface RunningHttp {
  url: string;
  process: ChildProcess;
  /** Everything that it wrote to stderr so far. */
  log(): string;
  stop(): Promise<number | null>;
}

/** Starts `octant http` on a free port and waits until it says where it is. */
export async function startHttp(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; uid?: number } = {},
): Promise<RunningHttp> {
  const child = spawn(process.execPath, [program, 'http', '--port', '0', ...args], {
    cwd: options.cwd ?? repository,
    env: cleanEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid !== undefined && { uid: options.uid }),
  });
  let text = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      text += chunk;
      const found = /ready at (http:\S+)/.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`octant http ended with ${code}: ${text}`)));
  });
  return {
    url,
    process: child,
    log: () => text,
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
