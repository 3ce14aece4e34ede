import { spread } from './import-graph.ts';
import type { TaskKnowledge } from './rank-task.ts';
import { nearWeights } from './task-weights.ts';

/** How close each file is to those that the caller works on: 1 for these themselves, 0 for most. */
export function nearness({ documents, graph }: TaskKnowledge, near: readonly string[]): Map<number, number> {
  const found = new Map<number, number>();
  const wanted = near.map((path) => path.replace(/^(\.?\/)+|\/+$/g, '')).filter(Boolean);
  if (wanted.length === 0) return found;
  const named = new Map<number, number>();
  for (const [place, { path }] of documents.entries()) {
    const value = wanted.reduce((most, each) => Math.max(most, closeness(path, each)), 0);
    if (value > 0) found.set(place, value);
    if (value === 1) named.set(place, 1);
  }
  for (const [place, { score }] of spread(graph, named)) {
    found.set(place, Math.min(1, (found.get(place) ?? 0) + nearWeights.linked * Math.min(1, score)));
  }
  return found;
}

function closeness(path: string, wanted: string): number {
  if (path === wanted) return 1;
  if (path.startsWith(`${wanted}/`)) return nearWeights.below;
  const folder = wanted.split('/').slice(0, -1);
  const own = path.split('/').slice(0, -1);
  const differs = folder.findIndex((part, at) => own[at] !== part);
  const shared = differs < 0 ? folder.length : differs;
  return shared === 0 ? 0 : (nearWeights.beside * shared) / Math.max(folder.length, own.length);
}
