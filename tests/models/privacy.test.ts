import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Question } from '../../src/models/question.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { key, setUpAsker } from './set-up.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const secret = `ghp_${'aB3dE5gH7jK9mN1pQ3sT5vW7xZ9bC1dE3fG5'}`;
const call = { signal: new AbortController().signal, withinMs: 20_000, purpose: 'test', runId: 'run' };

function question(model: string, ...paths: string[]): Question {
  const messages = [{ role: 'user' as const, text: `Is ${secret} or ${key} right?` }];
  return { model, messages, files: paths.map((path) => ({ path })) };
}

function setUp(privacy: string[], tiers: string[] = []) {
  const store = openSqlite(`${tempProject()}/octant.db`);
  onTestFinished(() => store.close());
  return setUpAsker(server, store, { privacy, tiers });
}

const sent = async () => (await server.journal()).filter(({ path }) => /chat/.test(path)).map(({ body }) => body);

describe('A provider', () => {
  it('gets names for secrets, unless it may have all as it is; a key of a provider it never gets', async () => {
    const { asker, receipts } = setUp(['den=raw']);
    await asker.ask(question('shop/small'), call);
    await asker.ask(question('den/tiny'), call);
    const [hidden, raw] = await sent();
    expect(hidden).not.toContain(secret);
    expect(raw).toContain(secret);
    expect(`${hidden}${raw}`).not.toContain(key);
    expect((await receipts('run')).map(({ redactions }) => redactions)).toEqual([{ github: 1, key: 1 }, { key: 1 }]);
  });

  it.each([
    ['never:src/billing/**', 'src/billing/tax.ts'],
    ['never:*.sql', 'db/schema.sql'],
    ['never:contracts', 'contracts/2026/a.md'],
    ['never', 'a.ts'],
  ])('never gets what %s withholds: %s', async (rule, path) => {
    const { asker, receipts } = setUp([`shop=${rule}`]);
    await expect(asker.ask(question('shop/small', 'b/c.md', path), call)).rejects.toMatchObject({
      kind: 'withheld',
      message: expect.stringMatching(/^shop\/small must not get a file of this request \(.+\)\.$/),
    });
    expect(await sent()).toEqual([]);
    expect(await receipts('run')).toMatchObject([{ outcome: 'failed', failure: 'withheld', inputTokens: 0, cost: 0 }]);
    expect((await asker.ask(question('den/tiny', path), call)).value).toBe('OK');
  });

  it('that must not get a file is passed over in a tier', async () => {
    const { asker } = setUp(['shop=never:*.sql'], ['low=shop/small', 'low=den/tiny']);
    expect((await asker.ask(question('low', 'a.ts'), call)).model).toBe('shop/small');
    expect((await asker.ask(question('low', 'a.ts', 'b.sql'), call)).model).toBe('den/tiny');
  });

  it.each([
    ['shopp=raw', /--privacy shopp=raw: no provider has this name. Known: .*shop/],
    ['shop=never:{1..9}', /--privacy shop=never: The glob "\{1\.\.9\}" holds a range/],
  ])('has no rule that means nothing: %s', (rule, message) => {
    expect(() => setUp([rule])).toThrow(message);
  });
});
