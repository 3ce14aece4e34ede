/** Which blocks can hold a match, as a formula over trigrams. */
export type TrigramQuery =
  | { kind: 'all' }
  /** At least one of the trigrams. */
  | { kind: 'any'; trigrams: readonly number[] }
  | { kind: 'and' | 'or'; parts: readonly TrigramQuery[] };

export const everyBlock = { kind: 'all' } as const satisfies TrigramQuery;

export function allOf(queries: Iterable<TrigramQuery>): TrigramQuery {
  const singles = new Map<number, TrigramQuery>();
  const others = new Set<TrigramQuery>(); // by identity: analyses use the same object again
  for (const query of queries) {
    for (const part of query.kind === 'and' ? query.parts : [query]) {
      const single = singleOf(part);
      if (single !== undefined) singles.set(single, part);
      else if (part.kind !== 'all') others.add(part);
    }
  }
  const parts = [...singles.values(), ...others];
  const [only] = parts;
  if (only === undefined) return everyBlock;
  return parts.length === 1 ? only : { kind: 'and', parts };
}

export function anyOf(queries: Iterable<TrigramQuery>): TrigramQuery {
  const trigrams = new Set<number>();
  const others: TrigramQuery[] = [];
  for (const query of queries) {
    for (const part of query.kind === 'or' ? query.parts : [query]) {
      if (part.kind === 'all') return everyBlock;
      if (part.kind === 'any') for (const trigram of part.trigrams) trigrams.add(trigram);
      else others.push(part);
    }
  }
  const leaf: TrigramQuery = { kind: 'any', trigrams: [...trigrams] };
  if (others.length === 0) return leaf;
  const [only] = others;
  if (trigrams.size === 0 && others.length === 1 && only) return only;
  return { kind: 'or', parts: trigrams.size > 0 ? [leaf, ...others] : others };
}

/** The same query for texts that have no other trigrams than these. */
export function onlyPresent(query: TrigramQuery, isPresent: (trigram: number) => boolean): TrigramQuery {
  if (query.kind === 'all') return query;
  if (query.kind === 'any') return { kind: 'any', trigrams: query.trigrams.filter(isPresent) };
  const parts: TrigramQuery[] = [];
  for (const part of query.parts) {
    const present = onlyPresent(part, isPresent);
    if (query.kind === 'and' && isNothing(present)) return present;
    parts.push(present);
  }
  return query.kind === 'and' ? allOf(parts) : anyOf(parts);
}

/** Whether no text can satisfy it. */
export function isNothing(query: { kind: TrigramQuery['kind']; trigrams?: readonly number[] }): boolean {
  return query.kind === 'any' && query.trigrams?.length === 0;
}

/** The trigram of a query for just one. */
export function singleOf(query: TrigramQuery): number | undefined {
  return query.kind === 'any' && query.trigrams.length === 1 ? query.trigrams[0] : undefined;
}
