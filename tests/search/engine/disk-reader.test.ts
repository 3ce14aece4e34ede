import { renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDiskReader, createSearchReaders, createTextReader } from '../../../src/search/engine/disk-reader.ts';
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

it('holds no place of a file whose folder became a link to another', () => {
  const outside = tempProject({ 'in/a.txt': 'plain' });
  const folder = tempProject({ 'in/a.txt': 'plain' });
  const { readPlaces } = createSearchReaders({ folder, refuseHardLinks: false });
  const room = Buffer.alloc(3);
  const ask = (isWanted: boolean) => {
    const modifiedAt = statSync(join(folder, 'in/a.txt')).mtimeMs;
    const entry = {
      path: 'in/a.txt',
      size: 5,
      modifiedAt,
      length: 5,
      state: 'disk',
      isAscii: false,
      start: 0,
    } as const;
    return readPlaces(entry, [{ start: 1, length: 3 }], room, () => isWanted);
  };
  expect([ask(true), ask(false), room.toString()]).toEqual(['held', 'passed', 'lai']);
  renameSync(join(folder, 'in'), join(folder, 'out'));
  symlinkSync(join(outside, 'in'), join(folder, 'in'));
  expect(ask(true)).toBe('unread');
});
