export interface Script {
  /** What it runs; empty where the name is all there is (a Makefile's target). */
  command: string;
  /** How to call it, such as `npm run build`. */
  run: string;
}

/** Files at a project's root that say how it is built and run. */
export const manifestNames = [
  'package.json',
  'composer.json',
  'pyproject.toml',
  'Makefile',
  'makefile',
  'justfile',
  'Justfile',
];

/** The scripts that a manifest defines; none where it cannot be read. */
export function readScripts(name: string, text: string): Script[] {
  if (name === 'package.json') return jsonScripts(text, 'npm run');
  if (name === 'composer.json') return jsonScripts(text, 'composer run');
  if (name === 'pyproject.toml') return tomlScripts(text);
  return targets(text, name.toLowerCase() === 'makefile' ? 'make' : 'just');
}

/** The files that a package.json names as its entry points, as written there. */
export function readEntryPoints(text: string): string[] {
  const manifest = parseJson(text);
  const named = [manifest.bin, manifest.main, manifest.module, manifest.exports].flatMap((value) => textsWithin(value));
  return [...new Set(named.map((path) => path.replace(/^\.\//, '')))].filter((path) => !path.includes('*'));
}

function jsonScripts(text: string, runner: string): Script[] {
  return Object.entries(recordOf(parseJson(text).scripts)).map(([name, command]) => ({
    command: [command]
      .flat()
      .filter((part) => typeof part === 'string')
      .join(' && '),
    run: `${runner} ${name}`,
  }));
}

/** Empty where the text is no JSON object. */
function parseJson(text: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

const maxDepth = 8; // conditions within conditions; a manifest may be hostile

function textsWithin(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > maxDepth) return [];
  return Object.values(value).flatMap((inner) => textsWithin(inner, depth + 1));
}

/** `name = "module:function"` lines of the two sections that define commands (PEP 621, Poetry). */
function tomlScripts(text: string): Script[] {
  const scripts: Script[] = [];
  let inSection = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('[')) inSection = /^\[(project|tool\.poetry)\.scripts\]/.test(line);
    const match = inSection ? /^"?([\w.-]+)"?\s*=\s*"([^"]*)"/.exec(line) : null;
    if (match?.[1]) scripts.push({ command: match[2] ?? '', run: match[1] });
  }
  return scripts;
}

function targets(text: string, runner: string): Script[] {
  const names = text
    .split('\n')
    .flatMap((line) => /^([A-Za-z][\w.-]*)(?:\s+[\w=" ]*)?:(?!=)/.exec(line.slice(0, 200))?.[1] ?? []);
  return [...new Set(names)].map((name) => ({ command: '', run: `${runner} ${name}` }));
}
