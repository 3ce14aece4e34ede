import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** The longest text that every match of a valid pattern holds, as far as its outermost parts tell; often empty. */
export function requiredLiteral(source: string): string {
  const pattern = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(source, 0, source.length, { unicode: false });
  return longestIn(pattern.alternatives);
}

function longestIn(alternatives: readonly AST.Alternative[]): string {
  const [only] = alternatives;
  if (alternatives.length !== 1 || !only) return '';
  let longest = '';
  let run = '';
  for (const element of only.elements) {
    const isCharacter = element.type === 'Character';
    run = isCharacter ? run + String.fromCodePoint(element.value) : '';
    const isGroup = element.type === 'Group' || element.type === 'CapturingGroup';
    const candidate = isGroup ? longestIn(element.alternatives) : run;
    if (candidate.length > longest.length) longest = candidate;
  }
  return longest;
}
