import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, StartError, systemCode } from '../errors.ts';
import { type Agent, parseAgent } from './agent-file.ts';

/**
 * The agents that come with Octant, and the user's own in the config folder, which win where a name is the same. Those are
 * read now, since they may be wrong; the others, which a test reads, when somebody asks: a start does not wait for them.
 *
 * @throws StartError naming the file and the field that is wrong
 */
export function loadAgents(builtIn: string, ownFolder: string): () => readonly Agent[] {
  const own = loadFolder(ownFolder, 'config');
  let all: readonly Agent[] | undefined;
  return () => {
    all ??= [...new Map([...loadFolder(builtIn, 'built-in'), ...own].map((agent) => [agent.name, agent])).values()];
    return all;
  };
}

function loadFolder(folder: string, source: 'built-in' | 'config'): Agent[] {
  return markdownIn(folder, source === 'config').map((name) => {
    const path = source === 'config' ? join(folder, name) : `prompts/agents/${name}`;
    const parsed = parseAgent(name, read(join(folder, name), path), source);
    if ('fault' in parsed) throw new StartError(`${path}: ${parsed.fault}`);
    return parsed;
  });
}

function markdownIn(folder: string, mayBeAbsent: boolean): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
    return names.sort();
  } catch (error) {
    if (mayBeAbsent && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')) return [];
    throw error;
  }
}

function read(file: string, shown: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`${shown} cannot be read: ${messageOf(error)}`);
  }
}
