import { describe, expect, it } from 'vitest';
import { compileWildmatch } from '../../src/text/wildmatch.ts';

describe('compileWildmatch', () => {
  it.each([
    ['foo', 'foo', true],
    ['foo', 'fooo', false],
    ['', '', true],
    ['f?o', 'foo', true],
    ['f?o', 'f/o', false],
    ['*', 'foo', true],
    ['*', 'foo/bar', false],
    ['*/*', 'foo/bar', true],
    ['*f*o*', 'xfxox', true],
    ['*ob*a*r*', 'foobar', true],
    ['*aab', 'aaaaaab', true],
    ['**', 'foo/bar/baz', true],
    ['**/foo', 'foo', true],
    ['**/foo', 'x/y/foo', true],
    ['**/foo', 'xfoo', false],
    ['foo/**', 'foo/a/b', true],
    ['foo/**', 'foo', false],
    ['foo/**/bar', 'foo/bar', true],
    ['foo/**/bar', 'foo/a/b/bar', true],
    ['foo/**/**/bar', 'foo/bar', true],
    ['foo**bar', 'foo/x/bar', false],
    ['foo**bar', 'fooxbar', true],
    ['***/foo', 'a/b/foo', true],
    ['**\\/foo', 'a/b/foo', true],
    ['**\\/foo', 'foo', false],
    ['**/*/b*c/d', 'x/y/bc/bxc/d', true],
    ['**/a*/**/*b', 'x/ac/q/r/zb', true],
    ['*/**/a', 'x/a', true],
  ])('takes %j for %j: %j', (pattern, text, expected) => {
    expect(compileWildmatch(pattern)(text)).toBe(expected);
  });

  it.each([
    ['[a-c]', 'b', true],
    ['[!a-c]', 'b', false],
    ['[^a-c]', 'd', true],
    ['[^a]', '/', false],
    ['[/]', '/', false],
    ['[]a]', ']', true],
    ['[!]a]', ']', false],
    ['[a-]', '-', true],
    ['[--0]', '.', true],
    ['[\\]]', ']', true],
    ['[\\a-c]', 'b', true],
    ['[c-a]', 'b', false],
    ['[[:alpha:]_]', '_', true],
    ['[[:alpha:]]', '1', false],
    ['[![:digit:]x]', 'y', true],
    ['[[:]', ':', true],
    ['[[:space:]]', '\v', false],
    ['[[:nonsense:]]', 'n', false],
    ['[a', 'a', false],
    ['[', '[', false],
    ['\\[', '[', true],
    ['\\*', 'x', false],
    ['\\', '\\', false],
  ])('takes the set %j for %j: %j', (pattern, text, expected) => {
    expect(compileWildmatch(pattern)(text)).toBe(expected);
  });

  it('counts bytes where one character is asked for, as git does', () => {
    expect(compileWildmatch('?')('é')).toBe(false);
    expect(compileWildmatch('??')('é')).toBe(true);
    expect(compileWildmatch('*é*')('xéy')).toBe(true);
  });

  it('ignores the case of ASCII letters on demand, though not of escaped ones', () => {
    const matches = (pattern: string, text: string) => compileWildmatch(pattern, { ignoreCase: true })(text);
    expect(matches('*.JPG', 'a.jpg')).toBe(true);
    expect(matches('[A-C]', 'b')).toBe(true);
    expect(matches('[[:upper:]]', 'b')).toBe(true);
    expect(matches('[A]', 'a')).toBe(false);
    expect(matches('\\A', 'A')).toBe(false);
    expect(matches('É', 'é')).toBe(false);
  });

  it('agrees with a matcher that tries everything, on all short texts', () => {
    const patterns = words(['a', 'b', '/', '*', '?', '**/'], 4);
    const texts = words(['a', 'b', '/'], 5);
    for (const pattern of patterns) {
      const matches = compileWildmatch(pattern);
      const plain = new RegExp(`^${toRegExp(pattern)}$`);
      for (const text of texts) {
        if (matches(text) !== plain.test(text)) expect.fail(`${pattern} for ${text}: expected ${plain.test(text)}`);
      }
    }
  });

  it.each([
    ['*a'.repeat(30), 'a'.repeat(5000)],
    [`${'*a'.repeat(1000)}b`, 'a'.repeat(4000)],
    [`${'**/'.repeat(20)}b`, 'a/'.repeat(20_000)],
    [`${'**/*a'.repeat(500)}b`, 'aa/'.repeat(1500)],
    [`**/${'*a*/'.repeat(500)}b`, 'aaaa/'.repeat(1000)],
    ['['.repeat(50_000), 'a'],
    [`${'[:'.repeat(25_000)}]`, 'a'],
    [`${'[[:'.repeat(20_000)}]`, 'a'],
    [`${'*'.repeat(50_000)}/x`, '/'.repeat(50_000)],
    ['[a-z]'.repeat(10_000), 'a'.repeat(10_000)],
  ])('is done with a hostile pattern at once (%#)', (pattern, text) => {
    const started = performance.now();
    expect(compileWildmatch(pattern)(`${text}c`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

function words(letters: string[], length: number): string[] {
  let last = [''];
  const all = [''];
  for (let at = 0; at < length; at += 1) {
    last = last.flatMap((word) => letters.map((letter) => word + letter));
    all.push(...last);
  }
  return all;
}

/** The same rules as an expression that backtracks. */
function toRegExp(pattern: string): string {
  return pattern.replace(/(?<=^|\/)\*{2,}(\/|$)|\*+|\?/g, (found, end?: string) => {
    if (end !== undefined) return end === '/' ? '(?:.*/)?' : '.*';
    return found === '?' ? '[^/]' : '[^/]*';
  });
}
