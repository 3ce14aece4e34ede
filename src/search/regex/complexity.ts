import { hasCode } from './char-set.ts';
import type { PatternTree, WrittenTree } from './pattern-tree.ts';
import { wordSet } from './unicode-sets.ts';

/** V8's linear engine takes counted repeats up to this many copies of what they repeat, nested counts multiplied. */
const maxCopies = 16;
/** Above it V8's compiler can take exponential time, which not even the end of its thread interrupts. */
const maxEmptySteps = 14;

/**
 * Whether V8 can be trusted with a pattern on a line: it compiles it in time, and its backtracking engine either has
 * little choice or leaves the pattern to its linear engine.
 */
export function isSafeForV8(tree: PatternTree): boolean {
  return (copiesIn(tree) <= maxCopies || choicesIn(tree) <= 1) && isQuickToCompile(tree);
}

export function isQuickToCompile(tree: WrittenTree): boolean {
  return emptyStepsIn(tree) <= maxEmptySteps;
}

/** How many steps an automaton has that runs the pattern. */
export function sizeOf(tree: WrittenTree): number {
  if (tree.kind !== 'repeat') return partsOf(tree).reduce((sum, part) => sum + sizeOf(part) + 1, 1);
  return copiesOf(tree) * (sizeOf(tree.part) + 1) + 1;
}

/** Weighs what may pass without input: `a*` and `a?` once, assertions twice, each as often as it is compiled. */
function emptyStepsIn(tree: WrittenTree): number {
  if (tree.kind === 'assertion') return 2;
  if (tree.kind === 'repeat') return copiesOf(tree) * emptyStepsIn(tree.part) + (tree.min === 0 ? 1 : 0);
  return partsOf(tree).reduce((sum, part) => sum + emptyStepsIn(part), 0);
}

/** Backtracking that has one count to try and no more, as in `[0-9a-f]{40}` or `foo.{0,200}bar`, is linear. */
function choicesIn(tree: PatternTree): number {
  const within = partsOf(tree).reduce((sum, part) => sum + choicesIn(part), 0);
  if (tree.kind === 'choice') return within + tree.options.length - 1;
  if (tree.kind !== 'repeat') return within;
  const isWide = tree.part.kind !== 'set' && tree.part.kind !== 'assertion';
  return within + (tree.min === tree.max ? 0 : 1) + (isWide ? 2 : 0);
}

function copiesIn(tree: PatternTree): number {
  if (tree.kind === 'repeat') return copiesOf(tree) * copiesIn(tree.part);
  return Math.max(1, ...partsOf(tree).map(copiesIn));
}

/** `a{2,}` is compiled as `aaa*`. */
function copiesOf({ min, max }: { min: number; max: number }): number {
  return Math.max(1, max === Number.POSITIVE_INFINITY ? min && min + 1 : max);
}

function partsOf(tree: PatternTree): readonly PatternTree[];
function partsOf(tree: WrittenTree): readonly WrittenTree[];
function partsOf(tree: WrittenTree): readonly WrittenTree[] {
  if (tree.kind === 'sequence') return tree.parts;
  if (tree.kind === 'choice') return tree.options;
  return 'part' in tree ? [tree.part] : [];
}

/**
 * The kind of the first and last character of every match: where it is known, "no word before" is `\b` or `\B`, which
 * V8 has.
 */
export function outerKind(tree: PatternTree, side: 'first' | 'last'): 'word' | 'noWord' | undefined {
  switch (tree.kind) {
    case 'set':
      return kindOfSet(tree.set);
    case 'sequence': {
      const outer = tree.parts.at(side === 'first' ? 0 : -1);
      return outer && outerKind(outer, side);
    }
    case 'choice': {
      const kinds = new Set(tree.options.map((option) => outerKind(option, side)));
      const [kind] = kinds;
      return kinds.size === 1 ? kind : undefined;
    }
    case 'repeat':
      return tree.min > 0 ? outerKind(tree.part, side) : undefined;
    case 'assertion':
      return undefined;
  }
}

/** Of ASCII alone, since that is all that V8 is asked about. */
function kindOfSet(set: Parameters<typeof hasCode>[0]): 'word' | 'noWord' | undefined {
  const codes = [...set.ascii.keys()].filter((code) => set.ascii[code] === 1);
  const words = codes.filter((code) => hasCode(wordSet, code)).length;
  if (words === codes.length) return 'word';
  return words === 0 ? 'noWord' : undefined;
}
