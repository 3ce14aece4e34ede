import { describe, expect, it } from 'vitest';
import { createImportResolver, importsOf } from '../../../src/search/task/imports.ts';

const languages: ReadonlyArray<{ language: string; text: string; names: string[] }> = [
  {
    language: 'TypeScript',
    text: `import { a } from './a.ts';\nimport type b from "../b";\nexport * from '@shop/cart';\nconst c = require('c');\nawait import('./d.js');\n`,
    names: ['./a.ts', '../b', '@shop/cart', 'c', './d.js'],
  },
  {
    language: 'Python',
    text: 'import os.path\nfrom shop.cart import Cart\nfrom . import tax\nfrom ..money import (\n  Euro)\n',
    names: ['os.path', 'shop.cart.Cart', '.tax', '..money'],
  },
  {
    language: 'Rust',
    text: 'use crate::cart::Cart;\npub(crate) mod tax;\n',
    names: ['crate::cart::Cart', 'self::tax'],
  },
  {
    language: 'Go',
    text: 'import "fmt"\nimport (\n\t"os"\n\tm "example.com/shop/money"\n)\n',
    names: ['fmt', 'example.com/shop/money'],
  },
  {
    language: 'Java',
    text: 'import static com.shop.Cart.total;\nimport com.shop.Tax;\n',
    names: ['com.shop.Cart.total', 'com.shop.Tax'],
  },
  { language: 'C', text: '#include <stdio.h>\n# include "cart.h"\n', names: ['stdio.h', 'cart.h'] },
  { language: 'Ruby', text: "require 'json'\nrequire_relative '../cart'\n", names: ['json', '../cart'] },
  { language: 'PHP', text: 'use Shop\\Cart;\n', names: ['Shop\\Cart'] },
  { language: 'Markdown', text: "import a from './a.ts'\n", names: [] },
];

describe('Imports', () => {
  it.each(languages)('of $language are found', ({ language, text, names }) => {
    expect(importsOf(text, language)).toEqual(names);
  });

  it.each([
    ['src/main.ts', './cart.js', 'src/cart.ts'],
    ['src/main.ts', './tax', 'src/tax/index.ts'],
    ['src/tax/index.ts', '../cart', 'src/cart.ts'],
    ['src/main.ts', '@shop/money/euro', 'packages/money/src/euro.ts'],
    ['app/shop/views.py', 'shop.models.Cart', 'app/shop/models.py'],
    ['app/shop/views.py', '.models', 'app/shop/models.py'],
    ['crates/a/src/main.rs', 'crate::net::Server', 'crates/a/src/net.rs'],
    ['src/main/java/com/shop/App.java', 'com.shop.Cart', 'src/main/java/com/shop/Cart.java'],
    ['native/main.c', 'cart.h', 'native/cart.h'],
    ['src/main.ts', './missing', undefined],
    ['src/main.ts', '../../../../etc/passwd', undefined],
    ['src/main.ts', '', undefined],
    ['src/main.ts', 'vitest', undefined],
    ['src/main.ts', 'money', 'packages/money/index.ts'],
  ])('of %s: %s is %s', (from, name, target) => {
    const paths = [
      ...['src/main.ts', 'src/cart.ts', 'src/tax/index.ts', 'packages/money/src/euro.ts', 'app/shop/views.py'],
      ...['app/shop/models.py', 'crates/a/src/main.rs', 'crates/a/src/net.rs', 'native/main.c', 'native/cart.h'],
      ...['src/main/java/com/shop/App.java', 'src/main/java/com/shop/Cart.java', 'other/models.py'],
      ...['vitest.config.ts', 'packages/money/index.ts'],
    ];
    const found = createImportResolver(paths)(from, name).map((place) => paths[place]);
    expect(found).toEqual(target === undefined ? [] : [target]);
  });
});
