import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './config.ts';
import { loadPrompts, type PromptFile } from './library/prompt-file.ts';
import type { Log } from './log.ts';
import { packageFolder } from './package.ts';
import { createProjects, type Projects } from './projects/registry.ts';
import { createFileWatcher, type FileWatcher } from './projects/watch.ts';
import { createWorkerPool, type WorkerPool } from './projects/worker-pool.ts';
import type { Jobs } from './search/worker.ts';

/** The services that tools, resources and prompts work with; built once a process. */
export interface Context {
  log: Log;
  settings: Settings;
  projects: Projects;
  /** Runs everything that reads a project's files. */
  workers: WorkerPool<Jobs>;
  watcher: FileWatcher;
  prompts: readonly PromptFile[];
  /** What clients tell their model about this server. */
  instructions: string;
  close(): Promise<void>;
}

/** @throws StartError for a project or a prompt file that cannot be served. */
export function createContext(settings: Settings, startFolder: string, log: Log): Context {
  const { project: named, refuseHardLinks } = settings;
  const projects = createProjects({ named, startFolder, refuseHardLinks });
  const workers = createWorkerPool<Jobs>({ entry: workerEntry(), log });
  const watcher = createFileWatcher(log);
  const promptFolder = join(packageFolder, 'prompts');
  return {
    log,
    settings,
    projects,
    workers,
    watcher,
    prompts: loadPrompts(promptFolder),
    instructions: readFileSync(join(promptFolder, 'server', 'instructions.md'), 'utf8'),
    async close() {
      watcher.close();
      await workers.close();
    },
  };
}

/** The worker's program lies beside the bundle, or in the sources when these are run as they are. */
function workerEntry(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './search/worker.ts' : './worker.js', import.meta.url);
}
