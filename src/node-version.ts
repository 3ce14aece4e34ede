import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The first thing that the program loads. On a Node that is too old it starts itself again with the one that the
 * package brings as a dev dependency, or says in one line what to do. Imports nothing of ours, and nothing that an
 * old Node does not have.
 */
const wanted = { major: 22, minor: 19 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < wanted.major || (major === wanted.major && minor < wanted.minor)) await startAgain();

async function startAgain() {
  const own = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', 'node', 'bin', 'node');
  const [, program = '', ...argv] = process.argv;
  if (!existsSync(own)) {
    process.stderr.write(
      `Octant needs Node ${wanted.major}.${wanted.minor} or newer; this is ${process.versions.node}.\n`,
    );
    process.exit(1);
  }
  // without it glibc keeps what it gets back for the next large piece, of which a quiet server has none: some 35 MB
  const env = { MALLOC_TRIM_THRESHOLD_: '131072', ...process.env };
  const child = process
    .getBuiltinModule('node:child_process')
    .spawn(own, [program, ...argv], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  await new Promise((_resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
  });
}
