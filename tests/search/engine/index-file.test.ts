import { describe, expect, it } from 'vitest';
import { createArena } from '../../../src/search/engine/arena.ts';
import { restoreIndex, serializeIndex } from '../../../src/search/engine/index-file.ts';
import { createTextIndex, type TextIndex } from '../../../src/search/engine/text-index.ts';
import { indexOf, search, type Tree } from '../../helpers/search-engine.ts';

const tree: Tree = {
  'a.txt': `one\n${'filler line\n'.repeat(2000)}two ä\n`,
  'b/c.txt': 'one two three',
  'b/empty': '',
  'd.bin': Buffer.from([1, 0, 2]),
};
const two = { query: 'two', mode: 'text', letterCase: 'sensitive' } as const;
const read = (path: string) => Buffer.from(tree[path] ?? '');

function restored(buffer: Buffer): TextIndex | undefined {
  const arena = createArena(64 * 1024 * 1024);
  const slice = restoreIndex(buffer, arena);
  return slice && createTextIndex(arena, [slice]);
}

describe('A stored index', () => {
  const index = indexOf(tree, { filesPerSlice: 2 });
  const wanted = search(index, two);
  const buffer = serializeIndex(index);

  it('answers from the disk as the one in memory did', () => {
    const again = restored(buffer);
    expect(wanted).toHaveLength(2);
    expect(again && search(again, two, { read })).toEqual(wanted);
    expect(again?.find('b/c.txt')).toMatchObject({ size: 13, modifiedAt: 1, state: 'disk' });
    expect(again?.find('d.bin')?.state).toBe('binary');
  });

  it('takes its text back into memory', () => {
    const again = restored(buffer);
    if (!again) throw new Error('It was not restored.');
    for (let file = 0; file < again.files.count(); file++) {
      if (again.files.state(file) === 'disk') expect(again.load(file, read(again.files.path(file)))).toBe(true);
    }
    expect(search(again, two)).toEqual(wanted);
    expect(again.load(0, read('a.txt'))).toBe(false);
  });

  it('forgets what changed since it was built', () => {
    const changed = indexOf(tree);
    changed.put('a.txt', { bytes: Buffer.from('new'), size: 3, modifiedAt: 2 });
    changed.remove('b/c.txt');
    const again = restored(serializeIndex(changed));
    expect(again?.find('a.txt')?.size).toBe(-1);
    expect(again?.find('b/c.txt')?.size).toBe(-1);
  });

  it('is refused when any of its bytes is wrong, or some are missing', () => {
    for (let at = 0; at < buffer.length; at += 1 + Math.floor(buffer.length / 200)) {
      if (at >= 24 && at < 32) continue; // unused
      const damaged = Buffer.from(buffer);
      damaged.writeUInt8((damaged.readUInt8(at) + 1) % 256, at);
      expect(restored(damaged), `byte ${at}`).toBeUndefined();
    }
    expect(restored(buffer.subarray(0, buffer.length - 1))).toBeUndefined();
    expect(restored(Buffer.alloc(0))).toBeUndefined();
  });
});
