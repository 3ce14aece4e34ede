import { readFileSync } from 'node:fs';
import { messageOf, StartError } from './errors.ts';
import { createPathFilter, type PathFilter } from './text/globs.ts';

/** Where models are to be had, as the operator has said or as is usual. */
export interface Endpoint {
  name: string;
  api: 'openai' | 'ollama';
  baseUrl: string;
  /** A function, so that no dump of settings shows it. */
  key: (() => string) | undefined;
  /** On this machine. */
  isLocal: boolean;
  /** Nobody named it: it is offered only while it answers. */
  isGuess: boolean;
  /** Whether names stand for secrets in what it gets. */
  redacts: boolean;
  /** Whether it must not get a file, by its path in the project. */
  withholds: PathFilter;
}

export const tiers = ['low', 'medium', 'high', 'planning'] as const;
export type Tier = (typeof tiers)[number];

/** Models as `provider/model`, in the order in which they are tried. */
export type Tiers = Readonly<Record<Tier, readonly string[]>>;

type Environment = Readonly<Record<string, string | undefined>>;

const presets: ReadonlyMap<string, string> = new Map([
  ['openai', 'https://api.openai.com/v1'],
  ['openrouter', 'https://openrouter.ai/api/v1'],
  ['groq', 'https://api.groq.com/openai/v1'],
  ['lmstudio', 'http://127.0.0.1:1234/v1'],
  ['ollama', 'ollama+http://127.0.0.1:11434'],
]);
const local: readonly string[] = ['lmstudio', 'ollama'];

/** `NAME=URL`, `NAME=ollama+URL` or `NAME=off`. */
export const endpointForm = /^[a-z][a-z0-9-]{0,30}=(off|(ollama\+)?https?:\/\/\S+)$/;
/** `TIER=PROVIDER/MODEL` */
export const tierForm = new RegExp(`^(${tiers.join('|')})=[a-z][a-z0-9-]*/\\S+$`);

/** `NAME=raw`, `NAME=redact`, `NAME=never` or `NAME=never:GLOB`. */
export const privacyForm = /^[a-z][a-z0-9-]{0,30}=(raw|redact|never(:\S+)?)$/;

/**
 * The presets that have a key or a place, then those that the operator named. A key comes from the environment variable
 * NAME_API_KEY or from the file that NAME_API_KEY_FILE names, and from nowhere else.
 *
 * @throws StartError for a URL that must not be used, and for a key that cannot be read
 */
export function readEndpoints(
  entries: readonly string[],
  env: Environment,
  privacy: readonly string[] = [],
): Endpoint[] {
  const named = new Map(entries.map((entry) => splitEntry(entry)));
  const names = new Set([...presets.keys(), ...named.keys()]);
  const rules = privacy.map(splitEntry);
  const unknown = rules.find(([name]) => !names.has(name));
  if (unknown) {
    throw new StartError(`--privacy ${unknown.join('=')}: no provider has this name. Known: ${[...names].join(', ')}.`);
  }
  return [...names].flatMap((name) => {
    const place = readEndpoint(name, named.get(name), env);
    const own = rules.filter(([of]) => of === name).map(([, rule]) => rule);
    return place ? { ...place, ...readPrivacy(name, own) } : [];
  });
}

/** What is withheld adds up; of the other rules the last holds. */
function readPrivacy(name: string, rules: readonly string[]): Pick<Endpoint, 'redacts' | 'withholds'> {
  const globs = rules.filter((rule) => rule.startsWith('never')).map((rule) => rule.slice('never:'.length) || '**');
  const redacts = rules.findLast((rule) => !rule.startsWith('never')) !== 'raw';
  if (globs.length === 0) return { redacts, withholds: () => false };
  try {
    return { redacts, withholds: createPathFilter(globs, []) };
  } catch (error) {
    throw new StartError(`--privacy ${name}=never: ${messageOf(error)}`);
  }
}

export function readTiers(entries: readonly string[]): Tiers {
  const pairs = entries.map((entry) => splitEntry(entry));
  const modelsOf = (tier: Tier) => pairs.filter(([name]) => name === tier).map(([, model]) => model);
  return { low: modelsOf('low'), medium: modelsOf('medium'), high: modelsOf('high'), planning: modelsOf('planning') };
}

function splitEntry(entry: string): [string, string] {
  const end = entry.indexOf('=');
  return [entry.slice(0, end), entry.slice(end + 1)];
}

type Place = Omit<Endpoint, 'redacts' | 'withholds'>;

function readEndpoint(name: string, named: string | undefined, env: Environment): Place | undefined {
  if (named === 'off') return undefined;
  const variable = name.toUpperCase().replaceAll('-', '_');
  const found = placeInEnvironment(variable, env);
  const place = named ?? found?.url ?? presets.get(name);
  const key = readKey(`${variable}_API_KEY`, env);
  const isNamed = named !== undefined || found !== undefined;
  const isGuess = !isNamed && local.includes(name);
  if (place === undefined || !(isNamed || isGuess || key)) return undefined;
  const [, native, address = ''] = /^(ollama\+)?(.*)$/.exec(place) ?? [];
  const source = named === undefined && found ? found.source : `--providers ${name}`;
  const url = checkUrl(source, address, key !== undefined);
  return {
    name,
    api: native ? 'ollama' : 'openai',
    baseUrl: url.href.replace(/\/+$/, ''),
    key: key === undefined ? undefined : () => key,
    isLocal: isLoopback(url.hostname),
    isGuess,
  };
}

/** Where the programs themselves and their SDKs are told. Ollama's is also the address that it listens on. */
function placeInEnvironment(variable: string, env: Environment): { source: string; url: string } | undefined {
  const host = variable === 'OLLAMA' ? env.OLLAMA_HOST?.trim() : undefined;
  if (host) return { source: 'OLLAMA_HOST', url: `ollama+${ollamaUrl(host)}` };
  const source = `${variable}_BASE_URL`;
  const url = env[source]?.trim();
  if (!url) return undefined;
  return { source, url: variable === 'OLLAMA' ? `ollama+${url}` : url };
}

function ollamaUrl(host: string): string {
  if (host.includes('://')) return host.replace('://0.0.0.0', '://127.0.0.1');
  const [, name, port] = /^(.*?)(:\d+)?$/.exec(host) ?? [];
  return `http://${!name || name === '0.0.0.0' || name === '[::]' ? '127.0.0.1' : name}${port ?? ':11434'}`;
}

function checkUrl(source: string, address: string, hasKey: boolean): URL {
  const url = URL.parse(address);
  const fault = !url ? 'is no URL' : faultOf(url, hasKey);
  if (url && fault === undefined) return url;
  throw new StartError(`${source}: the address ${fault}.`);
}

function faultOf(url: URL, hasKey: boolean): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  if (url.username || url.password) return 'must not hold a password; a key is read from the environment';
  if (url.search || url.hash) return 'must not have a query or a fragment';
  if (/^169\.254\.|^\[fe[89ab]|^\[::ffff:a9fe/.test(url.hostname)) return 'is link-local';
  if (hasKey && url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must begin with https://, since a key is sent';
  return undefined;
}

/** As `URL` writes them: of `127.1` and `0x7f.1` it makes `127.0.0.1`. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function readKey(variable: string, env: Environment): string | undefined {
  const key = env[variable]?.trim() || readKeyFile(`${variable}_FILE`, env);
  if (key === undefined || key === '') return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new StartError(`${variable} holds characters that no key has.`);
}

function readKeyFile(variable: string, env: Environment): string | undefined {
  const path = env[variable];
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').split('\n')[0]?.trim();
  } catch (error) {
    throw new StartError(`${variable} ${path} cannot be read: ${messageOf(error)}`);
  }
}
