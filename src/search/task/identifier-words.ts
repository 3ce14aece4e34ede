/**
 * Words of names and of prose, brought to one form: `resolveConfigFile`, `resolve_config_file` and "resolving the config
 * file" share theirs. Other alphabets are kept as they are written; scripts without spaces give pairs of characters.
 */

/** One name as it stands in a text, such as `resolveConfig`, `MAX_SIZE2` or `größe`. */
const namePattern = /[\p{L}\p{M}\p{N}_$]+/gu;
const asciiName = /[A-Za-z0-9_$]+/g;
const isAscii = /^[\0-\x7f]*$/;
/** Upper case before a capitalized word, a capitalized or small word, other letters, digits. */
const wordPattern = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{Lo}\p{Lm}\p{M}]+|\p{N}+/gu;
const asciiWord = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+/g;
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Hangul}]/u;

const maxNameLength = 80;

/** Words that say nothing about where something is. */
const stopWords = new Set(
  `a about above after again all also am an and any are as at be because been before being below both but by can cannot
   could did do does doesn doing don down during each either else ever every few for from further had has have having
   here hers how however i if in instead into is isn it its itself just let like ll me more most much must my need needs
   neither no nor not now of off on once one only or other our out over own per please re same shall she should so some
   still such t than that the their them then there these they this those through thus to too under until up upon us ve
   very via was we were what when where whether which while who whom why will with within without would yes yet you your`.split(
    /\s+/,
  ),
);

/** Short forms that programmers write for a word, so that both are one word. */
const longForms = new Map(
  Object.entries({
    ...{ arg: 'argument', args: 'argument', attr: 'attribute', attrs: 'attribute', cfg: 'config', cmd: 'command' },
    ...{ configuration: 'config', configure: 'config', configured: 'config', ctx: 'context', db: 'database' },
    ...{ deps: 'dependency', dep: 'dependency', desc: 'description', dir: 'directory', dirs: 'directory' },
    ...{ docs: 'documentation', doc: 'documentation', env: 'environment', err: 'error', exec: 'execute' },
    ...{ func: 'function', fn: 'function', impl: 'implement', init: 'initialize', msg: 'message', num: 'number' },
    ...{ opts: 'option', opt: 'option', param: 'parameter', params: 'parameter', pkg: 'package', prop: 'property' },
    ...{ props: 'property', repo: 'repository', req: 'request', str: 'string', tmp: 'temporary', temp: 'temporary' },
    ...{ util: 'utility', utils: 'utility', val: 'value', vals: 'value', var: 'variable', vars: 'variable' },
  }),
);

/** The names in a text, in their order. */
export function namesIn(text: string): string[] {
  return text.match(isAscii.test(text) ? asciiName : namePattern) ?? [];
}

/** The words of one name, in lower case and not yet stemmed. */
export function splitName(name: string): string[] {
  if (name.length > maxNameLength) return [];
  if (isAscii.test(name)) return (name.match(asciiWord) ?? []).map((word) => word.toLowerCase());
  return (name.match(wordPattern) ?? []).flatMap((word) =>
    unspaced.test(word) ? pairsOf(word) : [word.toLowerCase()],
  );
}

/** The stems of one name's words; single letters, stop words and long numbers are left out. */
export function stemsOf(name: string): string[] {
  return splitName(name).filter(isTelling).map(stem);
}

/**
 * What stands beside what in a name, by stems: each pair, and the whole of a longer one. `resolveConfigFile` gives
 * `resolv config`, `config file` and all three.
 */
export function phrasesOf(stems: readonly string[]): string[] {
  const pairs = stems.slice(1).map((next, at) => `${stems[at]} ${next}`);
  return stems.length > 2 ? [...pairs, stems.join(' ')] : pairs;
}

function isTelling(word: string): boolean {
  if (stopWords.has(word)) return false;
  if (word.charCodeAt(0) <= 57) return word.length < 6 && word.length > 1;
  return word.length > 1 || word.charCodeAt(0) > 0x2e80;
}

function pairsOf(word: string): string[] {
  const characters = [...word];
  return characters.length === 1 ? characters : characters.slice(1).map((next, at) => `${characters[at]}${next}`);
}

/** A light stemmer for English: endings that change the form of a word and not what it is about. */
export function stem(word: string): string {
  const long = longForms.get(word) ?? word;
  if (long.length <= 3 || !/^[a-z]+$/.test(long)) return long;
  return withoutSilentEnd(withoutSuffix(singular(long)));
}

function singular(word: string): string {
  if (!word.endsWith('s')) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (hissing.some((end) => word.endsWith(end))) return word.slice(0, -2);
  return /[isu]s$/.test(word) ? word : word.slice(0, -1);
}

const hissing = ['sses', 'shes', 'ches', 'xes', 'zes'];

/** An ending, what stands for it, and how many letters it must leave before it. */
type Suffix = readonly [end: string, instead: string, before: number];

/** Of each last letter the first that fits; ends are compared, since patterns took half the time of reading a tree's words. */
const suffixes = Map.groupBy<string, Suffix>(
  [
    ['ization', 'ize', 3],
    ['ational', 'ate', 3],
    ['ation', 'ate', 3],
    ['ations', 'ate', 3],
    ['ment', '', 4],
    ['ness', '', 4],
    ['sion', 's', 3],
    ['tion', 't', 3],
    ['ing', '', 3],
    ['ed', '', 3],
    ['er', '', 3],
    ['or', '', 3],
    ['ly', '', 3],
  ],
  ([end]) => end.slice(-1),
);

function withoutSuffix(word: string): string {
  for (const [end, instead, before] of suffixes.get(word.slice(-1)) ?? []) {
    if (word.length >= end.length + before && word.endsWith(end)) return word.slice(0, -end.length) + instead;
  }
  return word;
}

const doubled = 'bdfgklmnprtvz';

/** `stopped` and `stop`, `caching` and `cache`, `validate` and `validation`, `retry` and `retried`. */
function withoutSilentEnd(word: string): string {
  const last = word.slice(-1);
  const single = last === word.slice(-2, -1) && doubled.includes(last) ? word.slice(0, -1) : word;
  if (single.length <= 3) return single;
  const end = single.endsWith('e') ? single.slice(0, -1) : single;
  return end.endsWith('y') ? `${end.slice(0, -1)}i` : end;
}
