import type { CharSet } from '../regex/char-set.ts';
import type { Assertion, PatternTree } from '../regex/pattern-tree.ts';
import { type ByteSet, byteSequencesOf } from './char-bytes.ts';

/** A Thompson automaton on bytes that accepts at least what a pattern matches. */
export interface LineNfa {
  states: readonly NfaState[];
  start: number;
  accept: number;
}

export interface NfaState {
  steps: Array<{ bytes: ByteSet; to: number }>;
  /** Without a byte; with an assertion only where that holds. */
  jumps: Array<{ assertion: Assertion | undefined; to: number }>;
}

const maxStates = 4000;

/**
 * @param maxCopies a repeat is counted up to here, and is open above
 * @returns undefined when it would be too large
 */
export function createLineNfa(tree: PatternTree, maxCopies: number): LineNfa | undefined {
  const states: NfaState[] = [];
  const known = new Map<CharSet, ByteSet[][]>();
  const start = addState();
  const accept = build(tree, start);
  return accept === undefined ? undefined : { states, start, accept };

  function addState(): number {
    return states.push({ steps: [], jumps: [] }) - 1;
  }

  function jump(from: number, to: number, assertion?: Assertion) {
    states[from]?.jumps.push({ assertion, to });
  }

  /** Where one is after the part; undefined when there are too many states. */
  function build(part: PatternTree, from: number): number | undefined {
    if (states.length > maxStates) return undefined;
    switch (part.kind) {
      case 'set':
        return buildSet(sequencesOf(part.set), from);
      case 'sequence':
        return part.parts.reduce<number | undefined>((at, next) => (at === undefined ? at : build(next, at)), from);
      case 'choice': {
        const end = addState();
        for (const option of part.options) {
          const at = build(option, from);
          if (at === undefined) return undefined;
          jump(at, end);
        }
        return end;
      }
      case 'repeat':
        return buildRepeat(part, from);
      case 'assertion': {
        const end = addState();
        jump(from, end, part.assertion);
        return end;
      }
    }
  }

  /** The same for every copy, so that the byte sets can be told apart by identity. */
  function sequencesOf(set: CharSet): ByteSet[][] {
    const sequences = known.get(set) ?? byteSequencesOf(set);
    known.set(set, sequences);
    return sequences;
  }

  function buildSet(sequences: readonly ByteSet[][], from: number): number {
    const end = addState();
    for (const sequence of sequences) {
      let at = from;
      for (const [index, bytes] of sequence.entries()) {
        const to = index === sequence.length - 1 ? end : addState();
        states[at]?.steps.push({ bytes, to });
        at = to;
      }
    }
    return end;
  }

  function buildRepeat({ part, min, max }: PatternTree & { kind: 'repeat' }, from: number): number | undefined {
    let at: number | undefined = from;
    for (let count = 0; count < Math.min(min, maxCopies); count++) {
      at = build(part, at);
      if (at === undefined) return undefined;
    }
    if (max > maxCopies) {
      const loop = addState();
      jump(at, loop);
      const again = build(part, loop);
      if (again === undefined) return undefined;
      jump(again, loop);
      return loop;
    }
    const end = addState();
    for (let count = min; count < max; count++) {
      jump(at, end);
      at = build(part, at);
      if (at === undefined) return undefined;
    }
    jump(at, end);
    return end;
  }
}
