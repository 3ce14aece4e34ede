import { describe, expect, it } from 'vitest';
import { outlineFile } from '../../../src/search/outlines/file-outline.ts';

const licence = `/*
 * Copyright 2020 Somebody.
 * Licensed under the Apache License, Version 2.0; you may not use this file but under it.
 */
`;

function purposeOf(path: string, text: string): string {
  return outlineFile(path, text).purpose;
}

describe('The purpose of a file', () => {
  it.each([
    ['its head comment', 'a.ts', `// Adds up carts.\n\nimport x from 'x';\n`, 'Adds up carts.'],
    ['not its licence', 'a.ts', `${licence}\n/** Adds up carts. */\n\nimport x from 'x';\n`, 'Adds up carts.'],
    ['nothing of a licence alone', 'a.ts', licence, ''],
    ['no order to a linter', 'a.js', '/* eslint-disable no-console */\n// Prints carts.\n\nrun();\n', 'Prints carts.'],
    [
      'what its namesake says',
      'cart-total.ts',
      'const limit = 3;\n\n/** Adds up all of a cart. More of it. And a third. */\nexport function cartTotal() {}\n',
      'Adds up all of a cart. More of it.',
    ],
    [
      'no comment of a value that nobody else sees',
      'a.ts',
      '/** Files above it are data. */\nconst limit = 3;\nexport function run() {}\n',
      'Defines run',
    ],
    [
      'the name of what it says, where that is not the whole file',
      'shop.ts',
      '/** Adds up. */\nexport function total() {}\nexport function list() {}\n',
      'total: Adds up. Also list.',
    ],
    ['a docstring', 'a.py', '#!/usr/bin/env python\n"""Adds up carts.\n\nMore.\n"""\nimport os\n', 'Adds up carts.'],
    ['a docstring of its class', 'cart.py', 'import os\n\nclass Cart:\n    """What is bought."""\n', 'What is bought.'],
    ['the comment of a Go package', 'a.go', '// Package cart adds up.\npackage cart\n', 'Package cart adds up.'],
    ['inner documentation of Rust', 'a.rs', '//! Adds up carts.\n\nuse std::fmt;\n', 'Adds up carts.'],
    [
      'no identity of a kernel file',
      'a.c',
      '// SPDX-License-Identifier: GPL-2.0\n/*\n * kernel/a.c\n *\n * Adds up.\n */\n#include <a.h>\n',
      'Adds up.',
    ],
    [
      'title and first paragraph',
      'a.md',
      '# Shop\n\n[![b](c)](d)\n\nSells *things* of [ours](x).\n',
      'Shop: Sells *things* of ours.',
    ],
    ['a title once', 'a.md', '# Shop\n\nShop sells.\n', 'Shop sells.'],
    ['no list of contents', 'a.md', '# Shop\n\n- [One](#one)\n- [Two](#two)\n\nIt sells.\n', 'Shop: It sells.'],
    [
      'the description of a manifest',
      'package.json',
      '{"name":"shop","version":"1.2.3","description":"Sells."}',
      'shop 1.2.3: Sells.',
    ],
    ['the keys of settings', 'a.json', '{"one":1,"two":2}', 'Keys one, two'],
    [
      'the package of a Cargo.toml',
      'Cargo.toml',
      '[workspace]\nname = "w"\n[package]\nname = "shop"\ndescription = "Sells."\n[dependencies]\nname = "x"\n',
      'shop: Sells.',
    ],
    [
      'names of tests',
      'a.test.ts',
      `describe('A cart', () => {\n  it('adds up', () => {});\n});\n`,
      '1 test: A cart; adds up',
    ],
    ['names of Python tests', 'test_a.py', 'def test_adds_up():\n    pass\n', '1 test: adds up'],
    ['what it passes on', 'index.ts', `export { a, b } from './cart.ts';\n`, `a, b from './cart.ts'`],
  ])('is %s', (_what, path, text, purpose) => {
    expect(purposeOf(path, text)).toBe(purpose);
  });
});

describe('The symbols of a file', () => {
  const symbolsOf = (path: string, text: string) =>
    outlineFile(path, text).symbols.map(({ signature, isOffered, members }) => [signature, isOffered, members.join()]);

  it('have signatures up to the body, over several lines', () => {
    const text = [
      'export async function add(',
      '  cart: { items: Item[] },',
      '  item: Item,',
      '): Promise<{ total: number }> {',
      '}',
      'export const total = (cart: Cart): number => 3;',
      "export type Kind =\n  | 'a'\n  | 'b';",
      'class Hidden {}',
    ].join('\n');
    expect(symbolsOf('a.ts', text)).toEqual([
      ['async function add(cart: { items: Item[] }, item: Item): Promise<{ total: number }>', true, ''],
      ['const total = (cart: Cart): number', true, ''],
      ["type Kind = | 'a' | 'b'", true, ''],
      ['class Hidden', false, ''],
    ]);
  });

  it('are offered as their language says it', () => {
    const offered = (path: string, text: string) =>
      outlineFile(path, text).symbols.flatMap(({ name, isOffered }) => (isOffered ? name : []));
    expect(offered('a.js', 'function a() {}\nfunction b() {}\nmodule.exports = { a };\n')).toEqual(['a']);
    expect(offered('a.ts', 'function a() {}\nfunction b() {}\nexport { b };\n')).toEqual(['b']);
    expect(offered('a.py', 'def a():\n    pass\ndef _b():\n    pass\n')).toEqual(['a']);
    expect(offered('a.go', 'package a\nfunc A() {}\nfunc b() {}\n')).toEqual(['A']);
    expect(offered('a.rs', 'pub fn a() {}\nfn b() {}\n')).toEqual(['a']);
    expect(offered('a.java', 'public class A {}\nclass B {}\n')).toEqual(['A']);
    expect(offered('a.c', 'int a(void)\n{\n}\nstatic int b(void)\n{\n}\n')).toEqual(['a']);
  });

  it('have members, those of implementations among them', () => {
    expect(symbolsOf('a.ts', 'export class Cart {\n  add(item: Item) {\n  }\n  private drop() {\n  }\n}\n')).toEqual([
      ['class Cart', true, 'add'],
    ]);
    expect(symbolsOf('a.rs', 'pub struct Cart {\n}\nimpl Cart {\n    pub fn add(&self) {}\n}\n')).toEqual([
      ['struct Cart', true, 'add'],
    ]);
  });

  it('take time in line with the text, whatever it holds', () => {
    for (const piece of ['/* ', '"""', 'export { ', '(((', '# ', '<!-- ', 'a, ', '[x](', "describe('"]) {
      const begun = performance.now();
      for (const path of ['a.ts', 'a.py', 'a.md', 'a.test.ts', 'a.rs', 'a.json'])
        outlineFile(path, piece.repeat(60_000));
      expect(performance.now() - begun, JSON.stringify(piece)).toBeLessThan(4000);
    }
  });
});
