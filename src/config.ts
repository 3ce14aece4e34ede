import { readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import {
  type Endpoint,
  endpointForm,
  privacyForm,
  readEndpoints,
  readTiers,
  type Tiers,
  tierForm,
} from './endpoints.ts';
import { messageOf, StartError, systemCode } from './errors.ts';
import { logLevels } from './log.ts';
import { type PackFlags, packHelp, packOptions, readPackFlags } from './pack-flags.ts';
import { capForm, readCaps, type SpendingCap } from './spending-caps.ts';
import { configFolder, dataFolder, home } from './user-folders.ts';

export const toolsets = ['files', 'plans', 'tickets', 'prompts', 'chat', 'agents', 'projects'] as const;
export type Toolset = (typeof toolsets)[number];

/**
 * Every setting, once. From this schema come the flags (`logLevel` is `--log-level`), the environment variables
 * (`OCTANT_LOG_LEVEL`), the fields of octant.config.json, the help text and the README's table. `meta.value` names
 * the kind of value in help.
 */
export const settingsSchema = z.strictObject({
  project: z
    .array(z.string().min(1))
    .default([])
    .describe('A project folder to serve; repeatable. Default: $CLAUDE_PROJECT_DIR, else the folder Octant starts in')
    .meta({ value: 'PATH', paths: true }),
  toolsets: z
    .array(z.enum(['default', ...toolsets]))
    .min(1)
    .default(['default'])
    .describe(
      `Groups of tools to offer, comma separated: ${toolsets.join(', ')}; "default" is what most work needs of them, but for projects`,
    )
    .meta({ value: 'NAMES' }),
  dataDir: z
    .string()
    .min(1)
    .optional()
    .describe("The folder of tickets and of all else that Octant keeps. Default: octant in the user's data folder")
    .meta({ value: 'PATH' }),
  store: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .refine(URL.canParse, 'is no URL')
    .optional()
    .describe('Keep them in this PostgreSQL database instead, for servers on several machines')
    .meta({ value: 'URL', secret: true }),
  cache: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis://')
    .refine(URL.canParse, 'is no URL')
    .optional()
    .describe('Keep caches in this Redis instead of a file in the data folder')
    .meta({ value: 'URL', secret: true }),
  providers: z
    .array(z.string().regex(endpointForm, 'must be NAME=URL, NAME=ollama+URL or NAME=off'))
    .default([])
    .describe(
      'A provider of models as NAME=URL, if it speaks like OpenAI, or NAME=ollama+URL; its key is read from NAME_API_KEY. NAME=off leaves one out; repeatable',
    )
    .meta({ value: 'NAME=URL', secret: true }),
  models: z
    .array(z.string().regex(tierForm, 'must be TIER=PROVIDER/MODEL, with low, medium, high or planning'))
    .default([])
    .describe(
      'A model of a tier (low, medium, high, planning) as TIER=PROVIDER/MODEL; the first that answers serves; repeatable',
    )
    .meta({ value: 'TIER=MODEL' }),
  privacy: z
    .array(z.string().regex(privacyForm, 'must be NAME=raw, NAME=redact, NAME=never or NAME=never:GLOB'))
    .default([])
    .describe(
      'What a provider may get, as NAME=RULE: redact (names stand for secrets, the default), raw (all as it is), never:GLOB (not these files), never (no file); repeatable',
    )
    .meta({ value: 'NAME=RULE' }),
  parallel: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Most requests to one provider of models at a time. Default: 8, or 4 if it is on this machine')
    .meta({ value: 'COUNT' }),
  limits: z
    .array(z.string().regex(capForm, 'must be SCOPE.KIND=NUMBER, with call, run, day or project and cost or tokens'))
    .default([])
    .describe(
      'The most to spend on models as SCOPE.KIND=NUMBER: of one call, run, day (UTC) or project and day, in US dollars (cost) or tokens; repeatable',
    )
    .meta({ value: 'SCOPE.KIND=NUMBER' }),
  port: z
    .int()
    .min(0)
    .max(65535)
    .default(7337)
    .describe('http: the port to listen on; 0 picks a free one')
    .meta({ value: 'PORT' }),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('http: the address to bind; beyond loopback it needs --token-file, and 0.0.0.0 needs --allow-host')
    .meta({ value: 'ADDRESS' }),
  tokenFile: z
    .string()
    .min(1)
    .optional()
    .describe('http: a file whose first line is the bearer token that clients must send')
    .meta({ value: 'PATH' }),
  allowHost: z
    .array(z.string().min(1))
    .default([])
    .describe('http: a further name in the Host header to accept, with or without a port; repeatable')
    .meta({ value: 'HOST' }),
  allowOrigin: z
    .array(z.string().min(1))
    .default([])
    .describe('http: a browser origin to accept, such as "https://app.example:8443"; repeatable')
    .meta({ value: 'ORIGIN' }),
  refuseHardLinks: z
    .boolean()
    .default(false)
    .describe('Refuse files with more than one name, for projects that strangers can write to'),
  indexMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .default(10)
    .describe('Give the memory of the search index back after so many minutes without a search')
    .meta({ value: 'MINUTES' }),
  logLevel: z.enum(logLevels).default('info').describe('Least severity to log, on stderr').meta({ value: 'LEVEL' }),
});

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

type SettingName = keyof typeof settingsSchema.shape;

const fields = Object.entries(settingsSchema.shape).map(([key, schema]) => ({
  name: settingsSchema.keyof().parse(key),
  schema,
  kind: kindOf(schema),
}));

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
  for (const { name, schema, kind } of fields) {
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

/** The text of `octant --help`. */
export function helpText(description: string, env: Surroundings['env']): string {
  const rows = settingRows().map(({ flag, description, initial }) => {
    return `  ${flag.padEnd(24)} ${description}${initial ? ` (default: ${initial})` : ''}`;
  });
  return `${description}

Usage:
  octant [stdio] [options]   serve one client over stdin and stdout (what MCP clients start)
  octant http [options]      serve many clients on http://127.0.0.1:7337/mcp
  octant pack [PATH ...]     write what a model should read of these files, or for a --task, within a budget of tokens
  octant export [PATH]       write all that is stored (or what is of --project) as JSON lines, or as Markdown to a folder
  octant import PATH         read such an export, Task Master's tasks.json, beads' JSON lines, Markdown tickets or prompts,
                             Claude Code commands, Cursor rules
  octant backup PATH         copy the store's file, while servers use it

Options:
${rows.join('\n')}
  ${'--config PATH'.padEnd(24)} Read settings from this file (default: octant.config.json in ${configFolder(env)})
  ${'--help'.padEnd(24)} Show this text
  ${'--version'.padEnd(24)} Show the version

Options of octant pack:
${packHelp()}

Each of the first options can be set in the environment too (--log-level is OCTANT_LOG_LEVEL) and in octant.config.json ("logLevel").

Examples:
  octant --project ~/code/shop
  octant http --port 8080 --project ~/code/shop --project ~/code/site
  claude mcp add octant -- npx -y octant-mcp
  octant pack --task 'Retry failed payments' --budget 32000 --output context.md
  octant export tickets.jsonl
  octant import .taskmaster/tasks/tasks.json --project ~/code/shop
`;
}

/** One row a setting, for `--help` and for the README's table. */
export function settingRows() {
  return fields.map(({ name, schema, kind }) => ({
    flag: kind === 'boolean' ? `--${flagOf(name)}` : `--${flagOf(name)} ${String(schema.meta()?.value ?? 'VALUE')}`,
    variable: variableOf(name),
    description: schema.description ?? '',
    initial: [schema.safeParse(undefined).data ?? []].flat().join(','),
  }));
}

function parseFlags(argv: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const options = Object.fromEntries(
    fields.map(({ name, kind }) => [
      flagOf(name),
      { type: kind === 'boolean' ? ('boolean' as const) : ('string' as const), multiple: kind === 'list' },
    ]),
  );
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

type Kind = 'boolean' | 'number' | 'list' | 'text';

/** What kind of value a setting takes, read off its schema: flags and variables arrive as text. */
function kindOf(schema: z.ZodType): Kind {
  if (schema.safeParse(true).success) return 'boolean';
  if (Array.isArray(schema.safeParse(undefined).data)) return 'list';
  return schema.safeParse(1).success ? 'number' : 'text';
}

/** A file name may hold a comma, so paths given as flags are not split (`separator` is undefined). */
function fromText(value: unknown, kind: Kind, separator: string | undefined): unknown {
  if (kind === 'list' && value !== undefined) {
    const items = [value].flat().filter((item) => typeof item === 'string');
    return separator ? items.flatMap((item) => item.split(separator).filter(Boolean)) : items;
  }
  if (typeof value !== 'string') return value;
  if (kind === 'number') return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  if (kind === 'boolean') return { true: true, '1': true, false: false, '0': false }[value] ?? value;
  return value;
}

function flagOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function variableOf(name: SettingName): string {
  return `OCTANT_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
