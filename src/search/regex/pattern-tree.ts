import { type CharSet, rangesSet } from './char-set.ts';

/** A pattern as an automaton can run it: all that is left of names, groups and cases are sets of characters. */
export type PatternTree = Tree<never>;

/** A pattern as it was written, with what only backtracking can decide. */
export type WrittenTree = Tree<Backtracked>;

type Tree<Other> =
  | { kind: 'set'; set: CharSet }
  | { kind: 'sequence'; parts: ReadonlyArray<Tree<Other>> }
  | { kind: 'choice'; options: ReadonlyArray<Tree<Other>> }
  | { kind: 'repeat'; part: Tree<Other>; min: number; max: number; isLazy: boolean }
  | { kind: 'assertion'; assertion: Assertion }
  | Other;

type Backtracked =
  | { kind: 'group'; part: WrittenTree; number: number }
  | { kind: 'look'; part: WrittenTree; isAhead: boolean; isNegated: boolean }
  | { kind: 'atomic'; part: WrittenTree }
  | { kind: 'backreference'; number: number };

/**
 * What a place between two characters can be. The line's are those of `^` and `$`; `wordStart` is `\<`, and the halves
 * look at one side only: no word before, no word behind.
 */
export type Assertion =
  | 'lineStart'
  | 'lineEnd'
  | 'textStart'
  | 'textEnd'
  | 'wordBoundary'
  | 'noWordBoundary'
  | 'wordStart'
  | 'wordEnd'
  | 'noWordBefore'
  | 'noWordAfter';

export const nothing = { kind: 'sequence', parts: [] } as const satisfies PatternTree;

export function sequenceOf<Other>(parts: ReadonlyArray<Tree<Other>>): Tree<Other> {
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: 'sequence', parts };
}

export function choiceOf<Other>(options: ReadonlyArray<Tree<Other>>): Tree<Other> {
  const [only] = options;
  return options.length === 1 && only ? only : { kind: 'choice', options };
}

/** Whether only backtracking can decide what matches. */
export function needsBacktracking(tree: WrittenTree): boolean {
  switch (tree.kind) {
    case 'look':
    case 'atomic':
    case 'backreference':
      return true;
    case 'group':
    case 'repeat':
      return needsBacktracking(tree.part);
    case 'sequence':
      return tree.parts.some(needsBacktracking);
    case 'choice':
      return tree.options.some(needsBacktracking);
    default:
      return false;
  }
}

/**
 * A pattern that matches wherever the written one does, and perhaps elsewhere: look-around is taken to hold, and a
 * back-reference for whatever its group can match. Without these it is the same pattern.
 */
export function approximate(written: WrittenTree): PatternTree {
  const groups = new Map<number, PatternTree>();
  return plain(written);

  function plain(tree: WrittenTree): PatternTree {
    switch (tree.kind) {
      case 'group': {
        const part = plain(tree.part);
        groups.set(tree.number, part);
        return part;
      }
      case 'atomic':
        return plain(tree.part);
      case 'look':
        plain(tree.part); // a group within it may be referred to
        return nothing;
      case 'backreference':
        return optional(groups.get(tree.number) ?? anyText);
      case 'sequence':
        return { kind: 'sequence', parts: tree.parts.flatMap(plainParts) };
      case 'choice':
        return { kind: 'choice', options: tree.options.map(plain) };
      case 'repeat':
        return { ...tree, part: plain(tree.part) };
      default:
        return tree;
    }
  }

  /** Without nesting, so that a literal cut in two by a group is seen to be one. */
  function plainParts(tree: WrittenTree): readonly PatternTree[] {
    const part = plain(tree);
    return part.kind === 'sequence' ? part.parts : [part];
  }
}

/** A group that took no part matches nothing, and a reference to it nothing as well. */
function optional(part: PatternTree): PatternTree {
  return { kind: 'repeat', part, min: 0, max: 1, isLazy: false };
}

const anyText: PatternTree = {
  kind: 'repeat',
  part: { kind: 'set', set: rangesSet([0, 0x10ffff]) },
  min: 0,
  max: Number.POSITIVE_INFINITY,
  isLazy: false,
};
