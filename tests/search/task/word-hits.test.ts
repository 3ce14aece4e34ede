import { describe, expect, it } from 'vitest';
import type { Term } from '../../../src/search/task/task-question.ts';
import { findHits, type Hits, tableOf, type WordSource } from '../../../src/search/task/word-hits.ts';
import { createDraws } from '../../helpers/random.ts';

const random = createDraws(7);
const draw = (below: number) => Math.floor(random() * below);
/** Few lowest bits, so that many words share theirs. */
const word = () => draw(40) + 2 ** 13 * draw(40);

function source(): WordSource {
  const words = Uint32Array.from(new Set(Array.from({ length: draw(30) }, word)));
  const lengths = { path: 1, definitions: 1, body: words.length };
  return { words, counts: words.map(() => draw(1000)), passages: words.map(() => draw(2 ** 32)), lengths };
}

function terms(): Term[] {
  const hashes = new Set(Array.from({ length: 1 + draw(60) }, word));
  return [...hashes].map((hash) => ({ hash, shown: '', weight: 1, isPhrase: false }));
}

/** Each source looked at by itself. */
function expected(sources: readonly WordSource[], asked: readonly Term[]): number[][] {
  return sources.flatMap(({ words, counts, passages }, place) =>
    asked.flatMap(({ hash }, term) => {
      const at = words.indexOf(hash);
      return at < 0 ? [] : [[place, term, counts[at] ?? 0, passages?.[at] ?? 0]];
    }),
  );
}

function rows({ count, places, terms, counts, passages }: Hits): number[][] {
  return Array.from({ length: count }, (_, at) => [
    places[at] ?? -1,
    terms[at] ?? -1,
    counts[at] ?? -1,
    passages[at] ?? -1,
  ]);
}

describe('The words of sources', () => {
  it.each([0, 1, 300, 9000])('are found as by looking at all of %i', (size) => {
    const sources = Array.from({ length: size }, source);
    for (let round = 0; round < 3; round++) {
      const asked = terms();
      expect(rows(findHits(tableOf(sources), asked))).toEqual(expected(sources, asked));
    }
  });

  it('are found after sources were changed, added and removed', () => {
    let sources = Array.from({ length: 9000 }, source);
    for (let round = 0; round < 6; round++) {
      sources = [...sources];
      sources[draw(sources.length)] = source();
      if (round % 3 === 1) sources.push(source());
      if (round % 3 === 2) sources.splice(draw(sources.length), 1);
      const asked = terms();
      expect(rows(findHits(tableOf(sources), asked))).toEqual(expected(sources, asked));
    }
  });

  it('are found in a list that grows in place', () => {
    const sources = [source()];
    for (let size = 2; size < 6; size++) {
      const asked = terms();
      expect(rows(findHits(tableOf(sources), asked))).toEqual(expected(sources, asked));
      sources.push(source());
    }
  });
});
