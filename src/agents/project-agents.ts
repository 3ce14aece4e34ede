import { UserError } from '../errors.ts';
import type { Root } from '../projects/door.ts';
import type { FolderFile } from '../projects/read-folder.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { nearest } from '../text/nearest.ts';
import { type Agent, agentReference, parseAgent } from './agent-file.ts';

const folder = '.octant/agents';
const maxFiles = 50;
const maxBytes = 30_000;

/** All agents that can be run in a project, and the files of the project that are none. */
export interface AgentList {
  agents: Agent[];
  faults: Array<{ path: string; fault: string }>;
}

/** Ours and the user's, then those of the project. Read anew each time: a file may have been mended. */
export async function listAgents(
  known: readonly Agent[],
  root: Root,
  { workers, job }: { workers: WorkerPool<Jobs>; job: JobCall },
): Promise<AgentList> {
  const files = await workers.run('readFolder', { root, folder, ending: '.md', maxFiles, maxBytes }, job);
  const parsed = files.map((file) => ({ path: `${folder}/${file.name}`, result: parse(file) }));
  return {
    agents: [...known, ...parsed.flatMap(({ result }) => ('fault' in result ? [] : [result]))],
    faults: parsed.flatMap(({ path, result }) => ('fault' in result ? [{ path, fault: result.fault }] : [])),
  };
}

function parse(file: FolderFile): Agent | { fault: string } {
  return 'fault' in file ? file : parseAgent(file.name, file.text, 'project');
}

/** @throws UserError `not_found` with the names that there are, and with what is wrong in the project's file of that name */
export function findAgent({ agents, faults }: AgentList, reference: string): Agent {
  const found = agents.find((agent) => agentReference(agent) === reference);
  if (found) return found;
  const shown = JSON.stringify(reference.slice(0, 100));
  const broken = faults.find(({ path }) => path === `${folder}/${reference.replace(/^project\//, '')}.md`);
  if (broken) throw new UserError('bad_input', `The agent ${shown} cannot be run. ${broken.path}: ${broken.fault}.`);
  const near = nearest(reference, agents.map(agentReference), 20).join(', ');
  throw new UserError('not_found', `There is no agent ${shown}. Known: ${near}.`);
}
