/** What the engine is asked of a tree: queries that fit it, found by looking into it. */
import { planQuery } from '../src/search/engine/query-plan.ts';
import { countMatches } from '../src/search/engine/search-text.ts';
import type { TextIndex } from '../src/search/engine/text-index.ts';
import { compilePattern, type PatternQuery } from '../src/search/regex/compile-pattern.ts';

export interface EngineQueries {
  rare: string;
  common: string;
  twoWords: string;
}

/** Written in parts, so that this file does not hold it. */
export const nowhere = ['zq', 'vxk', 'jw'].join('');

export const literal = (query: string): PatternQuery => ({ query, mode: 'text', letterCase: 'sensitive' });
export const regex = (query: string): PatternQuery => ({ query, mode: 'regex', letterCase: 'sensitive' });

const commonWords = ['error', 'request', 'return', 'const', 'int'];
const pairs = ['out of memory', 'not found', 'connection closed', 'must be', 'is not', 'of the'];

/** The queries of the research page where the tree has them, and the like of them where it has not. */
export function queriesFor(index: TextIndex): EngineQueries {
  const count = (query: string) => countMatches(index, planQuery(compilePattern(literal(query)), index));
  const known = ['tcp_conn_request', 'op_net_listen_tcp'].find((word) => count(word) > 0);
  const byCount = commonWords.map((word) => ({ word, lines: count(word) })).sort((a, b) => b.lines - a.lines);
  const common = count('error') > 10_000 ? 'error' : count('request') > 5000 ? 'request' : undefined;
  return {
    rare: known ?? rareWord(index, count),
    common: common ?? byCount[0]?.word ?? 'error',
    twoWords: pairs.find((pair) => count(pair) >= 40 && count(pair) <= 1000) ?? 'not found',
  };
}

/** An identifier on three to ten lines, from somewhere in the middle of the tree. */
function rareWord({ files, arena }: TextIndex, count: (query: string) => number): string {
  for (let file = files.count() >> 1; file < files.count(); file++) {
    const { state, start, length } = files.entry(file);
    if (state !== 'memory') continue;
    const words =
      arena
        .bytes()
        .toString('latin1', start, start + length)
        .match(/\b[a-z]+[A-Z_]\w{9,20}\b/g) ?? [];
    const rare = words.slice(0, 20).find((word) => count(word) >= 3 && count(word) <= 10);
    if (rare) return rare;
  }
  return 'createServer';
}
