import { describe, expect, it } from 'vitest';
import { createArena } from '../../../src/search/engine/arena.ts';
import { createFileColumns, fileStates } from '../../../src/search/engine/file-table.ts';
import { placeSegments, segmentBytes, shapeOf, sizeOfSegments } from '../../../src/search/engine/index-file.ts';
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

/** Without its text, as if it came from the disk. */
function columnsOf({ files, indexedCount }: TextIndex) {
  const columns = createFileColumns(Array.from({ length: indexedCount }, (_, file) => files.path(file)));
  for (const file of columns.paths.keys()) {
    const { state, length } = files.entry(file);
    columns.states[file] = state === 'memory' ? fileStates.disk : fileStates[state];
    columns.lengths[file] = length;
  }
  return columns;
}

function restored(index: TextIndex, bytes: Buffer, lengths = columnsOf(index).lengths): TextIndex | undefined {
  const arena = createArena(64 * 1024 * 1024);
  arena.reserve(4096);
  const base = arena.reserve(bytes.length) ?? 0;
  arena.bytes().set(bytes, base);
  const segments = placeSegments(arena, base, index.segments.map(shapeOf), lengths);
  return segments && createTextIndex(arena, [{ first: 0, files: columnsOf(index), segments }]);
}

describe('The segments of an index, as bytes', () => {
  const index = indexOf(tree, { filesPerSlice: 2 });
  const wanted = search(index, two);
  const bytes = Buffer.concat([...segmentBytes(index)]);

  it('answer from the disk as those in memory did', () => {
    expect(bytes.length).toBe(sizeOfSegments(index.segments));
    const again = restored(index, bytes);
    expect(wanted).toHaveLength(2);
    expect(again && search(again, two, { read })).toEqual(wanted);
    expect(again?.find('d.bin')?.state).toBe('binary');
  });

  it('take their text back into memory, and are the same bytes again', () => {
    const again = restored(index, bytes);
    if (!again) throw new Error('They were refused.');
    for (let file = 0; file < again.files.count(); file++) {
      if (again.files.state(file) === 'disk') expect(again.load(file, read(again.files.path(file)))).toBe(true);
    }
    expect(search(again, two)).toEqual(wanted);
    expect(again.load(0, read('a.txt'))).toBe(false);
    expect(Buffer.concat([...segmentBytes(again)])).toEqual(bytes);
  });

  it('are refused when their blocks do not fit into the files', () => {
    expect(restored(index, bytes, new Float64Array(4))).toBeUndefined();
    expect(restored(index, Buffer.alloc(bytes.length, 255))).toBeUndefined();
  });
});
