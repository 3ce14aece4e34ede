import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import * as p50k from 'gpt-tokenizer/encoding/p50k_base';
import { describe, expect, it } from 'vitest';
import { loadCounter, tokenizerOf } from '../../src/text/tokens.ts';

const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
const vocabularies = { o200k, cl100k, p50k };

const chinese = '令牌桶在每个时间间隔内补充。请求到达时，如果桶中有令牌，就取出一个。';
const japanese = 'トークンは一定の間隔で補充されます。要求が届くと、一つ取り出します。';
const korean = '토큰은 일정한 간격으로 채워집니다. 요청이 도착하면 하나를 꺼냅니다.';
const code = readFileSync('src/text/tokens.ts', 'utf8');

describe('Tokens', () => {
  it.each(['o200k', 'cl100k', 'p50k'] as const)('are those of %s where that is the model’s own', async (name) => {
    const count = await loadCounter(tokenizerOf(name));
    const texts = ['', 'hello world', code, chinese, japanese, korean, '👩‍👩‍👧 é\r\n\t\0', 'a <|endoftext|> b'];
    for (const text of texts) expect(count(text)).toBe(vocabularies[name].encode(text, asText).length);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 150 }), (text) => {
        expect(count(text)).toBe(vocabularies[name].encode(text, asText).length);
      }),
      { numRuns: 200 },
    );
  });

  it('of one long word are counted in linear time, and never below what they are', async () => {
    const count = await loadCounter(tokenizerOf('o200k'));
    for (const unit of ['a', '-', ' ', '漢字混じり文', 'ab1_']) {
      const begun = performance.now();
      count(unit.repeat(1_000_000 / unit.length));
      expect(performance.now() - begun).toBeLessThan(1500);
      const short = unit.repeat(Math.floor(2000 / unit.length));
      const real = o200k.encode(short, asText).length;
      expect(count(short)).toBeGreaterThanOrEqual(real);
      expect(count(short)).toBeLessThanOrEqual(real + 24);
    }
  });

  it('of a model that is not known are estimated at no less than others count', async () => {
    const count = await loadCounter(tokenizerOf('claude-sonnet-4'));
    for (const text of [code, chinese, japanese, korean, JSON.stringify({ code, chinese }, null, 2)]) {
      const others = [o200k, cl100k].map((vocabulary) => vocabulary.encode(text, asText).length);
      expect(count(text)).toBeGreaterThanOrEqual(Math.max(...others));
      expect(count(text)).toBeLessThan(2 * Math.min(...others));
    }
  });

  it.each([
    ['gpt-5.1', 'o200k'],
    ['openai/gpt-4o-mini', 'o200k'],
    ['gpt-4.1', 'o200k'],
    ['o4-mini', 'o200k'],
    ['openrouter/openai/gpt-oss-120b', 'o200k'],
    ['gpt-4-turbo', 'cl100k'],
    ['gpt-3.5-turbo', 'cl100k'],
    ['meta-llama/llama-3.3-70b', 'estimate (o200k x 1.1)'],
    ['deepseek-v3', 'estimate (o200k x 1.2)'],
    ['google/gemini-3-pro', 'estimate (o200k x 1.35)'],
    ['anthropic/claude-opus-4', 'estimate (o200k x 1.35)'],
    [undefined, 'estimate (o200k x 1.35)'],
  ])('of %s are counted by %s', (model, name) => {
    expect(tokenizerOf(model).name).toBe(name);
  });
});
