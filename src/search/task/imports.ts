/**
 * What a source file imports, found by patterns, and which file of the project that is: by its path, or by how many of
 * the last parts of its path it shares with the name (`com.shop.Cart`, `crate::cart::total`, `@shop/cart`).
 */

const script = /\b(?:from|import|require|require_relative)\s*\(?\s*['"]([^'"\n]{1,200})['"]/g;
const python = /^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?[ \t]*(\w+)?|import[ \t]+([\w.]+))/gm;
const rust = /^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?(?:use[ \t]+([\w:]+)|mod[ \t]+(\w+)[ \t]*;)/gm;
const dotted = /^[ \t]*(?:import|using|use|alias|open)[ \t]+(?:static[ \t]+|function[ \t]+)?([\w.\\]+)/gm;
const quoted =
  /^[ \t]*(?:#[ \t]*include[ \t]+["<]([^">\n]{1,200})[">]|import[ \t]+(?:\w+[ \t]+)?"([^"\n]{1,200})"|(?:[\w.]+[ \t]+)?"([\w.-]+\/[^"\n ]{1,200})"[ \t]*$)/gm;
const ruby = /^[ \t]*(?:require|require_relative|load|autoload[ \t]+:\w+,)[ \t(]*['"]([^'"\n]{1,200})['"]/gm;

const patterns: Readonly<Record<string, RegExp>> = {
  ...{ TypeScript: script, JavaScript: script, Vue: script, Svelte: script, Astro: script, Dart: script },
  ...{ Python: python, Rust: rust, Ruby: ruby, Go: quoted, C: quoted, 'C++': quoted, 'Objective-C': quoted },
  ...{ 'Protocol Buffer': quoted, Java: dotted, Kotlin: dotted, Scala: dotted, Groovy: dotted, 'C#': dotted },
  ...{ PHP: dotted, Swift: dotted, Elixir: dotted, Haskell: dotted },
};

const maxImports = 200;

/** As written, each once; Python's `from a import b` gives `a.b`. */
export function importsOf(text: string, languageName: string | undefined): string[] {
  const pattern = patterns[languageName ?? ''];
  if (!pattern) return [];
  const found = new Set<string>();
  for (const match of text.matchAll(pattern)) {
    const [first, second] = match.slice(1).filter((group) => group !== undefined);
    if (first === undefined) continue;
    const name = pattern === python && second ? `${first}${first.endsWith('.') ? '' : '.'}${second}` : first;
    found.add(pattern === rust && match[2] ? `self::${name}` : name);
    if (found.size >= maxImports) break;
  }
  return [...found].map((name) => Buffer.from(name).toString()); // a slice would keep the whole text in memory
}

export type ImportResolver = (from: string, name: string) => readonly number[];

const maxFolderFiles = 12;
const indexNames = new Set(['index', 'mod', 'lib', 'main', '__init__', 'init']);

/** @param paths of all files; what is found is given by the place in this list */
export function createImportResolver(paths: readonly string[]): ImportResolver {
  const byPath = new Map(paths.map((path, index) => [path, index]));
  const byStem = new Map<string, number[]>();
  const byFolder = new Map<string, number[]>();
  for (const [index, path] of paths.entries()) {
    const { folder, stem } = partsOf(path);
    put(byFolder, lastPart(folder), index);
    put(byStem, indexNames.has(stem) ? lastPart(folder) : stem, index);
  }

  return (from, name) => {
    if (/^\.{1,2}\//.test(name) || name === '.' || name === '..') return relative(from, name);
    const parts = segmentsOf(name, from);
    if (parts.length === 0) return [];
    return (
      nearby(from, name) ?? bySuffix(from, parts) ?? bySuffix(from, parts.slice(0, -1)) ?? folderFiles(parts) ?? []
    );
  };

  function relative(from: string, name: string): readonly number[] {
    const target = join(partsOf(from).folder, name);
    const stem = target.replace(/\.[cm]?[jt]sx?$/, '');
    const found = [target, ...candidates(stem)].map((path) => byPath.get(path)).find((index) => index !== undefined);
    return found === undefined ? [] : [found];
  }

  /** C's `"x.h"` and Python's siblings lie beside the file. */
  function nearby(from: string, name: string): readonly number[] | undefined {
    if (!name.includes('.') || name.startsWith('.')) return undefined;
    const found = byPath.get(join(partsOf(from).folder, name)) ?? byPath.get(name);
    return found === undefined ? undefined : [found];
  }

  /** The file that shares most of its last parts with the name; of equals, the one nearest to the file that imports. */
  function bySuffix(from: string, parts: readonly string[]): readonly number[] | undefined {
    const last = parts.at(-1);
    const found = last === undefined ? undefined : byStem.get(last.toLowerCase());
    if (!found || found.length > 400) return undefined;
    let best = -1;
    let bestScore = 0;
    for (const index of found) {
      const path = paths[index] ?? '';
      const shared = sharedEnd(path, parts);
      if (shared < Math.min(2, parts.length) || path === from) continue;
      if (parts.length === 1 && isScript(from) && !indexNames.has(partsOf(path).stem)) continue;
      const score = shared * 1000 + sharedStart(path, from);
      if (score > bestScore) [best, bestScore] = [index, score];
    }
    return best < 0 ? undefined : [best];
  }

  /** Go imports folders. */
  function folderFiles(parts: readonly string[]): readonly number[] | undefined {
    const found = byFolder.get(parts.at(-1)?.toLowerCase() ?? '')?.filter((index) => {
      const { folder } = partsOf(paths[index] ?? '');
      return sharedFolders(folder, parts) >= Math.min(2, parts.length);
    });
    return found && found.length > 0 && found.length <= maxFolderFiles ? found : undefined;
  }
}

/** Where a single word names a package, which is a folder of the project or none of it: never `vitest.config.ts`. */
function isScript(path: string): boolean {
  return /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/.test(path);
}

function candidates(stem: string): string[] {
  const extensions = [
    'ts',
    'tsx',
    'js',
    'jsx',
    'mts',
    'mjs',
    'cts',
    'cjs',
    'vue',
    'svelte',
    'rb',
    'dart',
    'd.ts',
    'json',
  ];
  return [...extensions.map((end) => `${stem}.${end}`), ...extensions.slice(0, 6).map((end) => `${stem}/index.${end}`)];
}

/** The parts of a name in the order of folders: `crate::a::B` is a, B; `..a.b` of Python starts where the file lies. */
function segmentsOf(name: string, from: string): string[] {
  const dots = /^\.+/.exec(name)?.[0].length ?? 0;
  if (dots > 0) {
    const folders = partsOf(from).folder.split('/');
    return [...folders.slice(0, folders.length - dots + 1), ...name.slice(dots).split('.')].filter(Boolean);
  }
  if (name.startsWith('self::')) return [...partsOf(from).folder.split('/').slice(-1), name.slice(6)].filter(Boolean);
  const plain = name.includes('/') ? name.replace(/\.\w+$/, '').split('/') : name.split(/[.:\\]+/);
  return plain.filter((part) => /[\w]/.test(part) && !['crate', 'super', 'src', '~'].includes(part));
}

/** How many parts a path's end and a name's end have in common; an index file stands for its folder. */
function sharedEnd(path: string, parts: readonly string[]): number {
  const { folder, stem } = partsOf(path);
  const whole =
    folder === ''
      ? []
      : folder
          .toLowerCase()
          .split('/')
          .filter((part) => part !== 'src');
  if (!indexNames.has(stem)) whole.push(stem);
  let count = 0;
  while (count < parts.length && count < whole.length) {
    if (whole.at(-1 - count) !== parts.at(-1 - count)?.toLowerCase()) break;
    count++;
  }
  return count;
}

function sharedFolders(folder: string, parts: readonly string[]): number {
  return sharedEnd(`${folder}/index.x`, parts);
}

function sharedStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

function partsOf(path: string): { folder: string; stem: string } {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const dot = name.indexOf('.', 1);
  return { folder: path.slice(0, Math.max(0, slash)), stem: (dot < 0 ? name : name.slice(0, dot)).toLowerCase() };
}

function lastPart(folder: string): string {
  return folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
}

/** Joins and takes `.` and `..` out; what leaves the project comes out as a path that no file has. */
function join(folder: string, name: string): string {
  const parts: string[] = folder === '' ? [] : folder.split('/');
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

function put(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
