import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tools } from '../helpers/tools.ts';

describe('docs/chat.md', () => {
  const text = readFileSync('docs/chat.md', 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (operation|type|error|feature) /.test(line));

  it('has all 18 operations of ChatRoutes and all 5 of AAAnynotes', () => {
    const named = rows.map((row) => row.split(' | ')[0]?.slice(2) ?? '');
    expect(named.filter((name) => /^(conversations|messages|branches)\.\w+$/.test(name))).toHaveLength(18);
    expect(named.filter((name) => /^(GET|POST|DELETE) \/api\//.test(name))).toHaveLength(5);
  });

  it('has the types, the errors and the other features, none of them twice', () => {
    const named = rows.map((row) => row.split(' | ')[0] ?? '');
    expect(new Set(named).size).toBe(named.length);
    expect(rows.length).toBeGreaterThanOrEqual(18 + 5 + 9 + 10 + 16);
  });

  it.each(rows)('names tools and tests that exist: %s', (row) => {
    const names = [...row.matchAll(/`([a-z]+_[a-z]+)`/g)].map(([, name]) => name);
    const fields = [...tools.flatMap(({ input }) => Object.keys(input.shape)), 'next_cursor', 'bad_input', 'not_found'];
    const known = [...tools.map(({ name }) => name), ...fields, 'storage_full'];
    expect(names.filter((name) => !known.includes(name ?? ''))).toEqual([]);
    const files = [...row.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file);
    expect(files).not.toEqual([]);
    for (const file of files)
      expect(existsSync(file.startsWith('tests/') ? file : `tests/tools/${file}`), file).toBe(true);
  });
});
