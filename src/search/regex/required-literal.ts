import { onlyCode } from './char-set.ts';
import type { PatternTree } from './pattern-tree.ts';

/** The longest text that every match of a pattern holds, as far as its outermost parts tell; often empty. */
export function requiredLiteral(tree: PatternTree): string {
  let longest = '';
  let run = '';
  for (const part of tree.kind === 'sequence' ? tree.parts : [tree]) {
    const code = part.kind === 'set' ? onlyCode(part.set) : undefined;
    if (code !== undefined) run += String.fromCodePoint(code);
    else if (part.kind !== 'assertion') run = '';
    if (run.length > longest.length) longest = run;
  }
  return longest;
}
