import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textPage } from '../../src/text/text-page.ts';

it('reads a text in pages that lose nothing and fit as JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 12, max: 300 }), (text, most) => {
      let read = '';
      for (let offset = 0; offset < text.length; ) {
        const page = textPage(text, offset, most);
        expect(JSON.stringify(page.text).length - 2).toBeLessThanOrEqual(most);
        expect(page.end).toBeGreaterThan(offset);
        read += page.text;
        offset = page.end;
      }
      expect(read).toBe(text);
    }),
  );
});
