import type { Assertion, PatternTree } from '../regex/pattern-tree.ts';
import { byteClassesOf, type Neighbour, nextKindOf, previousKindOf } from './byte-classes.ts';
import { createLineNfa, type LineNfa } from './line-nfa.ts';

/**
 * A deterministic automaton on bytes that lets through every line in which a pattern matches, and few others. It is
 * linear whatever the pattern, so that only a line that passes is given to V8's engine.
 */
export interface LineFilter {
  /** One row per state, of byte offsets of rows; the first is the start. */
  rows: Uint32Array;
  /** The column of each byte, times four. */
  classes: Uint8Array;
  /** Byte offset of the accepting row, which is the last. */
  accepting: number;
}

const maxStates = 1500;
/** So many steps of construction take some tens of milliseconds; a pattern beyond is filtered more loosely. */
const maxWork = 400_000;
/** Counts above are taken for "or more", the less exactly the larger the automaton would be otherwise. */
const copyLimits = [100, 12, 3, 1];

/** @returns undefined where every line may match, or the automaton is too large however loose */
export function createLineFilter(tree: PatternTree): LineFilter | undefined {
  let tried = 0;
  for (const maxCopies of copyLimits) {
    const nfa = createLineNfa(tree, maxCopies);
    if (nfa?.states.length === tried) continue; // it has no counts that matter, and is as large as before
    tried = nfa?.states.length ?? tried;
    const filter = nfa && determinize(nfa);
    if (filter === 'useless') return undefined;
    if (filter !== undefined) return filter;
  }
  return undefined;
}

/** States of the NFA before any jump, since which jumps can be made depends on the byte to come. */
interface Subset {
  members: readonly number[];
  previous: Neighbour;
}

/** The subset construction; a match may begin anywhere, and an assertion is decided once the byte after it is known. */
function determinize(nfa: LineNfa): LineFilter | 'useless' | undefined {
  const { classOf, samples, hasAssertions } = byteClassesOf(nfa);
  if (samples.length > 64) return undefined; // times four, a class is a byte
  const stride = 2 ** Math.ceil(Math.log2(samples.length));
  const start: Subset = { members: [nfa.start], previous: hasAssertions ? 'lineEdge' : 'other' };
  if (closureOf(nfa, start, undefined).has(nfa.accept)) return 'useless';
  const subsets: Subset[] = [start];
  const numbers = new Map([[keyOf(start), 0]]);
  const table: number[][] = [];
  let work = 0;

  for (let index = 0; index < subsets.length; index++) {
    const subset = subsets[index];
    if (subset === undefined) break;
    const closures = new Map<Neighbour, ReadonlySet<number>>();
    const row: number[] = [];
    for (const byte of samples) {
      const next = hasAssertions ? nextKindOf(byte) : 'other';
      const closure = closures.get(next) ?? closureOf(nfa, subset, next);
      closures.set(next, closure);
      work += closure.size + 1;
      row.push(closure.has(nfa.accept) ? -1 : byte === 10 ? 0 : numberOf(step(closure, byte)));
    }
    table.push(row);
    if (work > maxWork || subsets.length > maxStates) return undefined;
  }
  return pack(table, classOf, stride);

  function step(closure: ReadonlySet<number>, byte: number): Subset {
    const members = new Set([nfa.start]);
    for (const member of closure) {
      for (const { bytes, to } of nfa.states[member]?.steps ?? []) if (bytes[byte]) members.add(to);
    }
    return { members: [...members].sort((a, b) => a - b), previous: hasAssertions ? previousKindOf(byte) : 'other' };
  }

  function numberOf(subset: Subset): number {
    const key = keyOf(subset);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, subsets.length);
    return subsets.push(subset) - 1;
  }
}

function keyOf({ members, previous }: Subset): string {
  return `${previous}:${members.join()}`;
}

/** Where jumps lead; without a `next`, only those that hold whatever comes. */
function closureOf(nfa: LineNfa, { members, previous }: Subset, next: Neighbour | undefined): ReadonlySet<number> {
  const reached = new Set(members);
  for (const member of reached) {
    for (const { assertion, to } of nfa.states[member]?.jumps ?? []) {
      if (assertion === undefined || (next !== undefined && holds(assertion, previous, next))) reached.add(to);
    }
  }
  return reached;
}

/** Whether an assertion may hold. */
function holds(assertion: Assertion, previous: Neighbour, next: Neighbour): boolean {
  switch (assertion) {
    case 'lineStart':
    case 'textStart':
      return previous === 'lineEdge';
    case 'lineEnd':
    case 'textEnd':
      return next === 'lineEdge' || next === 'return';
    case 'wordBoundary':
      return previous === 'wide' || next === 'wide' || (previous === 'word') !== (next === 'word');
    case 'noWordBoundary':
      return previous === 'wide' || next === 'wide' || (previous === 'word') === (next === 'word');
    case 'wordStart':
      return previous !== 'word' && mayBeWord(next);
    case 'wordEnd':
      return mayBeWord(previous) && next !== 'word';
    case 'noWordBefore':
      return previous !== 'word';
    case 'noWordAfter':
      return next !== 'word';
  }
}

function mayBeWord(neighbour: Neighbour): boolean {
  return neighbour === 'word' || neighbour === 'wide';
}

function pack(table: readonly (readonly number[])[], classOf: Uint8Array, stride: number): LineFilter {
  const rowBytes = stride * 4;
  const accepting = table.length * rowBytes;
  const rows = new Uint32Array((table.length + 1) * stride).fill(accepting);
  for (const [state, row] of table.entries()) {
    rows.set(
      row.map((to) => (to < 0 ? accepting : to * rowBytes)),
      state * stride,
    );
  }
  return { rows, classes: classOf.map((column) => column * 4), accepting };
}
