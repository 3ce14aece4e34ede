import * as z from 'zod';
import { UserError } from '../errors.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import type { AgentTool } from './agent-tool.ts';
import type { AgentResult } from './outputs.ts';

/** Lists of a result whose items each name a file that must be there. */
const lists = ['files', 'findings'] as const;
const named = z.array(z.looseObject({ path: z.string() }));
const looked = z.object({ files: z.array(z.object({ state: z.string(), error: z.string().optional() })) });
const maxAtOnce = 20;

/** Leaves out what names a file that is not there, and says so. */
export async function confirmPaths(
  result: AgentResult,
  tools: readonly AgentTool[],
  signal: AbortSignal,
): Promise<{ kept: AgentResult; notes: string[] }> {
  const kept = { ...result };
  const absent: string[] = [];
  for (const list of lists) {
    const { data: items } = named.safeParse(result[list]);
    if (!items) continue;
    const there = await existing(
      items.map(({ path }) => path),
      tools,
      signal,
    );
    absent.push(...items.map(({ path }) => path).filter((path) => !there.has(path)));
    kept[list] = items.filter(({ path }) => there.has(path));
  }
  if (absent.length === 0) return { kept, notes: [] };
  const names = cut([...new Set(absent)].join(', '), 300);
  return {
    kept,
    notes: [
      `${counted(absent.length, 'path')} that the model named ${absent.length === 1 ? 'is' : 'are'} not there, and left out: ${names}.`,
    ],
  };
}

async function existing(
  paths: readonly string[],
  tools: readonly AgentTool[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const reader = tools.find(({ offer }) => offer.name === 'read_files');
  const unique = [...new Set(paths)];
  if (!reader || unique.length === 0) return new Set(paths);
  const there = new Set<string>();
  for (let start = 0; start < unique.length; start += maxAtOnce) {
    const some = unique.slice(start, start + maxAtOnce);
    const found = await lookAt(some, reader, signal);
    for (const [index, path] of some.entries()) if (found[index] ?? true) there.add(path);
  }
  return there;
}

/** In the order of the paths. One that is too odd to be asked for is none. */
async function lookAt(paths: readonly string[], reader: AgentTool, signal: AbortSignal): Promise<boolean[]> {
  try {
    const { data } = await reader.run({ paths: [...paths], view: 'outline', max_tokens: 200 }, signal);
    return looked
      .parse(data)
      .files.map(({ state, error = '' }) => state !== 'error' || !/^(not_found|denied|bad_input)/.test(error));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (paths.length <= 1) return [false];
    const each = await Promise.all(paths.map((path) => lookAt([path], reader, signal)));
    return each.flat();
  }
}
