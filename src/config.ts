import { readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type Endpoint, readEndpoints, readTiers, type Tiers } from './endpoints.ts';
import { messageOf, StartError, systemCode } from './errors.ts';
import { type FlagKind, optionOf } from './flags.ts';
import { type PackFlags, packOptions, readPackFlags } from './pack-flags.ts';
import { flagOf, settingFields, settingsSchema, variableOf } from './settings.ts';
import { readCaps, type SpendingCap } from './spending-caps.ts';
import { configFolder, dataFolder, home } from './user-folders.ts';

/** What was given, with these read already: nobody else has to know how they are written. */
type ReadHere = 'providers' | 'models' | 'privacy' | 'limits';

export type Settings = Omit<z.infer<typeof settingsSchema>, ReadHere> & {
  dataDir: string;
  /** Of the user's own agents. */
  agentFolder: string;
  /** Their own prompts, likewise. */
  promptFolder: string;
  endpoints: Endpoint[];
  tiers: Tiers;
  caps: SpendingCap[];
};

/** `stdio` and `http` serve clients; the others do one thing with the store. */
const commands = ['stdio', 'http', 'pack', 'export', 'import', 'backup'] as const;
export type Command =
  | { command: 'stdio' | 'http' }
  | { command: 'pack'; flags: PackFlags }
  | { command: 'export'; path: string | undefined }
  | { command: 'import' | 'backup'; path: string };

export type Invocation =
  | ({ kind: 'run'; settings: Settings; startFolder: string } & Command)
  | { kind: 'help' }
  | { kind: 'version' };

export interface Surroundings {
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/**
 * Reads flags, then the environment, then octant.config.json, then defaults; the first that has a setting wins.
 * The file is the one of `--config`, else the one in the user's own config folder. It is never looked for in the
 * project: a cloned repository must not configure the server that reads it.
 *
 * @throws StartError naming the wrong value, where it came from and what is allowed.
 */
export function readInvocation({ argv, env, cwd }: Surroundings): Invocation {
  const { values, positionals } = parseFlags(argv);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };

  const file = readConfigFile(stringOf(values.config) ?? env.OCTANT_CONFIG, env);
  const settings: Record<string, unknown> = {};
  for (const { name, schema, kind } of settingFields) {
    const paths = schema.meta()?.paths === true;
    const given = firstGiven(
      { source: `--${flagOf(name)}`, value: fromText(values[flagOf(name)], kind, paths ? undefined : ',') },
      { source: variableOf(name), value: fromText(env[variableOf(name)] || undefined, kind, paths ? delimiter : ',') },
      { source: `"${name}" in ${file.path}`, value: file.values[name] },
    );
    settings[name] = check(schema, given);
  }
  const { providers, models, privacy, limits, ...parsed } = settingsSchema.parse(settings);
  return {
    kind: 'run',
    ...readCommand(positionals, values),
    settings: {
      ...parsed,
      dataDir: resolve(cwd, withHome(parsed.dataDir ?? dataFolder(env))),
      agentFolder: resolve(cwd, dirname(file.path), 'agents'),
      promptFolder: resolve(cwd, dirname(file.path), 'prompts'),
      endpoints: readEndpoints(providers, env, privacy),
      tiers: readTiers(models),
      caps: readCaps(limits),
    },
    startFolder: env.CLAUDE_PROJECT_DIR || cwd,
  };
}

function parseFlags(argv: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const options = Object.fromEntries(settingFields.map(({ name, kind }) => [flagOf(name), optionOf(kind)]));
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        ...options,
        ...packOptions,
        config: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    throw new StartError(`${messageOf(error)}. Run "octant --help" for the options.`);
  }
}

function readCommand(positionals: readonly string[], values: Readonly<Record<string, unknown>>): Command {
  const [name = 'stdio', path, ...rest] = positionals;
  const command = commands.find((each) => each === name);
  if (command === 'pack') return { command, flags: readPackFlags(values, positionals.slice(1)) };
  const foreign = Object.keys(packOptions).find((flag) => values[flag] !== undefined);
  if (foreign !== undefined) throw new StartError(`--${foreign} is for octant pack. Run "octant --help".`);
  const takesPath = command !== 'stdio' && command !== 'http';
  if (!command) throw new StartError(`Unknown command "${name}". Allowed: ${commands.join(', ')}.`);
  if (rest.length > 0 || (path !== undefined && !takesPath)) {
    const most = takesPath ? 'at most one path' : 'no path; name a project with --project';
    throw new StartError(`octant ${command} takes ${most}. It got: ${positionals.slice(1).join(' ')}.`);
  }
  if (command !== 'import' && command !== 'backup') return { command, path };
  if (path !== undefined) return { command, path };
  throw new StartError(`octant ${command} needs a path. Run "octant --help" for an example.`);
}

function readConfigFile(named: string | undefined, env: Surroundings['env']) {
  const path = named ?? join(configFolder(env), 'octant.config.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!named && ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')) return { path, values: {} };
    throw new StartError(`Cannot read the config file ${path}: ${messageOf(error)}`);
  }
  return { path, values: parseConfigFile(path, text) };
}

function parseConfigFile(path: string, text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new StartError(`${path} is not valid JSON: ${messageOf(error)}`);
  }
  const known = settingsSchema.keyof().options;
  const parsed = z.partialRecord(z.string(), z.unknown()).safeParse(json);
  if (!parsed.success || Array.isArray(json)) throw new StartError(`${path} must hold one JSON object.`);
  const unknown = Object.keys(parsed.data).find((key) => key !== '$schema' && !known.some((name) => name === key));
  if (unknown) throw new StartError(`Unknown setting "${unknown}" in ${path}. Allowed: ${known.join(', ')}.`);
  return parsed.data;
}

/** Clients hand on `~` as it stands in their configuration. */
function withHome(path: string): string {
  return path.replace(/^~(?=$|[/\\])/, home());
}

interface Given {
  source: string;
  value: unknown;
}

function firstGiven(...candidates: Given[]): Given {
  return candidates.find(({ value }) => value !== undefined) ?? { source: 'default', value: undefined };
}

function check(schema: z.ZodType, { source, value }: Given): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const reason = result.error.issues.map((issue) => issue.message).join('; ');
  const shown = schema.meta()?.secret === true ? '(not shown)' : JSON.stringify(value);
  throw new StartError(`${source} is ${shown}: ${reason}.`);
}

/** A file name may hold a comma, so paths given as flags are not split (`separator` is undefined). */
function fromText(value: unknown, kind: FlagKind, separator: string | undefined): unknown {
  if (kind === 'list' && value !== undefined) {
    const items = [value].flat().filter((item) => typeof item === 'string');
    return separator ? items.flatMap((item) => item.split(separator).filter(Boolean)) : items;
  }
  if (typeof value !== 'string') return value;
  if (kind === 'number') return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  if (kind === 'boolean') return { true: true, '1': true, false: false, '0': false }[value] ?? value;
  return value;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
