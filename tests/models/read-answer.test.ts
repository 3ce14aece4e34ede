import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readAnswer } from '../../src/models/read-answer.ts';
import { readLenientJson } from '../../src/text/lenient-json.ts';
import { meant, readable, unclear } from './broken-answers.ts';

const schema = z.object({
  purpose: z.string(),
  files: z.array(z.object({ path: z.string(), score: z.number() })),
  done: z.boolean().nullable(),
});

const dataOf = (text: string) => {
  const reading = readAnswer(schema, text);
  return 'value' in reading ? reading.value : undefined;
};

describe('A broken answer', () => {
  it.each(readable)('is read in spite of: $name', ({ text, gives }) => {
    expect(dataOf(text)).toEqual(gives);
  });

  it.each(unclear)('gives nothing where there is: $name', ({ text }) => {
    expect(readAnswer(schema, text)).toEqual({ issue: expect.stringMatching(/^It .{5,900}$/s) });
  });

  it('is never read as what its writer did not mean', () => {
    const read = readable.filter(({ text }) => dataOf(text) !== undefined);
    const wrong = [...readable, ...unclear].filter(({ text, gives }) => {
      const value = dataOf(text);
      return value !== undefined && JSON.stringify(value) !== JSON.stringify(gives);
    });
    process.stdout.write(
      `    ${readable.length + unclear.length} broken answers: ${read.length} of ${readable.length} that can be understood were read, ${wrong.length} wrongly\n`,
    );
    expect(wrong).toEqual([]);
    expect(readable.length + unclear.length).toBeGreaterThanOrEqual(60);
  });

  it('that was cut off anywhere gives nothing', () => {
    for (const { name, text } of readable.filter(({ name }) => name !== 'the same value twice')) {
      const end =
        name === 'JSON in a string' ? text.length - 1 : Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
      for (let length = 0; length <= end; length++) {
        const read = dataOf(text.slice(0, length));
        if (read !== undefined) expect([name, length, read]).toEqual([name, length, undefined]);
      }
    }
  });

  it('in which one sign of JSON is missing gives nothing', () => {
    const text = JSON.stringify({ ...meant, purpose: 'Holds items' });
    for (const { index } of text.matchAll(/[{}[\]",:]/g)) {
      expect([index, dataOf(text.slice(0, index) + text.slice(index + 1))]).toEqual([index, undefined]);
    }
  });
});

describe('Lenient JSON', () => {
  it('is JSON where it is JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const numbers = /(^|[[,:])-?\d[\d.eE+-]*$/.test(text) ? `${text} ` : text; // it cannot be cut off there
        expect(readLenientJson(/^[[{"]/.test(text) ? text : `${numbers} `).value).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['{"__proto__": {"a": 1}}', "{'__proto__': {'a': 1}}"])('makes no prototype of %s', (text) => {
    const { value } = readLenientJson(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(Object(value))).toEqual(['__proto__']);
  });

  it('takes time in proportion to a text, however hostile', () => {
    const began = performance.now();
    for (const piece of ['[', '{', '{"a":', '/*', '"', '\\', '<think>', '[[]', '{x}', '“', "'"])
      dataOf(piece.repeat(200_000));
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
