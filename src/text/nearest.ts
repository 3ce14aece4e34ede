/**
 * The `limit` candidates nearest to what a caller wrote, best first: those that contain it, then by edit distance
 * (Levenshtein 1966). For error messages, over short lists of short names.
 */
export function nearest(wanted: string, candidates: readonly string[], limit: number): string[] {
  const query = wanted.toLowerCase().slice(0, 100);
  return candidates
    .map((candidate) => ({ candidate, distance: distanceTo(query, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

function distanceTo(query: string, candidate: string): number {
  return candidate.includes(query) ? 0 : editDistance(query, candidate.slice(0, 100));
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const current = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const substitution = (previous[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j + 1] ?? 0) + 1, (current[j] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
