import { describe, expect, it } from 'vitest';
import { addIgnoreFile, isIgnored, parseIgnoreRules } from '../../src/projects/ignore-rules.ts';

describe('parseIgnoreRules', () => {
  it('finds no rule in an empty file, blank lines and comments', () => {
    expect(parseIgnoreRules('\uFEFF\n\n# a\n   \n/\n!\r\n')).toBeUndefined();
  });

  it('lets the last rule that fits decide, of whatever kind', () => {
    expect(decide('*.log\n!keep.log', 'keep.log')).toBe('included');
    expect(decide('!keep.log\n*.log', 'keep.log')).toBe('ignored');
    expect(decide('a*\n!/x/ab\n', 'x/ab')).toBe('included');
    expect(decide('!/x/ab\na*\n', 'x/ab')).toBe('ignored');
    expect(decide('*.log', 'a.txt')).toBeUndefined();
  });

  it('keeps rules with a slash to the folder of the file, and takes others for any name below', () => {
    expect(decide('/a', 'a')).toBe('ignored');
    expect(decide('/a', 'x/a')).toBeUndefined();
    expect(decide('a', 'x/a')).toBe('ignored');
    expect(decide('x/a', 'y/x/a')).toBeUndefined();
    expect(decide('**/x/a', 'y/x/a')).toBe('ignored');
    expect(decide('**/*.o', 'y/x/a.o')).toBe('ignored');
    expect(decide('foo**/b', 'foox/y/b')).toBe('ignored');
  });

  it('keeps rules with a slash at their end to folders', () => {
    expect(decide('a/', 'a')).toBeUndefined();
    expect(decide('a/', 'a', true)).toBe('ignored');
    expect(decide('a\n!a/', 'a')).toBe('ignored');
    expect(decide('a\n!a/', 'a', true)).toBe('included');
  });

  it('reads escapes, trailing spaces and line ends as git does', () => {
    expect(decide('\\#a\n', '#a')).toBe('ignored');
    expect(decide('\\!a\n', '!a')).toBe('ignored');
    expect(decide('a  \r\n', 'a')).toBe('ignored');
    expect(decide('a\\  \n', 'a ')).toBe('ignored');
    expect(decide('a\\\\ \n', 'a\\')).toBe('ignored');
    expect(decide('a\t\n', 'a')).toBeUndefined();
  });

  it('ignores case on demand', () => {
    const rules = parseIgnoreRules('*.LOG\n/Build/Out\nName\n/Pre/*x', { ignoreCase: true });
    const decisions = ['a.log', 'build/out', 'nAME', 'pRE/aX', 'other'].map((path) => decideBy(rules, path));
    expect(decisions).toEqual(['ignored', 'ignored', 'ignored', 'ignored', undefined]);
  });

  it.each([
    ['a million stars', '*'.repeat(1 << 20)],
    ['stars and letters in long lines', `${'*a'.repeat(2000)}b\n`.repeat(260)],
    ['open brackets', `${'['.repeat(4000)}\n`.repeat(260)],
    ['double stars', `${'**/'.repeat(1300)}b\n`.repeat(260)],
    ['short rules', 'a*b\n'.repeat(1 << 18)],
    ['names', Array.from({ length: 1 << 17 }, (_, index) => `n${index}`).join('\n')],
    ['spaces and backslashes', `${' \\'.repeat(2000)}${' '.repeat(90)}\n`.repeat(250)],
  ])('stays quick with a megabyte of %s', (_, text) => {
    const started = performance.now();
    const rules = parseIgnoreRules(text);
    decideBy(rules, `${'a'.repeat(250)}c`);
    decideBy(rules, `${'a/'.repeat(120)}c`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('isIgnored', () => {
  it('asks the nearest file first, with paths from its own folder', () => {
    const user = addIgnoreFile(undefined, { text: '*.log\n*.tmp', prefixLength: 0, ignoreCase: false });
    const chain = addIgnoreFile(user, { text: '!/keep.log\n/out', prefixLength: 'sub/'.length, ignoreCase: false });
    expect(isIgnored(chain, 'sub/keep.log', 'keep.log', false)).toBe(false);
    expect(isIgnored(chain, 'sub/x/keep.log', 'keep.log', false)).toBe(true);
    expect(isIgnored(chain, 'sub/out', 'out', true)).toBe(true);
    expect(isIgnored(chain, 'sub/a.txt', 'a.txt', false)).toBe(false);
    expect(isIgnored(undefined, 'a', 'a', false)).toBe(false);
  });

  it('holds the limits for all files of a chain together', () => {
    let chain = addIgnoreFile(undefined, { text: 'a', prefixLength: 0, ignoreCase: false });
    const text = '*a*b*c\n'.repeat(40_000);
    for (let depth = 0; depth < 100; depth += 1)
      chain = addIgnoreFile(chain, { text, prefixLength: 0, ignoreCase: false });
    expect(chain?.ruleCount).toBeLessThanOrEqual(50_000);
    expect(chain?.cost).toBeLessThan(140_000);
  });
});

function decide(text: string, path: string, isDirectory = false) {
  return decideBy(parseIgnoreRules(text), path, isDirectory);
}

function decideBy(rules: ReturnType<typeof parseIgnoreRules>, path: string, isDirectory = false) {
  return rules?.decide(path, path.slice(path.lastIndexOf('/') + 1), isDirectory);
}
