import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { anyUnit, singleUnit, type UnitSet, unitSetOf } from './unit-set.ts';

/**
 * A regular expression as all analyses read it: groups, laziness and names are gone. It matches whatever the expression
 * matches, and perhaps more: what cannot be told here stands as `anything`.
 */
export type PatternTree =
  | { kind: 'unit'; set: UnitSet }
  | { kind: 'sequence'; parts: readonly PatternTree[] }
  | { kind: 'choice'; options: readonly PatternTree[] }
  | { kind: 'repeat'; part: PatternTree; min: number; max: number }
  | { kind: 'edge'; edge: Edge };

/** `^` and `$` are those of a line, since patterns are compiled with the flag `m`. */
export type Edge = 'lineStart' | 'lineEnd' | 'wordEdge' | 'noWordEdge';

const nothing: PatternTree = { kind: 'sequence', parts: [] };
const anything: PatternTree = {
  kind: 'repeat',
  part: { kind: 'unit', set: anyUnit() },
  min: 0,
  max: Number.POSITIVE_INFINITY,
};

/** Flags that change what the same source matches, so that this reading of it would be wrong. */
const foreignFlags = /[iusv]/;

export function readPattern({ source, flags }: RegExp): PatternTree {
  if (foreignFlags.test(flags)) return anything;
  return treeOf(new RegExpParser({ ecmaVersion: 2024 }).parsePattern(source, 0, source.length, { unicode: false }));
}

function treeOf(node: AST.Pattern | AST.Alternative | AST.Element): PatternTree {
  switch (node.type) {
    case 'Pattern':
    case 'Group':
    case 'CapturingGroup':
      return choiceOf(node.alternatives.map(treeOf));
    case 'Alternative':
      return sequenceOf(node.elements);
    case 'Quantifier':
      return { kind: 'repeat', part: treeOf(node.element), min: node.min, max: node.max };
    case 'Assertion':
      return edgeOf(node);
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass': {
      const set = unitSetOf(node);
      return set ? { kind: 'unit', set } : anything;
    }
    default:
      return anything; // a back-reference, and what only the flag `v` has
  }
}

function choiceOf(options: readonly PatternTree[]): PatternTree {
  const [only] = options;
  return options.length === 1 && only ? only : { kind: 'choice', options };
}

/** Two characters that are the halves of one become one, so that its bytes are known. */
function sequenceOf(elements: readonly AST.Element[]): PatternTree {
  const parts: PatternTree[] = [];
  for (let index = 0; index < elements.length; index++) {
    const element = elements[index];
    if (element === undefined) break;
    const pair = pairOf(element, elements[index + 1]);
    if (pair !== undefined) index++;
    const part = pair === undefined ? treeOf(element) : ({ kind: 'unit', set: singleUnit(pair) } as const);
    if (part.kind === 'sequence') parts.push(...part.parts);
    else parts.push(part);
  }
  return { kind: 'sequence', parts };
}

function pairOf(high: AST.Element, low: AST.Element | undefined): number | undefined {
  if (high.type !== 'Character' || low?.type !== 'Character') return undefined;
  const isPair = isHighSurrogate(high.value) && isLowSurrogate(low.value);
  return isPair ? String.fromCharCode(high.value, low.value).codePointAt(0) : undefined;
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

function edgeOf(node: AST.Assertion): PatternTree {
  switch (node.kind) {
    case 'start':
      return { kind: 'edge', edge: 'lineStart' };
    case 'end':
      return { kind: 'edge', edge: 'lineEnd' };
    case 'word':
      return { kind: 'edge', edge: node.negate ? 'noWordEdge' : 'wordEdge' };
    default:
      return nothing; // look-around, which is taken to hold
  }
}
