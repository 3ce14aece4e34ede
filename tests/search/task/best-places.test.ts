import { expect, it } from 'vitest';
import { bestPlaces } from '../../../src/search/task/best-places.ts';
import { createDraws } from '../../helpers/random.ts';

it('are those that a stable sort puts first, of which there are few or many', () => {
  const random = createDraws(3);
  for (let round = 0; round < 60; round++) {
    const scores = Float64Array.from({ length: 200 }, () => Math.floor(random() * 30) - 5);
    const passes = (place: number) => place % 7 !== round % 7;
    const sorted = [...scores.keys()]
      .filter((place) => (scores[place] ?? 0) > 0 && passes(place))
      .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    for (const count of [0, 1, 8, 50, 500]) expect(bestPlaces(scores, count, passes)).toEqual(sorted.slice(0, count));
  }
});
