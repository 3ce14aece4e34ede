/** Of equal scores the lower place is the better one. Both fit into the whole numbers that a double can hold. */
const placeRoom = 2 ** 22;
const scoreFloor = 2 ** 20;

/** Keeps the best `size` of all that are added, in a heap with the worst at its root. */
export function createTop(size: number) {
  const heap: number[] = [];
  return {
    isFull: () => heap.length === size,
    /** The worst score of those kept. */
    least: () => Math.floor((heap[0] ?? 0) / placeRoom) - scoreFloor,
    add(score: number, place: number) {
      const key = (score + scoreFloor) * placeRoom + (placeRoom - 1 - place);
      if (heap.length < size) {
        heap.push(key);
        rise(heap.length - 1);
      } else if (key > (heap[0] ?? 0)) {
        heap[0] = key;
        sink();
      }
    },
    ranked(): Array<{ score: number; place: number }> {
      return heap
        .toSorted((a, b) => b - a)
        .map((key) => ({ score: Math.floor(key / placeRoom) - scoreFloor, place: placeRoom - 1 - (key % placeRoom) }));
    },
  };

  function rise(from: number) {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] ?? 0) <= (heap[at] ?? 0)) return;
      swap(at, parent);
      at = parent;
    }
  }

  function sink() {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < heap.length && (heap[left] ?? 0) < (heap[least] ?? 0)) least = left;
      if (right < heap.length && (heap[right] ?? 0) < (heap[least] ?? 0)) least = right;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  }

  function swap(a: number, b: number) {
    const kept = heap[a] ?? 0;
    heap[a] = heap[b] ?? 0;
    heap[b] = kept;
  }
}
