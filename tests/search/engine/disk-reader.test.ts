import { expect, it } from 'vitest';
import { createDiskReader, createTextReader } from '../../../src/search/engine/disk-reader.ts';
import { tempProject } from '../../helpers/temp-project.ts';

it('reads listed files as text, and no others', () => {
  const folder = tempProject({
    'a.txt': 'plain',
    'b.txt': Buffer.from('\ufeffwide', 'utf16le'),
    'c.txt': Buffer.from('\u00e9', 'latin1'),
    'd.bin': Buffer.from([0]),
    '.env': 'KEY=1',
  });
  const root = { folder, refuseHardLinks: false };
  const read = createTextReader(root);
  const texts = ['a.txt', 'b.txt', 'c.txt', 'd.bin', '.env', 'gone'].map((path) => read(path)?.toString());
  expect(texts).toEqual(['plain', 'wide', 'é', undefined, undefined, undefined]);
  const found = createDiskReader(root)('a.txt', Buffer.alloc(10));
  expect(found).toMatchObject({ size: 5, bytes: Buffer.from('plain') });
});
