import { spawnSync } from 'node:child_process';
import { cleanEnvironment, program, repository } from './program.ts';

/** Runs one command of the program to its end. */
export function runOctant(args: readonly string[], options: { cwd?: string } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: options.cwd ?? repository,
    env: cleanEnvironment(),
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  return { status, stdout, stderr };
}
