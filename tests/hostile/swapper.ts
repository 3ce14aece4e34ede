import { type ChildProcess, spawn } from 'node:child_process';

/** Swaps what a name means as fast as it can: between its honest self and a link to the outside, by renames. */
const script = `
  const { renameSync } = require('node:fs');
  const [name, honest, link] = process.argv.slice(1);
  process.stdout.write('ready');
  for (;;) {
    renameSync(name, honest);
    renameSync(link, name);
    renameSync(name, link);
    renameSync(honest, name);
  }`;

/** For each of the two, where it waits while the other has the name. */
export interface SwapPaths {
  name: string;
  honest: string;
  link: string;
}

export async function startSwapper({ name, honest, link }: SwapPaths): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', script, name, honest, link], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}
