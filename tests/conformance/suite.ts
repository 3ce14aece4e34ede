import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { z } from 'zod';

/** The official suite, run as its users run it, by its command line; the results are read from the files it writes. */
const suite = dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json')));

export type Era = '2025-11-25' | '2026-07-28';

const checkSchema = z.object({
  id: z.string(),
  status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
  errorMessage: z.string().optional(),
});
export type Check = z.infer<typeof checkSchema>;

export interface SuiteRun {
  exitCode: number | null;
  /** What the suite printed. */
  output: string;
  /** The checks that each scenario made, by its name. */
  scenarios: Map<string, Check[]>;
}

/** Runs everything that a revision of the protocol requires, and what it lists without scoring it. */
export async function runRequirements(url: string, era: Era): Promise<SuiteRun> {
  const folder = await mkdtemp(join(tmpdir(), 'octant-conformance-'));
  try {
    const { exitCode, output } = await runCli(['server', '--url', url, '--requirements', era, '--output-dir', folder]);
    return { exitCode, output, scenarios: await readResults(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The scenarios that the suite's own frozen list requires of a server. */
export async function readRequired(era: Era): Promise<string[]> {
  const text = await readFile(join(suite, 'requirements', `${era}.yaml`), 'utf8');
  return z.object({ server: z.array(z.string()) }).parse(load(text)).server;
}

/** Warnings count too: they are what a server SHOULD do. */
export function problems(checks: readonly Check[]): Check[] {
  return checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
}

/** A scenario passes when it found something of its own to check, and nothing to object to. */
export function hasPassed(checks: readonly Check[] = []): boolean {
  const own = checks.filter(({ id }) => id !== 'wire-schema-valid'); // which the suite adds to most scenarios
  return own.some(({ status }) => status === 'SUCCESS') && problems(checks).length === 0;
}

function runCli(args: readonly string[]): Promise<Pick<SuiteRun, 'exitCode' | 'output'>> {
  const child = spawn(process.execPath, [join(suite, 'dist', 'index.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 55_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
}

/** Each scenario writes `server-<name>-<time>/checks.json`. */
async function readResults(folder: string): Promise<Map<string, Check[]>> {
  const results = new Map<string, Check[]>();
  for (const name of await readdir(folder)) {
    const scenario = name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
    const text = await readFile(join(folder, name, 'checks.json'), 'utf8');
    results.set(scenario, z.array(checkSchema).parse(JSON.parse(text)));
  }
  return results;
}
