import { otherCases } from '../../text/case-folds.ts';
import { type CharSet, hasCode, lazySet, pairsOf, type Ranges, rangesSet, unionOf } from './char-set.ts';

/** Characters by their properties, as V8 knows them: of the Unicode version of the Node that runs. */

/**
 * `\w` and `\s` are Unicode's, as in ripgrep: https://www.unicode.org/reports/tr18/#Compatibility_Properties. `\d` is of
 * ASCII alone, as in JavaScript, PCRE and RE2: no code has other digits, and dates and numbers are what the index finds
 * best; `\p{Nd}` has all of them.
 */
export const wordSet = propertySet('[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]');
export const digitSet = rangesSet([0x30, 0x39]);
/** White_Space, few enough to be told one by one. */
export const spaceSet = rangesSet([
  ...[0x09, 0x0d, 0x20, 0x20, 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f],
  ...[0x205f, 0x205f, 0x3000, 0x3000],
]);
/** `\h` of Perl. */
export const blankSet = rangesSet([
  ...[0x09, 0x09, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x180e, 0x180e, 0x2000, 0x200a, 0x202f, 0x202f],
  ...[0x205f, 0x205f, 0x3000, 0x3000],
]);

/** Where Unicode has characters; what lies between these parts is alike as far as properties go. */
const scanned: ReadonlyArray<readonly [number, number]> = [
  [0x80, 0xd7ff],
  [0xe000, 0x323ff],
  [0xe0000, 0xe01ff],
];
const uniform: ReadonlyArray<readonly [number, number]> = [
  [0x32400, 0xdffff],
  [0xe0200, 0xeffff],
  [0xf0000, 0x10ffff],
];

/** The characters of a class written for the flag `u`. */
function propertySet(source: string): CharSet {
  const one = new RegExp(`^${source}$`, 'u');
  return lazySet(
    (code) => one.test(String.fromCharCode(code)),
    () => findWide(source, one),
  );
}

const known = new Map<string, CharSet>();

/**
 * The set of a property, named as Unicode does (`Lu`, `Letter`, `Script=Greek`, `Alphabetic`) or by a script alone;
 * undefined where there is no such property.
 */
export function namedSet(name: string): CharSet | undefined {
  for (const source of sourcesOf(name)) {
    const set = known.get(source) ?? tryProperty(source);
    if (!set) continue;
    known.set(source, set);
    return set;
  }
  return undefined;
}

function tryProperty(source: string): CharSet | undefined {
  try {
    return propertySet(source);
  } catch {
    return undefined; // V8 knows no such property
  }
}

/** Rust and PCRE take names in any case and without underscores; V8 wants them as Unicode writes them. */
function sourcesOf(name: string): string[] {
  const [key = '', value] = name.split(/[:=]/, 2).map((part) => part.trim());
  if (!/^[\w -]+$/.test(value ?? key)) return [];
  const forms = (text: string) => [
    ...new Set([text, text.replace(/[a-z]+/gi, capitalised).replaceAll(/[ -]/g, '_'), text.toUpperCase()]),
  ];
  if (value === undefined) return forms(key).flatMap((form) => [`\\p{${form}}`, `\\p{Script=${form}}`]);
  const keys = new Map([
    ['sc', 'Script'],
    ['script', 'Script'],
    ['scx', 'Script_Extensions'],
    ['gc', 'General_Category'],
    ['generalcategory', 'General_Category'],
    ['scriptextensions', 'Script_Extensions'],
  ]);
  const property = keys.get(key.toLowerCase().replaceAll(/[_ -]/g, ''));
  return property ? forms(value).map((form) => `\\p{${property}=${form}}`) : [];
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}

let texts: string[] | undefined;

function findWide(source: string, one: RegExp): Ranges {
  texts ??= scanned.map(([first, last]) => textOf(first, last));
  const runs = new RegExp(`${source}+`, 'gu');
  const found = texts.flatMap((text) =>
    [...text.matchAll(runs)].flatMap(({ 0: run }) => [run.codePointAt(0) ?? 0, lastOf(run)]),
  );
  const others = uniform.filter(([first]) => one.test(String.fromCodePoint(first)));
  return rangesSet([...found, ...others.flat()]).wide();
}

function textOf(first: number, last: number): string {
  const parts: string[] = [];
  for (let code = first; code <= last; code += 4096) {
    const count = Math.min(4096, last - code + 1);
    parts.push(String.fromCodePoint(...Array.from({ length: count }, (_, offset) => code + offset)));
  }
  return parts.join('');
}

function lastOf(run: string): number {
  const unit = run.charCodeAt(run.length - 1);
  return (unit >= 0xdc00 && unit < 0xe000 ? run.codePointAt(run.length - 2) : unit) ?? 0;
}

/** The set with every character that Unicode's simple case folding makes equal to one of it. */
export function foldedSet(set: CharSet): CharSet {
  const ascii = [...set.ascii.keys()].filter((code) => set.ascii[code] === 1);
  const fromFew = [...ascii, ...(set.few ?? [])].flatMap(othersOf);
  const folded = unionOf([set, rangesSet(fromFew.flatMap((code) => [code, code]))]);
  if (set.few !== undefined) return folded;
  return lazySet(
    (code) => folded.ascii[code] === 1 || othersOf(code).some((other) => hasCode(set, other)),
    () => {
      const wide = casedCodes().filter((code) => othersOf(code).some((other) => hasCode(set, other)));
      return unionOf([folded, rangesSet(wide.flatMap((code) => [code, code]))]).wide();
    },
  );
}

function othersOf(code: number): number[] {
  return otherCases(String.fromCodePoint(code)).flatMap((other) => other.codePointAt(0) ?? []);
}

let cased: number[] | undefined;

function casedCodes(): number[] {
  cased ??= [...pairsOf(propertySet('[\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}]').wide())].flatMap(
    ([first, last]) => Array.from({ length: last - first + 1 }, (_, offset) => first + offset),
  );
  return cased;
}
