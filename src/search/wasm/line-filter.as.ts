// Runs a deterministic automaton over text. Its rows hold the byte offset of the next row, for each class of bytes; one
// row, the accepting one, leads only to itself. `\n` leads back to the start or to acceptance, so that a run needs no
// care for lines. A filter in memory is four words: the addresses of the rows and of the 256 classes (times four), and
// the offsets of the starting and the accepting row.

import { findNewline } from './lines.as';

/** Where the automaton first accepts between `from` and `end`: past the byte that decided it; 0 if it does not. */
export function runFilter(filter: usize, from: usize, end: usize): usize {
  const rows = <usize>load<u32>(filter);
  const classes = <usize>load<u32>(filter + 4);
  const accepting = load<u32>(filter + 12);
  let state = load<u32>(filter + 8);
  for (let at = from; at < end; at++) {
    state = load<u32>(rows + <usize>state + <usize>load<u8>(classes + <usize>load<u8>(at)));
    if (state === accepting) return at + 1;
  }
  return 0;
}

/**
 * Whether the automaton accepts anywhere in a block, asked of its four quarters at once. A step waits for the load of
 * the one before, some five cycles; four independent runs fill that time (Mytkowicz et al., "Data-Parallel Finite-State
 * Machines", ASPLOS 2014, section 3). The quarters are cut at line ends.
 *
 * @returns where the first quarter that accepts begins, or 0
 */
export function findQuarter(filter: usize, from: usize, end: usize): usize {
  const quarter = (end - from) >> 2;
  if (quarter < 64) return runFilter(filter, from, end) ? from : 0;
  const b = lineAfter(from + quarter, end);
  const c = max(b, lineAfter(from + 2 * quarter, end));
  const d = max(c, lineAfter(from + 3 * quarter, end));
  const rows = <usize>load<u32>(filter);
  const classes = <usize>load<u32>(filter + 4);
  const accepting = load<u32>(filter + 12);
  const start = load<u32>(filter + 8);
  let stateA = start;
  let stateB = start;
  let stateC = start;
  let stateD = start;
  const common = min(min(b - from, c - b), min(d - c, end - d));
  for (let at: usize = 0; at < common; at++) {
    stateA = load<u32>(rows + <usize>stateA + <usize>load<u8>(classes + <usize>load<u8>(from + at)));
    stateB = load<u32>(rows + <usize>stateB + <usize>load<u8>(classes + <usize>load<u8>(b + at)));
    stateC = load<u32>(rows + <usize>stateC + <usize>load<u8>(classes + <usize>load<u8>(c + at)));
    stateD = load<u32>(rows + <usize>stateD + <usize>load<u8>(classes + <usize>load<u8>(d + at)));
  }
  if (finish(rows, classes, stateA, from + common, b) === accepting) return from;
  if (finish(rows, classes, stateB, b + common, c) === accepting) return b;
  if (finish(rows, classes, stateC, c + common, d) === accepting) return c;
  return finish(rows, classes, stateD, d + common, end) === accepting ? d : 0;
}

function finish(rows: usize, classes: usize, state: u32, from: usize, end: usize): u32 {
  let current = state;
  for (let at = from; at < end; at++) {
    current = load<u32>(rows + <usize>current + <usize>load<u8>(classes + <usize>load<u8>(at)));
  }
  return current;
}

function lineAfter(at: usize, end: usize): usize {
  return min(findNewline(at, end) + 1, end);
}
