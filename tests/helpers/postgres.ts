import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** The server that tests use; its tests are skipped where it is not there. */
const serverUrl = 'postgres://postgres@127.0.0.1:5432/test';

export const hasPostgres = await query('select 1').then(
  () => true,
  () => false,
);

/** For the name of a skipped test. */
export const noPostgres = hasPostgres ? '' : ' (skipped: no PostgreSQL at 127.0.0.1:5432)';

/** An empty database of its own; `drop` ends whatever is still connected to it. */
export async function tempDatabase(): Promise<{ url: string; name: string; drop(): Promise<void> }> {
  const name = `octant_test_${randomBytes(6).toString('hex')}`;
  await query(`create database ${name}`);
  return {
    url: serverUrl.replace(/test$/, name),
    name,
    drop: async () => void (await query(`drop database if exists ${name} with (force)`)),
  };
}

/** Runs one statement on the server, outside of any test's database. */
export async function query(text: string, url = serverUrl): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
