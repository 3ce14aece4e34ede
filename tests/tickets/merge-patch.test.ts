import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMergePatch, canonicalJson, createMergePatch, type Json } from '../../src/text/merge-patch.ts';
import { priorities, statuses, ticketDocument } from '../../src/tickets/ticket.ts';

const numRuns = 2000;

/** Names that objects inherit, beside those that tickets have. */
const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '1', '2', 'blocks T-2'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const text = fc.string({ unit: 'binary', maxLength: 8 });
const record = <Value>(value: fc.Arbitrary<Value>) =>
  fc.dictionary(names, value, { maxKeys: 4, noNullPrototype: true });
const optional = <Fields extends object>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }) =>
  fc.record(fields, { requiredKeys: [], noNullPrototype: true });

const files = fc.array(fc.record({ path: text, hash: text }, { requiredKeys: ['path'], noNullPrototype: true }), {
  maxLength: 2,
});
const task = fc
  .tuple(
    fc.record({ title: text, done: fc.boolean() }, { noNullPrototype: true }),
    optional({ description: text, files, estimate: fc.nat(9), depends_on: fc.array(fc.nat(9), { maxLength: 3 }) }),
  )
  .map(([known, others]) => ({ ...known, ...others }));
const item = fc.record({ text, evidence: text }, { requiredKeys: ['text'], noNullPrototype: true });
const comment = fc.record({ at: fc.nat(), by: text, text }, { noNullPrototype: true });
const claim = fc.record({ number: fc.nat(9), holder: text, minutes: fc.nat(60) }, { noNullPrototype: true });

const documents = fc
  .tuple(
    fc.record(
      {
        ...{ title: text, status: fc.constantFrom(...statuses), priority: fc.constantFrom(...priorities) },
        ...{ labels: fc.array(text, { maxLength: 3 }), files, source: text, tasks: record(task) },
        ...{ task_order: fc.array(fc.nat(9), { maxLength: 3 }), acceptance: record(item), comments: record(comment) },
        ...{ links: record(fc.constant<true>(true)), next_part: fc.nat(99) },
      },
      { noNullPrototype: true },
    ),
    optional({
      ...{ overview: text, assignee: text, due: text, estimate: fc.nat(9), plan_step: text, claim, origin: text },
      ...{ prompts: fc.array(text, { maxLength: 2 }), attempts: fc.nat(9), forced: text },
      deleted: fc.constant<true>(true),
    }),
  )
  .map(([known, others]): Json => JSON.parse(JSON.stringify({ ...known, ...others })));

/** Any JSON that is stored: no object of it holds a null. */
const values = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  object: fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.boolean(), fc.integer(), text),
    fc.array(fc.oneof(tie('value'), fc.constant(null)), { maxLength: 3 }),
    tie('object'),
  ),
})).value;

const any = fc.oneof(documents, values);

/** The same value with the keys of its objects in another order. */
function reordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, inner === undefined ? inner : reordered(inner)]),
  );
}

/** What a patch leads to, after the way through the store as text. */
function patched(from: Json, to: Json): Json {
  const patch = createMergePatch(from, to);
  return patch === undefined ? from : applyMergePatch(from, JSON.parse(canonicalJson(patch)));
}

describe('A merge patch', () => {
  it('leads from any ticket to any other, and back', () => {
    fc.assert(
      fc.property(documents, documents, (from, to) => {
        expect(ticketDocument.safeParse(from).success).toBe(true);
        expect(canonicalJson(patched(from, to))).toBe(canonicalJson(to));
        expect(canonicalJson(patched(patched(from, to), from))).toBe(canonicalJson(from));
      }),
      { numRuns },
    );
  });

  it('leads from any value to any other, names that objects inherit included', () => {
    fc.assert(
      fc.property(any, any, (from, to) => {
        expect(canonicalJson(patched(from, to))).toBe(canonicalJson(to));
      }),
      { numRuns },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('is absent exactly where both are equal, whatever the order of their keys', () => {
    fc.assert(
      fc.property(any, any, (from, to) => {
        expect(createMergePatch(from, reordered(from))).toBeUndefined();
        expect(createMergePatch(from, to) === undefined).toBe(canonicalJson(from) === canonicalJson(to));
      }),
      { numRuns },
    );
  });

  it('changes neither of its arguments', () => {
    fc.assert(
      fc.property(any, any, (from, to) => {
        const [first, second] = [JSON.stringify(from), JSON.stringify(to)];
        applyMergePatch(from, createMergePatch(from, to) ?? {});
        expect([JSON.stringify(from), JSON.stringify(to)]).toEqual([first, second]);
      }),
      { numRuns },
    );
  });

  it('takes an own property named __proto__ for one like any other', () => {
    const from: Json = JSON.parse('{"tasks":{"__proto__":{"done":false}}}');
    const to: Json = JSON.parse('{"tasks":{"__proto__":{"done":true},"constructor":1}}');
    expect(canonicalJson(createMergePatch(from, to) ?? null)).toBe(
      '{"tasks":{"__proto__":{"done":true},"constructor":1}}',
    );
    expect(canonicalJson(patched(from, to))).toBe(canonicalJson(to));
    expect(canonicalJson(patched(to, {}))).toBe('{}');
    expect({}).not.toHaveProperty('done');
  });

  /** https://www.rfc-editor.org/rfc/rfc7396#appendix-A */
  it.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"a":1,"e":null}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('is applied to %s as RFC 7396 says: %s', (target, patch, result) => {
    expect(canonicalJson(applyMergePatch(JSON.parse(target), JSON.parse(patch)))).toBe(result);
  });
});

describe('Canonical JSON', () => {
  it('is one text for one value, and reads back as that value', () => {
    fc.assert(
      fc.property(any, (value) => {
        const canonical = canonicalJson(value);
        expect(canonicalJson(reordered(value))).toBe(canonical);
        expect(canonicalJson(JSON.parse(canonical))).toBe(canonical);
        expect(JSON.parse(canonical)).toEqual(value);
      }),
      { numRuns },
    );
  });

  it('sorts keys and has no spaces', () => {
    expect(canonicalJson({ b: [1, { z: null, a: '"' }], a: {} })).toBe('{"a":{},"b":[1,{"a":"\\"","z":null}]}');
  });
});
