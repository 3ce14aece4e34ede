import { compileWildmatch } from '../text/wildmatch.ts';

export interface IgnoreRules {
  /** An upper bound of the work of one decision: the characters of all patterns with wildcards, plus a constant. */
  cost: number;
  ruleCount: number;
  /** Whether decide() looks at `path`; false lets a caller pass any string. */
  needsPath: boolean;
  /** `path` is POSIX, relative to the folder of the ignore file; `name` its last part. The last rule that fits wins. */
  decide(path: string, name: string, isDirectory: boolean): 'ignored' | 'included' | undefined;
}

export interface IgnoreRulesOptions {
  ignoreCase?: boolean;
  /** Rules beyond this many are dropped. */
  maxRules?: number;
  /** Rules with wildcards are dropped once their patterns have this many characters together, each taken for 16 at least. */
  maxWildcardCharacters?: number;
}

export const ignoreLimits = { rules: 50_000, wildcardCharacters: 128 * 1024, lineLength: 4096 } as const;

/**
 * Parses the text of one ignore file; undefined when it holds no rule. Lines over 4,096 characters are dropped.
 * https://git-scm.com/docs/gitignore#_pattern_format
 */
export function parseIgnoreRules(text: string, options: IgnoreRulesOptions = {}): IgnoreRules | undefined {
  const table = createTable(
    options.ignoreCase ?? false,
    options.maxWildcardCharacters ?? ignoreLimits.wildcardCharacters,
  );
  const maxRules = options.maxRules ?? ignoreLimits.rules;
  let ruleCount = 0;
  for (const line of readLines(text)) {
    if (ruleCount === maxRules) break;
    const rule = parseLine(line, ruleCount);
    if (rule === undefined) continue;
    ruleCount += 1;
    table.add(rule);
  }
  if (ruleCount === 0) return undefined;
  return { cost: table.cost() + 8, ruleCount, needsPath: table.needsPath(), decide: table.decide };
}

/** The ignore files that apply in one folder: the nearest one first, the user's own last. */
export interface IgnoreChain {
  rules: IgnoreRules;
  /** Length of the path of the ignore file's folder, with its slash; 0 at the top. */
  prefixLength: number;
  /** Totals from here to the end. */
  cost: number;
  ruleCount: number;
  next: IgnoreChain | undefined;
}

/** Puts an ignore file in front; the limits hold for the whole chain, so that many files cost no more than one. */
export function addIgnoreFile(
  chain: IgnoreChain | undefined,
  file: { text: string; prefixLength: number; ignoreCase: boolean },
): IgnoreChain | undefined {
  const rules = parseIgnoreRules(file.text, {
    ignoreCase: file.ignoreCase,
    maxRules: Math.max(0, ignoreLimits.rules - (chain?.ruleCount ?? 0)),
    maxWildcardCharacters: Math.max(0, ignoreLimits.wildcardCharacters - (chain?.cost ?? 0)),
  });
  if (rules === undefined) return chain;
  return {
    rules,
    prefixLength: file.prefixLength,
    cost: rules.cost + (chain?.cost ?? 0),
    ruleCount: rules.ruleCount + (chain?.ruleCount ?? 0),
    next: chain,
  };
}

/** `path` is relative to the folder that prefixes are counted from. The nearest file that has an opinion decides. */
export function verdictOf(
  chain: IgnoreChain | undefined,
  path: string,
  name: string,
  isDirectory: boolean,
): 'ignored' | 'included' | undefined {
  for (let link = chain; link !== undefined; link = link.next) {
    const { rules, prefixLength } = link;
    const relative = rules.needsPath && prefixLength > 0 ? path.slice(prefixLength) : path;
    const verdict = rules.decide(relative, name, isDirectory);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

export function isIgnored(chain: IgnoreChain | undefined, path: string, name: string, isDirectory: boolean): boolean {
  return verdictOf(chain, path, name, isDirectory) === 'ignored';
}

/** The rank of a rule is twice its place in the file, plus one when it is negated: the highest that fits decides. */
interface Rule {
  pattern: string;
  rank: number;
  directoriesOnly: boolean;
  /** Compared with the whole path rather than with the name. */
  isAnchored: boolean;
}

interface WildcardRule {
  rank: number;
  directoriesOnly: boolean;
  matches(text: string): boolean;
}

function* readLines(text: string): Generator<string> {
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  while (start < text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    if (end - start <= ignoreLimits.lineLength) yield text.slice(start, end);
    start = end + 1;
  }
}

function parseLine(line: string, order: number): Rule | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const withoutReturn = line.endsWith('\r') ? line.slice(0, -1) : line;
  let pattern = trimSpaces(untilNul(withoutReturn));
  const isNegated = pattern.startsWith('!');
  if (isNegated) pattern = pattern.slice(1);
  const directoriesOnly = pattern.endsWith('/');
  if (directoriesOnly) pattern = pattern.slice(0, -1);
  const isAnchored = pattern.includes('/');
  if (pattern.startsWith('/')) pattern = pattern.slice(1);
  if (pattern === '') return undefined;
  const rule = { pattern, rank: order * 2 + (isNegated ? 1 : 0), directoriesOnly, isAnchored };
  return isAnchored ? unanchor(rule) : rule;
}

function untilNul(line: string): string {
  const end = line.indexOf('\0');
  return end < 0 ? line : line.slice(0, end);
}

/** Drops trailing spaces, except one that a backslash protects. */
function trimSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ') end -= 1;
  if (end === line.length) return line;
  let backslashes = 0;
  while (line[end - 1 - backslashes] === '\\') backslashes += 1;
  return line.slice(0, backslashes % 2 === 1 ? end + 1 : end);
}

/** A leading double star before a single name says what the bare name says, and a bare name is quicker to look up. */
function unanchor(rule: Rule): Rule {
  if (!rule.pattern.startsWith('**/') || rule.pattern.includes('/', 3) || rule.pattern.length === 3) return rule;
  return { ...rule, pattern: rule.pattern.slice(3), isAnchored: false };
}

function createTable(ignoreCase: boolean, maxWildcardCharacters: number) {
  const names = createRankMap();
  const suffixes = createRankMap();
  const paths = createRankMap();
  const nameRules: WildcardRule[] = [];
  const pathRules: WildcardRule[] = [];
  let wildcardCharacters = 0;

  function add(rule: Rule): void {
    const { pattern, isAnchored } = rule;
    if (firstSpecial(pattern) === pattern.length) {
      (isAnchored ? paths : names).set(fold(pattern, ignoreCase), rule);
    } else if (!isAnchored && pattern.startsWith('*.') && firstSpecial(pattern.slice(1)) === pattern.length - 1) {
      suffixes.set(fold(pattern.slice(1), ignoreCase), rule);
    } else if (wildcardCharacters + priceOf(pattern) <= maxWildcardCharacters) {
      wildcardCharacters += priceOf(pattern);
      (isAnchored ? pathRules : nameRules).push(compileRule(rule, ignoreCase));
    }
  }

  function decide(path: string, name: string, isDirectory: boolean): 'ignored' | 'included' | undefined {
    const foldedName = fold(name, ignoreCase);
    let rank = names.get(foldedName, isDirectory);
    if (suffixes.size() > 0) rank = Math.max(rank, rankOfSuffix(foldedName, isDirectory));
    if (paths.size() > 0) rank = Math.max(rank, paths.get(fold(path, ignoreCase), isDirectory));
    rank = rankOfWildcards(nameRules, name, isDirectory, rank);
    rank = rankOfWildcards(pathRules, path, isDirectory, rank);
    if (rank < 0) return undefined;
    return rank % 2 === 1 ? 'included' : 'ignored';
  }

  function rankOfSuffix(name: string, isDirectory: boolean): number {
    let rank = -1;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      rank = Math.max(rank, suffixes.get(name.slice(dot), isDirectory));
    }
    return rank;
  }

  return {
    add,
    decide,
    cost: () => wildcardCharacters,
    needsPath: () => paths.size() > 0 || pathRules.length > 0,
  };
}

/** In characters; compiling and calling have a price of their own, which shows with many short patterns. */
function priceOf(pattern: string): number {
  return Math.max(16, pattern.length);
}

/** Highest rank by key, apart for directories and other files; -1 for none. Keys arrive in ascending rank. */
function createRankMap() {
  const forFiles = new Map<string, number>();
  const forDirectories = new Map<string, number>();
  return {
    set(key: string, rule: Rule): void {
      forDirectories.set(key, rule.rank);
      if (!rule.directoriesOnly) forFiles.set(key, rule.rank);
    },
    get: (key: string, isDirectory: boolean): number => (isDirectory ? forDirectories : forFiles).get(key) ?? -1,
    size: () => forDirectories.size,
  };
}

/** Rules come in ascending rank. */
function rankOfWildcards(rules: WildcardRule[], text: string, isDirectory: boolean, floor: number): number {
  for (let index = rules.length - 1; index >= 0; index -= 1) {
    const rule = rules[index];
    if (rule === undefined || rule.rank < floor) break;
    if ((isDirectory || !rule.directoriesOnly) && rule.matches(text)) return rule.rank;
  }
  return floor;
}

// git takes the literal beginning of an anchored pattern off before it looks at stars, so that in `a**/b` the stars open
// the pattern and cross slashes.
function compileRule({ pattern, rank, directoriesOnly, isAnchored }: Rule, ignoreCase: boolean): WildcardRule {
  const length = isAnchored ? firstSpecial(pattern) : 0;
  const matchesRest = compileWildmatch(pattern.slice(length), { ignoreCase });
  if (length === 0) return { rank, directoriesOnly, matches: matchesRest };
  const start = fold(pattern.slice(0, length), ignoreCase);
  return {
    rank,
    directoriesOnly,
    matches: (text) => fold(text, ignoreCase).startsWith(start) && matchesRest(text.slice(length)),
  };
}

/** Where the first of the special characters * ? [ \ stands; the length without one. */
function firstSpecial(pattern: string): number {
  const found = pattern.search(/[*?[\\]/);
  return found < 0 ? pattern.length : found;
}

/** Only the letters of ASCII, as in git. */
export function fold(text: string, ignoreCase: boolean): string {
  return ignoreCase ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}
