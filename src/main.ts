import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { backup } from './commands/backup.ts';
import { exportAll } from './commands/export.ts';
import { importAny } from './commands/import.ts';
import { pack } from './commands/pack.ts';
import { type Command, type Invocation, readInvocation, type Settings } from './config.ts';
import { type Context, createContext } from './context.ts';
import { messageOf, StartError, UserError } from './errors.ts';
import { helpText } from './help.ts';
import { createLog, type ProgramLog } from './log.ts';
import { packageDescription, packageVersion } from './package.ts';
import { resources } from './resources/index.ts';
import { createSharedSubscriptions } from './resources/subscriptions.ts';
import { createServerFactory } from './server.ts';
import { createShutdown } from './shutdown.ts';
import { serveHttp } from './transports/http.ts';
import { serveStdio } from './transports/stdio.ts';
import { claimStdout } from './transports/stdout.ts';
import { welcome } from './transports/welcome.ts';

const busyGraceMs = 9_000;

await main().catch((error) => {
  const isForUser = error instanceof StartError || error instanceof UserError;
  process.stderr.write(`octant: ${isForUser ? error.message : (error?.stack ?? messageOf(error))}\n`);
  process.exit(1);
});

async function main() {
  const invocation = readInvocation({ argv: process.argv.slice(2), env: process.env, cwd: currentFolder() });
  if (invocation.kind === 'help') return void process.stdout.write(helpText(packageDescription, process.env));
  if (invocation.kind === 'version') return void process.stdout.write(`${packageVersion}\n`);
  const log = createLog(invocation.settings.logLevel);
  try {
    await run(invocation, log);
  } catch (error) {
    await log.written(); // an error may say that the log knows more
    throw error;
  }
}

async function run(invocation: Extract<Invocation, { kind: 'run' }>, log: ProgramLog) {
  const { settings, startFolder } = invocation;
  const stdout = claimStdout();
  const context = createContext(settings, startFolder, log);
  if (invocation.command === 'stdio') return overStdio(context, log, stdout);
  if (invocation.command === 'http') return overHttp(context, log, settings);
  try {
    await runCommand(invocation, context, stdout);
  } finally {
    await context.close();
  }
}

async function runCommand(invocation: Command, context: Context, stdout: Writable) {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  switch (invocation.command) {
    case 'pack':
      return pack(invocation.flags, context, stdout, process.stderr);
    case 'export':
      return exportAll(invocation.path, context, stdout, say);
    case 'import':
      return importAny(invocation.path, context, say);
    case 'backup':
      return backup(invocation.path, context, say);
  }
}

/** A folder that was deleted under us is no project. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

function overStdio(context: Context, log: ProgramLog, stdout: Writable) {
  const shutdown = createShutdown(log, async () => {
    await host.close();
    await context.close();
  });
  const host = serveStdio({
    stdout,
    log,
    createServer: createServerFactory(context),
    openListened: (notify) => createSharedSubscriptions(resources, context, notify),
    onEnd(error) {
      if (error) log.error({ err: error }, 'the connection broke');
      shutdown.begin('the client is gone', error ? 1 : 0);
    },
  });
}

async function overHttp(context: Context, log: ProgramLog, settings: Settings) {
  await context.store.open(); // an operator is there to read why it cannot be
  const host = await serveHttp({
    ...settings,
    token: readToken(settings.tokenFile),
    log,
    createServer: createServerFactory(context),
    openListened: (notify) => createSharedSubscriptions(resources, context, notify),
  });
  createShutdown(log, async () => {
    await host.close(busyGraceMs);
    await context.close();
  });
  process.stderr.write(welcome(host.url, await context.projects.list(), settings.tokenFile !== undefined));
}

function readToken(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`--token-file ${path} cannot be read: ${messageOf(error)}`);
  }
  const token = text.split('\n')[0]?.trim() ?? '';
  if (token.length < 16) throw new StartError(`--token-file ${path}: its first line must hold at least 16 characters.`);
  return token;
}
