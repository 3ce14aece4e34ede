import { describe, expect, it } from 'vitest';
import { codeNames } from '../../src/summaries/faithful.ts';
import { checkAnswer, type ModelAnswer } from '../../src/summaries/model-answer.ts';
import { type Recorded, recorded, seeds } from './recorded-answers.ts';

function passagesOf({ purpose, responsibilities, api, gotchas, depends_on }: ModelAnswer): string[] {
  return [
    purpose,
    ...responsibilities,
    ...gotchas,
    ...api.flatMap(({ name, about }) => [`\`${name}\``, about]),
    ...depends_on.map((name) => `\`${name}\``),
  ];
}

/** By another way than the one that is tested: whether the text has it, as it stands there. */
function occurs(name: string, { text, path }: Recorded): boolean {
  return name.split(/\.|::|->/).every((part) => `${text}\n${path}`.includes(part.replace(/s$/, '')));
}

describe('What a model says of a file', () => {
  it.each(recorded)('keeps only names that $path has', (record) => {
    const { answer } = checkAnswer(record.answer, { text: record.text, beside: [record.path] });
    const names = passagesOf(answer).flatMap(codeNames);
    expect(names.filter((name) => !occurs(name, record))).toEqual([]);
  });

  it.each(recorded)('loses nothing that is true of $path', (record) => {
    const { answer, dropped } = checkAnswer(record.answer, { text: record.text, beside: [record.path] });
    expect(dropped).toBe(record.false.length);
    expect(answer.api.map(({ name }) => name)).toEqual(record.trueApi);
    expect(answer.purpose).not.toBe('');
  });

  it.each(recorded)('drops and counts each false name that is sown into $path', (record) => {
    const base = checkAnswer(record.answer, { text: record.text, beside: [record.path] });
    for (const seed of seeds) {
      const sown = sow(record.answer, seed);
      const { answer, dropped } = checkAnswer(sown, { text: record.text, beside: [record.path] });
      expect(JSON.stringify(answer), seed).not.toContain(seed);
      expect(dropped, seed).toBe(base.dropped + 1);
      expect(answer, seed).toEqual(base.answer);
    }
  });
});

/** A false name in every place that can hold one. */
function sow(answer: ModelAnswer, seed: string): ModelAnswer {
  return {
    purpose: `${answer.purpose} It also calls \`${seed}\`.`,
    responsibilities: [`Caches what \`${seed}\` gives.`, ...answer.responsibilities].slice(0, 12),
    api: [{ name: seed, about: 'does more' }, ...answer.api],
    gotchas: [`Call ${seed}() first.`, ...answer.gotchas],
    depends_on: [...answer.depends_on, seed],
  };
}

describe('Names of code in prose', () => {
  it.each([
    ['Calls `openFile` and then parseLine.', ['openFile', 'parseLine']],
    ['Written in TypeScript for GitHub, e.g. as JSON.', []],
    ['Sets `max_age` on Cart.total() and fs::read_dir.', ['max_age', 'Cart.total', 'fs::read_dir']],
    ['Runs `npm run build` first.', ['npm', 'run', 'build']],
    ['Reads `./a/b.ts` and `@scope/pkg`.', ['a/b.ts', 'scope/pkg']],
    ['Plain words only, with a well-known one.', []],
  ])('of %s', (passage, names) => {
    expect(codeNames(passage).sort()).toEqual([...names].sort());
  });
});
