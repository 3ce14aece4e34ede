import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { query } from './postgres.ts';
import { freePort } from './redis.ts';
import { makeTempFolder, removeFolder } from './temp-project.ts';

const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
const owner = findOwner();

/** Why a test cannot have a server of its own; for its name. */
export const noServer =
  programs === undefined
    ? ' (skipped: no programs in /usr/lib/postgresql/*/bin)'
    : owner === undefined
      ? ' (skipped: root runs this, and there is no user postgres)'
      : '';

/** A PostgreSQL of one's own, to be stopped, paused and started again. */
export interface PostgresServer {
  url: string;
  /** `fast` ends what runs; `immediate` is like a crash: the next start recovers from the log. */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  /** The postmaster, or the processes that serve clients. */
  pids(of: 'postmaster' | 'backends'): Promise<number[]>;
  remove(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  const folder = makeTempFolder();
  if (owner && 'uid' in owner) chownSync(folder, owner.uid, owner.gid);
  const data = `${folder}/data`;
  execFileSync(`${programs}/initdb`, ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-locale'], {
    ...{ ...owner, stdio: 'ignore', cwd: folder },
  });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server = await start();

  return {
    url,
    async restart(mode) {
      await stop(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      server = await start();
    },
    async pids(of) {
      if (of === 'postmaster') return server.pid === undefined ? [] : [server.pid];
      const { rows } = await query(
        `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        url,
      );
      return rows.map(({ pid }) => Number(pid));
    },
    async remove() {
      await stop('SIGQUIT');
      removeFolder(folder);
    },
  };

  async function start(): Promise<ChildProcess> {
    const child = spawn(`${programs}/postgres`, ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1'], {
      ...{ ...owner, stdio: 'ignore', cwd: folder },
    });
    for (let tries = 0; tries < 300; tries++) {
      const answers = await query('select 1', url).then(
        () => true,
        () => false,
      );
      if (answers) return child;
      await delay(20);
    }
    throw new Error('PostgreSQL did not start');
  }

  async function stop(signal: NodeJS.Signals) {
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  }
}

/** PostgreSQL refuses to run as root. */
function findOwner(): { uid: number; gid: number } | Record<string, never> | undefined {
  if (process.getuid?.() !== 0) return {};
  try {
    const idOf = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
}
