import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextModes } from '../../src/chats/chat.ts';
import { composeContext } from '../../src/chats/context/compose-context.ts';
import {
  type ContextRules,
  type ContextSource,
  chooseContext,
  contextStrategies,
  fillOf,
  type PathMessage,
} from '../../src/chats/context/context.ts';

const words = { earlier: '[{{mark}}] {{text}}', merged: '[merged {{mark}}] {{text}}' };
const rules: ContextRules = { mode: 'full', strategy: 'auto', budget: undefined, ratio: 1 };

/** So many turns of questions and answers of about so many tokens each, and a last question. */
function talk(turns: number, tokens = 100): PathMessage[] {
  return Array.from({ length: turns * 2 + 1 }, (_, index) => ({
    number: index + 1,
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    text: `${index + 1} `.padEnd(tokens * 4, 'x'),
    isMerge: false,
    files: [],
  }));
}

function source(path: readonly PathMessage[], rest: Partial<ContextSource> = {}): ContextSource {
  return { system: 'Be brief.', path, pins: new Set(), ...rest };
}

function choose(from: ContextSource, by: Partial<ContextRules>) {
  const chosen = chooseContext(from, { ...rules, ...by });
  if (!chosen.fits) return { ...chosen, numbers: [], notes: [], messages: [], leftOut: undefined };
  const { context } = chosen;
  return {
    ...context,
    fits: true,
    numbers: context.messages.map(({ number }) => number),
    notes: context.notes.map(({ number }) => number),
  };
}

describe('The context', () => {
  it('is all of the path where the window is not known, or all fits', () => {
    expect(choose(source(talk(2)), {})).toMatchObject({ numbers: [1, 2, 3, 4, 5], tokens: 5 * 104 + 10 });
    expect(choose(source(talk(2)), { budget: 530 })).toMatchObject({ numbers: [1, 2, 3, 4, 5] });
  });

  it('is found at once in a long conversation: the newest turns that fit', () => {
    const path = talk(4000, 50);
    const from = source(path, { pins: new Set([1, 2001, 7001]) });
    const budget = 40_000;
    const begun = performance.now();
    const chosen = chooseContext(from, { ...rules, budget, strategy: 'window' });
    if (!chosen.fits) throw new Error('it fits');
    const { tokens, messages } = chosen.context;
    expect(performance.now() - begun).toBeLessThan(1500);
    expect([tokens <= budget, tokens > budget - 2 * 60]).toEqual([true, true]);
    expect(messages.at(-1)?.number).toBe(8001);
  });

  it('counts by what was learnt of the model', () => {
    expect(choose(source(talk(2)), { budget: 530, ratio: 1.5, strategy: 'none' })).toMatchObject({ fits: false });
  });

  it('has long messages shortened first, and never the question', () => {
    const path = talk(3, 60);
    const long = path.map((message) => (message.number === 2 ? { ...message, text: 'y'.repeat(4000) } : message));
    const { leftOut, messages, numbers } = choose(source(long), { budget: 800 });
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(leftOut).toMatchObject({ trimmed: 1 });
    expect(messages[1]?.text).toMatch(/^y+\n\[… \d+ characters left out …\]\ny+$/);
    const question = [
      ...path.slice(0, -1),
      { number: 7, role: 'user' as const, text: 'z'.repeat(2400), isMerge: false, files: [] },
    ];
    expect(choose(source(question), { budget: 700, strategy: 'window' })).toMatchObject({ numbers: [7] });
  });

  it('asks for a summary of all but the last turns, and takes it in their place', () => {
    const path = talk(20);
    const refused = choose(source(path), { budget: 1500 });
    expect(refused).toMatchObject({ fits: false, summarizeUpTo: 38, allowed: 1500 });
    const summary = { upTo: 38, text: 'They talked.', files: [] };
    const chosen = choose(source(path, { summary }), { budget: 1500 });
    expect(chosen).toMatchObject({ numbers: [39, 40, 41], summary, leftOut: { summarized: 38, dropped: 0 } });
  });

  it('slides over the newest turns where no summary is to be had, and begins with a question', () => {
    const chosen = choose(source(talk(20)), { budget: 1500, strategy: 'window' });
    expect(chosen).toMatchObject({ leftOut: { dropped: 28 } });
    expect(chosen.numbers[0]).toBe(29);
  });

  it('refuses with numbers where it must not cut', () => {
    expect(chooseContext(source(talk(20)), { ...rules, budget: 1500, strategy: 'none' })).toEqual({
      fits: false,
      ...{ summarizeUpTo: undefined, needed: 41 * 104 + 10, allowed: 1500 },
    });
  });

  it('keeps what is pinned and what was merged', () => {
    const path = talk(20).map((message) => (message.number === 5 ? { ...message, isMerge: true } : message));
    const chosen = choose(source(path, { pins: new Set([2, 40]) }), { budget: 1500, strategy: 'window' });
    expect(chosen.notes).toEqual([2, 5]);
    expect(chosen.numbers).toContain(40);
  });

  it('gives pins a fifth of the room, the newest first', () => {
    const chosen = choose(source(talk(30), { pins: new Set([1, 3, 5, 7]) }), { budget: 1500, strategy: 'window' });
    expect(chosen).toMatchObject({ notes: [5, 7], leftOut: { pins: 2 } });
  });

  it('begins where it was cleared, with the pins from before', () => {
    const chosen = choose(source(talk(5), { clearedUpTo: 8, pins: new Set([3]) }), {});
    expect(chosen).toMatchObject({ numbers: [9, 10, 11], notes: [3], leftOut: { cleared: 8 } });
  });

  it('of a part is the summary and the last fifty messages', () => {
    const path = talk(40);
    expect(choose(source(path), { mode: 'partial' })).toMatchObject({ leftOut: { byMode: 31 } });
    const summary = { upTo: 20, text: 'They talked.', files: [] };
    const chosen = choose(source(path, { summary }), { mode: 'partial' });
    expect(chosen).toMatchObject({ summary, leftOut: { summarized: 20, byMode: 11 } });
    expect(chosen.numbers).toHaveLength(50);
  });

  it('that is minimal is where the branch began and its own', () => {
    expect(choose(source(talk(5), { base: 6 }), { mode: 'minimal' })).toMatchObject({
      numbers: [6, 7, 8, 9, 10, 11],
      leftOut: { byMode: 5 },
    });
  });

  it('tells how full it is, for a summary ahead of need', () => {
    expect(fillOf(source(talk(9)), { ...rules, budget: 2500 })).toBeCloseTo((19 * 104 + 10) / 2500);
    expect(fillOf(source(talk(9)), rules)).toBe(0);
  });

  const someSource = fc
    .record({
      turns: fc.integer({ min: 0, max: 40 }),
      sizes: fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 9 }),
      pins: fc.uniqueArray(fc.integer({ min: 1, max: 81 }), { maxLength: 6 }),
      merges: fc.uniqueArray(fc.integer({ min: 1, max: 81 }), { maxLength: 2 }),
      clearedUpTo: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      summarized: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      base: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    })
    .map(({ turns, sizes, pins, merges, clearedUpTo, summarized, base }) => {
      const path = talk(turns).map((message, index) => ({
        ...message,
        text: 'x'.repeat(sizes[index % sizes.length] ?? 1),
        isMerge: message.role === 'user' && merges.includes(message.number),
      }));
      const last = path.length;
      const within = (number: number | undefined) => (number === undefined || number >= last ? undefined : number);
      const upTo = within(summarized);
      return source(path, {
        pins: new Set(pins),
        clearedUpTo: within(clearedUpTo),
        base: within(base),
        ...(upTo !== undefined && { summary: { upTo, text: 's'.repeat(200), files: [] } }),
      });
    });
  const someRules = fc.record({
    mode: fc.constantFrom(...contextModes),
    strategy: fc.constantFrom(...contextStrategies),
    budget: fc.option(fc.integer({ min: 50, max: 20_000 }), { nil: undefined }),
    ratio: fc.double({ min: 0.5, max: 3, noNaN: true }),
  });

  it('always ends with the question, fits, keeps the order, and says of each message what became of it', () => {
    fc.assert(
      fc.property(someSource, someRules, (from, by) => {
        const chosen = chooseContext(from, by);
        if (!chosen.fits) {
          expect(chosen.needed).toBeGreaterThan(by.budget ?? 0);
          if (by.strategy === 'none' || by.strategy === 'window') expect(chosen.summarizeUpTo).toBeUndefined();
          return;
        }
        const { messages, notes, tokens, leftOut } = chosen.context;
        const numbers = messages.map(({ number }) => number);
        expect(tokens).toBeLessThanOrEqual(by.budget ?? Number.POSITIVE_INFINITY);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        expect(numbers.at(-1)).toBe(from.path.at(-1)?.number);
        expect(messages.at(-1)?.text).toBe(from.path.at(-1)?.text);
        expect(notes.every(({ number }) => !numbers.includes(number))).toBe(true);
        const { cleared, byMode, summarized, dropped } = leftOut;
        expect(numbers.length + cleared + byMode + summarized + dropped).toBe(from.path.length);
        expect(Math.min(...Object.values(leftOut))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is the same bytes for the same conversation, of which a longer one keeps the beginning', () => {
    fc.assert(
      fc.property(someSource, (from) => {
        const whole = chooseContext(from, rules);
        const shorter = chooseContext({ ...from, path: from.path.slice(0, -2) }, rules);
        if (!whole.fits || !shorter.fits || from.path.length < 3) return;
        const sent = composeContext(whole.context, words);
        expect(composeContext(whole.context, words)).toEqual(sent);
        if ((from.clearedUpTo ?? 0) >= from.path.length - 2) return;
        const before = composeContext(shorter.context, words);
        const text = JSON.stringify(sent);
        expect(text.startsWith(JSON.stringify(before).slice(0, -3))).toBe(true);
      }),
    );
  });
});

describe('What is sent', () => {
  it('marks as data what is none of the user, and what holds no mark of its own cannot leave it', () => {
    const path = talk(2).map((message) => ({ ...message, text: `m${message.number}` }));
    const pins = new Set([1, 2]);
    const chosen = chooseContext(source(path, { clearedUpTo: 4, pins }), rules);
    if (!chosen.fits) throw new Error('it does not fit');
    const [system, user] = composeContext(chosen.context, words);
    expect(system).toEqual({ role: 'system', text: 'Be brief.' });
    const mark = /^\[(\w{24})\]/.exec(user?.text ?? '')?.[1];
    expect(user).toEqual({ role: 'user', text: `[${mark}] m1\n\n<data-${mark}>\nm2\n</data-${mark}>\n\nm5` });
  });

  it('has no two of one role in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('user' as const, 'assistant' as const), { minLength: 1 }), (roles) => {
        const path = roles.map((role, index) => ({
          number: index + 1,
          role,
          text: `m${index}`,
          isMerge: false,
          files: [],
        }));
        const chosen = chooseContext(source(path), rules);
        if (!chosen.fits) throw new Error('it does not fit');
        const sent = composeContext(chosen.context, words).map(({ role }) => role);
        expect(sent.some((role, index) => role === sent[index + 1])).toBe(false);
      }),
    );
  });
});
