/** The places of the highest scores above 0, the highest first and of equals the first, without sorting all of them. */
export function bestPlaces(
  scores: Float64Array,
  count: number,
  passes: (place: number) => boolean = () => true,
): number[] {
  const found: number[] = [];
  let least = 0;
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place] ?? 0;
    if (score <= least || !passes(place)) continue;
    found.splice(firstBelow(scores, found, score), 0, place);
    if (found.length > count) found.pop();
    if (found.length === count) least = scores[found[count - 1] ?? 0] ?? 0;
  }
  return found;
}

function firstBelow(scores: Float64Array, found: readonly number[], score: number): number {
  let from = 0;
  let to = found.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((scores[found[middle] ?? 0] ?? 0) >= score) from = middle + 1;
    else to = middle;
  }
  return from;
}
