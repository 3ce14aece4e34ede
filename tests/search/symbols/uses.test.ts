import { describe, expect, test } from 'vitest';
import { importWords, usesIn } from '../../../src/search/symbols/uses.ts';

/** `line:column role` of each line. */
function uses(path: string, text: string, name: string, isSensitive = true): string[] {
  return usesIn({ path, text }, name, isSensitive).map(
    ({ line, column, role }) => `${line}:${column}${role ? ` ${role}` : ''}`,
  );
}

describe('A use of a name', () => {
  test('is a whole identifier, and each line counts once', () => {
    expect(uses('a.ts', 'cart; cartOf; mycart; _cart; cart2\n cart(cart)\nCart\n', 'cart')).toEqual(['1:1', '2:2']);
    expect(uses('a.ts', 'cart\nCart\nCARTS\n', 'Cart', false)).toEqual(['1:1', '2:1']);
  });

  test('has the signs that the language allows in a name', () => {
    expect(uses('a.ts', '$cart\ncart$\n', 'cart')).toEqual([]);
    expect(uses('a.sh', 'echo $cart "$cart"\n', 'cart')).toEqual(['1:7']);
    expect(uses('a.php', '<?php\n$cart = 1;\n', 'cart')).toEqual(['2:2']);
    expect(uses('a.css', '.my-cart {}\n.cart {}\n', 'cart')).toEqual(['2:2']);
    expect(uses('a.py', 'größe = 1\ngröß = 2\n', 'größ')).toEqual(['2:1']);
    expect(uses('a.rb', 'empty?\nempty\n', 'empty?')).toEqual(['1:1']);
  });

  test('in a comment or a string is said to be one; code on the same line wins', () => {
    const text = `// cart
/* cart
   cart */ cart
const a = "cart";
const b = "cart" + cart;
const c = \`
  cart
\`;
const d = /cart"/; cart;
`;
    expect(uses('a.ts', text, 'cart')).toEqual([
      '1:4 comment',
      '2:4 comment',
      '3:12',
      '4:12 string',
      '5:20',
      '7:3 string',
      '9:12',
    ]);
    expect(uses('a.py', '"""\ncart\n"""\ncart # cart\n# cart\n', 'cart')).toEqual(['2:1 string', '4:1', '5:3 comment']);
    expect(uses('a.unknown', '// cart\n', 'cart')).toEqual(['1:4']);
  });

  test('in an import is said to be one, over several lines too', () => {
    const text = "import {\n  cart,\n} from './cart.ts';\ncart();\nimport { cart } from 'x';\n";
    expect(uses('a.ts', text, 'cart')).toEqual(['2:3 import', '3:11 import', '4:1', '5:10 import']);
    expect(uses('a.py', 'from shop import cart\n', 'cart')).toEqual(['1:18 import']);
    expect(uses('a.c', '#include "cart.h"\n', 'cart')).toEqual(['1:11 import']);
    expect(uses('a.rs', 'use crate::cart;\n', 'cart')).toEqual(['1:12 import']);
  });

  test('shows the part of a long line around it', () => {
    const [use] = usesIn({ path: 'a.js', text: `${'x'.repeat(5000)} cart ${'y'.repeat(5000)}` }, 'cart', true);
    expect(use?.text).toMatch(/^…x+ cart y+…$/);
    expect(use?.column).toBe(5002);
  });
});

test('the words of imports', () => {
  const words = importWords(
    "import { a } from './shop/cart.ts';\nfrom old import total\n#include <net/tcp.h>\nconst importance = 1;\n",
  );
  expect([...words]).toEqual(expect.arrayContaining(['cart', 'total', 'tcp']));
  expect(words.has('importance')).toBe(false);
});
