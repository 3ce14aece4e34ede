/** What a thread needs to open a feed that another one made; can be posted to it. */
export interface PathFeedHandle {
  /** How many paths are there, whether all are, and which slice is taken next. */
  state: Int32Array<SharedArrayBuffer>;
  /** Where each path ends in `text`. */
  ends: Uint32Array<SharedArrayBuffer>;
  text: SharedArrayBuffer;
  shape: FeedShape;
}

export interface FeedShape {
  /** Sizes of slices. */
  first: number;
  largest: number;
  /** Much room costs time even when it is not touched, since V8 counts it and collects garbage earlier. */
  maxPaths: number;
}

/** Neighbouring files, for one thread to work on. */
export interface PathSlice {
  /** Its place among the slices. */
  slice: number;
  /** Number of the first file. */
  first: number;
  paths: string[];
}

/**
 * Paths that one thread lists while others already work on them: a walk and what follows it overlap. Slices are small
 * at first, so that work begins soon and is shared evenly in a small tree. It blocks, so only worker threads take part.
 */
export interface PathFeed {
  handle: PathFeedHandle;
  /** @returns false when the feed is full */
  add(path: string): boolean;
  /** No path follows. */
  end(): void;
  /** Ends it for everybody: nobody needs more. */
  stop(): void;
  isStopped(): boolean;
  /** Waits for the next slice; undefined when there is none left, or `shouldStop` says so. */
  take(shouldStop: () => boolean): PathSlice | undefined;
}

const bytesPerPath = 60;
const pathsPerNews = 16;
const patienceMs = 50;
const [listed, isComplete, nextSlice, isStopped] = [0, 1, 2, 3];

/** What is not used of its memory is never touched, and so takes none. */
export function createPathFeed(shape: FeedShape): PathFeed {
  return openPathFeed({
    state: new Int32Array(new SharedArrayBuffer(16)),
    ends: new Uint32Array(new SharedArrayBuffer(shape.maxPaths * 4)),
    text: new SharedArrayBuffer(shape.maxPaths * bytesPerPath),
    shape,
  });
}

export function openPathFeed(handle: PathFeedHandle): PathFeed {
  const { state, ends, shape } = handle;
  const text = Buffer.from(handle.text);
  let added = 0;
  let length = 0;

  return {
    handle,
    add(path) {
      if (added >= shape.maxPaths || length + path.length * 3 > text.length) return false;
      length += text.write(path, length);
      ends[added++] = length;
      if (added % pathsPerNews === 0) publish();
      return true;
    },
    end() {
      Atomics.store(state, isComplete, 1);
      publish();
    },
    stop: () => void Atomics.store(state, isStopped, 1),
    isStopped: () => Atomics.load(state, isStopped) === 1,
    take(shouldStop) {
      const slice = Atomics.add(state, nextSlice, 1);
      const first = startOf(slice, shape);
      const end = startOf(slice + 1, shape);
      while (!shouldStop() && Atomics.load(state, isStopped) === 0) {
        const isLast = Atomics.load(state, isComplete) === 1; // asked first: once it is, the count is final
        const count = Atomics.load(state, listed);
        if (count >= end) return { slice, first, paths: read(first, end) };
        if (isLast) return first < count ? { slice, first, paths: read(first, count) } : undefined;
        Atomics.wait(state, listed, count, patienceMs);
      }
      return undefined;
    },
  };

  function publish() {
    Atomics.store(state, listed, added);
    Atomics.notify(state, listed);
  }

  function read(first: number, end: number): string[] {
    const paths: string[] = [];
    let from = first === 0 ? 0 : (ends[first - 1] ?? 0);
    for (let index = first; index < end; index++) {
      const to = ends[index] ?? from;
      paths.push(text.toString('utf8', from, to));
      from = to;
    }
    return paths;
  }
}

/** Two slices of each size, which doubles up to the largest. */
function startOf(slice: number, { first, largest }: FeedShape): number {
  let start = 0;
  let size = first;
  let place = 0;
  for (; place + 2 <= slice && size < largest; place += 2) {
    start += 2 * size;
    size = Math.min(size * 2, largest);
  }
  return start + (slice - place) * size;
}
