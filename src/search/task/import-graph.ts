import { type FileRole, subjectOf } from '../files/file-role.ts';
import { createImportResolver } from './imports.ts';

/** Who imports whom, by places in a list of files. */
export interface ImportGraph {
  imports: ReadonlyArray<readonly number[]>;
  importedBy: ReadonlyArray<readonly number[]>;
  /** What a test tests: the files of its name, and else what it imports. */
  tested: ReadonlyMap<number, readonly number[]>;
  /** PageRank, 1 for the file that is most imported, and 0 for one that nothing imports. */
  centrality: Float64Array;
}

interface ImportingFile {
  path: string;
  role: FileRole;
  imports: readonly string[];
}

const rounds = 15;
const damping = 0.85;

export function createImportGraph(files: readonly ImportingFile[]): ImportGraph {
  const resolve = createImportResolver(files.map(({ path }) => path));
  const imports = files.map(({ path, imports }, from) => {
    const targets = new Set(imports.flatMap((name) => resolve(path, name)));
    targets.delete(from);
    return [...targets];
  });
  const importedBy = files.map((): number[] => []);
  for (const [from, targets] of imports.entries()) for (const to of targets) importedBy[to]?.push(from);
  return { imports, importedBy, tested: findTested(files, imports), centrality: rankPages(imports) };
}

const mostTested = 6;

function findTested(
  files: readonly ImportingFile[],
  imports: ReadonlyArray<readonly number[]>,
): Map<number, readonly number[]> {
  const bySubject = new Map<string, number[]>();
  for (const [place, { path, role }] of files.entries()) {
    if (role !== 'source') continue;
    const subject = subjectOf(path);
    const known = bySubject.get(subject);
    if (known) known.push(place);
    else bySubject.set(subject, [place]);
  }
  const tested = new Map<number, readonly number[]>();
  for (const [place, { path, role }] of files.entries()) {
    if (role !== 'test') continue;
    const twins = bySubject.get(subjectOf(path)) ?? [];
    const targets =
      twins.length > 0 && twins.length <= 3
        ? twins
        : (imports[place] ?? []).filter((to) => files[to]?.role === 'source');
    if (targets.length > 0 && targets.length <= mostTested) tested.set(place, targets);
  }
  return tested;
}

/** On a scale of logarithms, since a few files are imported by nearly all. */
function rankPages(imports: ReadonlyArray<readonly number[]>): Float64Array {
  const count = imports.length;
  const start = 1 / Math.max(1, count);
  let rank = new Float64Array(count).fill(start);
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(count).fill((1 - damping) * start);
    for (const [from, targets] of imports.entries()) {
      const share = (damping * (rank[from] ?? 0)) / Math.max(1, targets.length);
      for (const to of targets) next[to] = (next[to] ?? 0) + share;
    }
    rank = next;
  }
  const least = rank.reduce((a, b) => Math.min(a, b), 1);
  const scale = Math.log(rank.reduce((a, b) => Math.max(a, b), 0) / least);
  return rank.map((value) => (scale > 0 ? Math.log(value / least) / scale : 0));
}

/** What flows from files to those that they import and that import them, and from which it mostly comes. */
export function spread(
  graph: ImportGraph,
  seeds: ReadonlyMap<number, number>,
): Map<number, { score: number; by: number }> {
  const gained = new Map<number, { score: number; by: number }>();
  for (const [seed, weight] of seeds) {
    for (const linked of [graph.imports[seed] ?? [], graph.importedBy[seed] ?? []]) {
      for (const place of linked) {
        const known = gained.get(place);
        const share = weight / Math.sqrt(linked.length);
        if (known) known.score += share;
        else gained.set(place, { score: share, by: seed });
      }
    }
  }
  return gained;
}
