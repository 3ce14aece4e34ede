import { cleanLine } from '../../text/clean.ts';
import { counted } from '../../text/count.ts';
import { cut } from '../../text/cut.ts';

const maxNames = 6;
const patterns: ReadonlyArray<{ languages: ReadonlySet<string>; groups: RegExp; cases: RegExp }> = [
  {
    languages: new Set(['TypeScript', 'JavaScript', 'Vue', 'Svelte']),
    groups: /\bdescribe(?:\.\w+)*(?:\([^)'"`]{0,200}\))?\(\s*(['"`])((?:(?!\1)[^\n\\]){2,200})\1/g,
    cases:
      /\b(?:it|test|Deno\.test)(?:\.\w+)*(?:\([^)'"`]{0,200}\))?\(\s*(?:\{\s*name:\s*)?(['"`])((?:(?!\1)[^\n\\]){2,200})\1/g,
  },
  {
    languages: new Set(['Python']),
    groups: /^class\s+(Test)(\w+)/gm,
    cases: /^\s*(?:async\s+)?def\s+(test)_(\w+)/gm,
  },
  { languages: new Set(['Go']), groups: /(?!)/g, cases: /^func\s+(Test)(\w+)/gm },
  {
    languages: new Set(['Rust']),
    groups: /(?!)/g,
    cases: /#\[(?:\w+::)?(test)[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)/g,
  },
  {
    languages: new Set(['Java', 'Kotlin']),
    groups: /(?!)/g,
    cases: /(@Test)[^\n]*\n(?:\s*@[^\n]*\n)*\s*(?:public\s+)?(?:void|fun)\s+`?([\w ]+)/g,
  },
  {
    languages: new Set(['Ruby']),
    groups: /^\s*(?:RSpec\.)?describe\s+(['"]?)([^'"\n]{2,100}?)\1(?:,| do)/gm,
    cases: /^\s*it\s+(['"])([^'"\n]{2,200})\1/gm,
  },
];

/** What a file of tests tests, by the names that its groups and cases have; empty where it has none. */
export function testPurpose(text: string, languageName: string | undefined): string {
  const pattern = patterns.find(({ languages }) => languages.has(languageName ?? ''));
  if (!pattern) return '';
  const isProse = pattern.languages.has('TypeScript') || pattern.languages.has('Ruby');
  const groups = namesIn(text, pattern.groups, isProse);
  const cases = namesIn(text, pattern.cases, isProse);
  const names = [...new Set([...groups, ...cases])];
  if (names.length === 0) return '';
  const rest = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  const count = cases.length > 0 ? counted(cases.length, 'test') : 'Tests';
  return `${count}: ${names.slice(0, maxNames).join('; ')}${rest}`;
}

function namesIn(text: string, pattern: RegExp, isProse: boolean): string[] {
  const found = [...text.matchAll(pattern)].map(([, , name = '']) => (isProse ? name : name.replaceAll('_', ' ')));
  const names = found.map((name) => cut(cleanLine(name), 80));
  return [...new Set(names)].filter((name) => name !== '');
}
