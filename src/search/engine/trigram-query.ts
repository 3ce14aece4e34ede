/** Which blocks can hold a match, as a formula over trigrams. */
export type TrigramQuery =
  | { kind: 'all' }
  | { kind: 'trigram'; trigram: number }
  | { kind: 'and' | 'or'; parts: readonly TrigramQuery[] };

export const everyBlock: TrigramQuery = { kind: 'all' };

export function allOf(queries: Iterable<TrigramQuery>): TrigramQuery {
  const parts = new Map<string, TrigramQuery>();
  for (const query of queries) {
    if (query.kind === 'all') continue;
    for (const part of query.kind === 'and' ? query.parts : [query]) parts.set(keyOf(part), part);
  }
  return joined('and', parts);
}

export function anyOf(queries: Iterable<TrigramQuery>): TrigramQuery {
  const parts = new Map<string, TrigramQuery>();
  for (const query of queries) {
    if (query.kind === 'all') return everyBlock;
    for (const part of query.kind === 'or' ? query.parts : [query]) parts.set(keyOf(part), part);
  }
  return joined('or', parts);
}

function joined(kind: 'and' | 'or', parts: ReadonlyMap<string, TrigramQuery>): TrigramQuery {
  const [only] = parts.values();
  if (only === undefined) return everyBlock;
  return parts.size === 1 ? only : { kind, parts: [...parts.values()] };
}

function keyOf(query: TrigramQuery): string {
  if (query.kind === 'trigram') return String(query.trigram);
  return query.kind === 'all' ? '*' : `${query.kind}(${query.parts.map(keyOf).sort().join()})`;
}
