#!/usr/bin/env node
import './node-version.ts';
import { readFileSync } from 'node:fs';
import { helpText, type Invocation, readInvocation, type Settings } from './config.ts';
import { type Context, createContext } from './context.ts';
import { messageOf, StartError } from './errors.ts';
import { createLog } from './log.ts';
import { packageDescription, packageVersion } from './package.ts';
import { createSharedSubscriptions } from './resources/subscriptions.ts';
import { createServerFactory } from './server.ts';
import { createShutdown } from './shutdown.ts';
import { serveHttp } from './transports/http.ts';
import { serveStdio } from './transports/stdio.ts';
import { claimStdout } from './transports/stdout.ts';
import { welcome } from './transports/welcome.ts';

const busyGraceMs = 9_000;

await main().catch((error) => {
  process.stderr.write(`octant: ${error instanceof StartError ? error.message : (error?.stack ?? messageOf(error))}\n`);
  process.exit(1);
});

async function main() {
  const invocation = readInvocation({ argv: process.argv.slice(2), env: process.env, cwd: currentFolder() });
  if (invocation.kind === 'help') return void process.stdout.write(helpText(packageDescription, process.env));
  if (invocation.kind === 'version') return void process.stdout.write(`${packageVersion}\n`);
  await serve(invocation);
}

/** A folder that was deleted under us is no project. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

async function serve({ command, settings, startFolder }: Extract<Invocation, { kind: 'serve' }>) {
  const stdout = claimStdout();
  const context = createContext(settings, startFolder, createLog(settings.logLevel));
  return command === 'stdio' ? overStdio(context, stdout) : overHttp(context, settings);
}

function overStdio(context: Context, stdout: ReturnType<typeof claimStdout>) {
  const shutdown = createShutdown(context.log, async () => {
    await host.close();
    await context.close();
  });
  const host = serveStdio({
    stdout,
    log: context.log,
    createServer: createServerFactory(context),
    openListened: (notify) => createSharedSubscriptions(context, notify),
    onEnd(error) {
      if (error) context.log.error({ err: error }, 'the connection broke');
      shutdown.begin('the client is gone', error ? 1 : 0);
    },
  });
}

async function overHttp(context: Context, settings: Settings) {
  const host = await serveHttp({
    ...settings,
    token: readToken(settings.tokenFile),
    log: context.log,
    createServer: createServerFactory(context),
    openListened: (notify) => createSharedSubscriptions(context, notify),
  });
  createShutdown(context.log, async () => {
    await host.close(busyGraceMs);
    await context.close();
  });
  process.stderr.write(welcome(host.url, context.projects.list(), settings.tokenFile !== undefined));
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
