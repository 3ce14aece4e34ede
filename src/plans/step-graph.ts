import type { Step } from './plan.ts';

/** What matters of a step for its place in the order. */
export type Node = Pick<Step, 'id' | 'depends_on' | 'files'>;

/** By step, all that must be done before it; of a step in a cycle that is itself too. */
export function predecessors(steps: readonly Node[]): Map<number, Set<number>> {
  const direct = new Map(steps.map(({ id, depends_on }) => [id, depends_on]));
  return new Map(steps.map(({ id }) => [id, reachable(id, direct)]));
}

function reachable(from: number, direct: ReadonlyMap<number, readonly number[]>): Set<number> {
  const seen = new Set<number>();
  const open = [...(direct.get(from) ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id) || !direct.has(id)) continue;
    seen.add(id);
    open.push(...(direct.get(id) ?? []));
  }
  return seen;
}

/** Each cycle once, as the way around it from its smallest step: `[1, 3, 2]` waits for 3, that for 2, that for 1. */
export function findCycles(steps: readonly Node[]): number[][] {
  const before = predecessors(steps);
  const direct = new Map(steps.map(({ id, depends_on }) => [id, depends_on]));
  const told = new Set<number>();
  return steps
    .map(({ id }) => id)
    .filter((id) => before.get(id)?.has(id))
    .sort((a, b) => a - b)
    .flatMap((id) => {
      if (told.has(id)) return [];
      const way = shortestWay(id, direct);
      for (const each of way) told.add(each);
      return [way];
    });
}

/** From a step back to itself. */
function shortestWay(start: number, direct: ReadonlyMap<number, readonly number[]>): number[] {
  const ways = [[start]];
  const seen = new Set<number>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of direct.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return [start];
}

/**
 * The steps in groups that can be worked on at once, one group after the other: the steps of one neither wait for each
 * other nor touch a common file. What is in a cycle comes last, one by one.
 */
export function waves(steps: readonly Node[]): number[][] {
  const known = new Set(steps.map(({ id }) => id));
  const done = new Set<number>();
  const groups: number[][] = [];
  for (let left = [...steps]; left.length > 0; left = left.filter(({ id }) => !done.has(id))) {
    const ready = left.filter(({ depends_on }) => depends_on.every((id) => done.has(id) || !known.has(id)));
    const group = ready.length > 0 ? withoutSharedFiles(ready) : left.slice(0, 1).map(({ id }) => id);
    for (const id of group) done.add(id);
    groups.push(group);
  }
  return groups;
}

function withoutSharedFiles(ready: readonly Node[]): number[] {
  const taken = new Set<string>();
  return ready.flatMap(({ id, files }) => {
    if (files.some(({ path }) => taken.has(path))) return [];
    for (const { path } of files) taken.add(path);
    return [id];
  });
}
