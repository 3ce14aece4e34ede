import { describe, expect, it } from 'vitest';
import { loadPrompts } from '../../src/library/prompt-file.ts';
import { findWeaknesses, weaknessNames } from '../../src/library/weaknesses.ts';

const good = `Find why \`cartTotal\` in src/cart.ts rounds the discount twice, and fix it.

Change only src/cart.ts and its test. Leave the tax alone.

Done when \`npm test\` passes. Answer with the diff and one sentence that says what was wrong.`;

const long =
  'Look at the cart and say what it does with the tax when the price has a discount and the customer is abroad. '.repeat(
    7,
  );
const key = `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`;

/** What each adds to, or takes from, a prompt that has none of them. */
const damaged: Record<string, string> = {
  secret: `${good}\nThe key is STRIPE_SECRET_KEY=${key}\n`,
  left_open: `${good}\nTODO: say which prices.`,
  no_task: 'src/cart.ts only. Tests pass. A list.',
  refers_outside: `${good}\nDo it as discussed.`,
  vague: `${good}\nClean it up as needed.`,
  no_place: 'Find why the discount is rounded twice. Change only that. Answer with the diff when the test passes.',
  no_done_check: 'Find why src/cart.ts rounds twice. Change only that. Answer with the diff.',
  no_answer_form: 'Find why src/cart.ts rounds twice and fix only that until the test passes.',
  no_limits: 'Find why src/cart.ts rounds twice and fix it until the test passes. Answer with the diff.',
  many_tasks: `${good}\nThen refactor the tax, add tests, update the docs and release it.`,
  contradiction: `${good}\nBe brief, and explain everything you did in detail.`,
  wall_of_text: `${good}\n\n${long}`,
  role_play: `You are a world-class senior engineer.\n${good}`,
  pressure: `${good}\nMy job depends on it.`,
  thinking_orders: `${good}\nThink step by step.`,
  machine_path: `${good}\nThe log is in /home/ann/cart.log.`,
};

describe('The checklist of a prompt', () => {
  it('finds nothing in a good one', async () => {
    expect(await findWeaknesses(good)).toEqual([]);
  });

  it('has a test of each of its names', () => {
    expect(Object.keys(damaged)).toEqual(weaknessNames);
  });

  it.each(Object.entries(damaged))('finds %s, and nothing else', async (name, text) => {
    const found = await findWeaknesses(text);
    expect(found.map((each) => each.name)).toEqual([name]);
    expect(found[0]?.what).toMatch(/\w.*\.$/);
    expect(found[0]?.fix).toMatch(/\w.*\.$/);
  });

  it('never shows a secret', async () => {
    expect(JSON.stringify(await findWeaknesses(damaged.secret ?? ''))).not.toContain(key.slice(8));
  });

  it('takes what stands in code and quotation marks for what is spoken of', async () => {
    expect(await findWeaknesses(`${good}\nReplace \`think step by step\` and "as discussed" in it.`)).toEqual([]);
  });

  it('finds little in the prompts that ship', async () => {
    for (const { name, document } of loadPrompts('prompts')) {
      const found = (await findWeaknesses(document.body)).map((each) => each.name);
      expect([name, found.filter((each) => !['no_limits', 'no_done_check'].includes(each))]).toEqual([name, []]);
    }
  });

  it('takes no time over a long one', async () => {
    const begun = performance.now();
    await findWeaknesses('You are the code above and (fix) to '.repeat(3000));
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
