import { describe, expect, test } from 'vitest';
import { definitionsIn } from '../../src/search/symbols/definitions.ts';
import { nameTier, parseSymbolQuery } from '../../src/search/symbols/symbol-query.ts';
import { createSyntax } from '../../src/search/symbols/syntax.ts';

describe('A query for a symbol', () => {
  test.each([
    ['Cart', 'Cart', [], undefined],
    ['class Cart', 'Cart', [], 'class'],
    ['fn parse()', 'parse', [], 'function'],
    ['def total(self):', 'total', [], 'method'],
    ['Cart.total', 'total', ['Cart'], undefined],
    ['shop::Cart::total', 'total', ['shop', 'Cart'], undefined],
    ['Cart#total', 'total', ['Cart'], undefined],
    ['struct sock {', 'sock', [], 'struct'],
    ['class', 'class', [], undefined],
    ['heading Set up', 'Set up', [], 'heading'],
  ])('%s', (query, name, parents, kind) => {
    const parsed = parseSymbolQuery(query);
    expect(parsed).toMatchObject({ name, parents });
    expect(kind === undefined ? parsed.kinds : parsed.kinds?.has(kind)).toBe(kind === undefined ? undefined : true);
  });

  test('of more than 200 characters is refused', () => {
    expect(() => parseSymbolQuery('x'.repeat(300))).toThrow('A name may have 200 characters; this one has 300.');
  });

  test.each(['', '  ', '(', '::'])('%j names nothing', (query) => {
    expect(() => parseSymbolQuery(query)).toThrow(/names no definition/);
  });

  test('prefers the name itself, then its case, then what begins with it, then what holds it', () => {
    expect(['Cart', 'cart', 'CartItem', 'OldCart', 'Crt'].map((name) => nameTier(name, 'Cart', false))).toEqual([
      0,
      1,
      2,
      3,
      undefined,
    ]);
    expect(nameTier('cart', 'Cart', true)).toBeUndefined();
  });
});

const syntax = createSyntax();

/** `line-end kind parent.name` of each definition that the lines tell of, as the parser sees it. */
async function read(path: string, text: string): Promise<string[]> {
  const found = definitionsIn({ path, text }, parseSymbolQuery('x'), () => true);
  const seen = await syntax.check(text, found, () => false);
  return found.map((lexical, at) => {
    const { line, endLine, kind, name, parent } = seen[at] ?? lexical;
    const mark = seen[at] ? '' : ' (by its lines)';
    return `${line}-${endLine} ${kind} ${parent === undefined ? '' : `${parent}.`}${name}${mark}`;
  });
}

describe('Kind, range and parent of definitions', () => {
  test('a.ts', async () => {
    const text = `export class Cart<T> {
  items = [];
  constructor(x: number) {
    this.x = x;
  }
  total(): number {
    return sum(
      1,
    );
  }
}
export const add = (a: number) =>
  a + 1;
export const limit = 3;
interface Store<T> {
  read(id: string): T;
}
`;
    expect(await read('a.ts', text)).toMatchInlineSnapshot(`
      [
        "1-11 class Cart",
        "3-5 method Cart.constructor",
        "6-10 method Cart.total",
        "12-13 function add",
        "14-14 const limit",
        "15-17 interface Store",
        "16-16 method Store.read",
      ]
    `);
  });

  test.each([
    ['a.py', 'class Cart:\n    def total(self):\n        return 1\n\n    x = 2\n\ndef top():\n    pass\n'],
    [
      'a.go',
      'package a\n\ntype Cart struct {\n\tx int\n}\n\nfunc (c *Cart) Total() int {\n\treturn 1\n}\n\nfunc top() {\n}\n',
    ],
    [
      'a.rs',
      'pub struct Cart;\nimpl Shop for Cart<T> {\n    fn total(&self) -> u8 {\n        1\n    }\n}\nmacro_rules! m {\n    () => {};\n}\n',
    ],
    ['a.java', 'class Cart {\n  Cart() {\n  }\n  int total(int a) {\n    return 1;\n  }\n}\n'],
    [
      'a.cs',
      'namespace Shop {\n  class Cart {\n    int Total() {\n      return 1;\n    }\n    public int Size { get; }\n  }\n}\n',
    ],
    [
      'a.c',
      '#define LIMIT 3\nstruct cart {\n\tint x;\n};\nint total(struct cart *c);\nstatic int total(struct cart *c)\n{\n\treturn 1;\n}\n',
    ],
    [
      'kernel.c',
      'static int\ntotal_of(int a,\n\tint b)\n{\n\treturn a;\n}\n\nSYSCALL_DEFINE1(close, unsigned int, fd)\n{\n\treturn 0;\n}\n\n' +
        'typedef struct cart {\n\tint x;\n} cart_t;\n\nstatic const struct ops cart_ops = {\n\t.open = open,\n};\nDEFINE_MUTEX(lock);\nstruct later;\nreturn x;\n',
    ],
    [
      'groups.go',
      'package a\n\nconst (\n\tFirst = iota\n\tSecond\n)\n\ntype (\n\tCart struct {\n\t\tx int\n\t}\n\tID string\n)\n\nfunc top() {\n\tcall(\n\t)\n}\n',
    ],
    [
      'lines.ts',
      'export class Cart {\n  async total(\n    tax: number,\n  ): Promise<number> {\n    await sum(\n      tax,\n    );\n    return 1;\n  }\n}\n',
    ],
    ['a.cpp', 'class Cart {\n  int total() { return 1; }\n};\nint Cart::size() {\n  return 1;\n}\n'],
    ['a.rb', 'class Cart\n  def total\n    1\n  end\nend\n'],
    ['a.php', '<?php\nclass Cart {\n  function total() {\n    return 1;\n  }\n}\n'],
    ['a.sh', 'total() {\n  echo 1\n}\n'],
    ['a.kt', 'class Cart {\n    fun total(): Int {\n        return 1\n    }\n}\n'],
    ['a.swift', 'class Cart {\n  func total() -> Int {\n    return 1\n  }\n}\n'],
  ])('%s', async (path, text) => {
    expect((await read(path, text)).join('\n')).toMatchSnapshot();
  });

  test('only of the kind and the owner that were asked for', async () => {
    const text = 'class Cart {\n  total() {\n  }\n}\nclass Other {\n  total() {\n  }\n}\nfunction total() {\n}\n';
    const named = (query: string) =>
      definitionsIn({ path: 'a.ts', text }, parseSymbolQuery(query), (name) => name === 'total').map(
        ({ line }) => line,
      );
    expect([named('total'), named('Cart.total'), named('class total')]).toEqual([[2, 6, 9], [2], []]);
  });

  test('without a grammar, or with one that cannot be read, what the lines tell stands', async () => {
    const nowhere = createSyntax('/nowhere');
    const text = 'class Cart {\n}\n';
    const found = definitionsIn({ path: 'a.ts', text }, parseSymbolQuery('Cart'), () => true);
    expect(await nowhere.check(text, found, () => false)).toEqual([undefined]);
  });

  test('a parser that is stopped leaves the next text alone', async () => {
    const text = `const a = [${'{ b: [1, 2, 3] },\n'.repeat(20_000)}];\nclass Cart {\n}\n`;
    const found = definitionsIn({ path: 'a.ts', text }, parseSymbolQuery('Cart'), (name) => name === 'Cart');
    expect(await syntax.check(text, found, () => true)).toEqual([undefined]);
    expect(await read('b.ts', 'class Cart {\n}\n')).toEqual(['1-2 class Cart']);
  });
});
