import * as z from 'zod';
import { endpointForm, privacyForm, tierForm } from './endpoints.ts';
import { kindOf, usageOf } from './flags.ts';
import { logLevels } from './log.ts';
import { capForm } from './spending-caps.ts';

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

type SettingName = keyof typeof settingsSchema.shape;

/** By the order of the schema, with what is read off it. */
export const settingFields = Object.entries(settingsSchema.shape).map(([key, schema]) => ({
  name: settingsSchema.keyof().parse(key),
  schema,
  kind: kindOf(schema),
}));

/** One row a setting, for `--help` and for the README's table. */
export function settingRows() {
  return settingFields.map(({ name, schema }) => ({
    flag: usageOf(flagOf(name), schema),
    variable: variableOf(name),
    description: schema.description ?? '',
    initial: [schema.safeParse(undefined).data ?? []].flat().join(','),
  }));
}

export function flagOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function variableOf(name: SettingName): string {
  return `OCTANT_${flagOf(name).replaceAll('-', '_').toUpperCase()}`;
}
