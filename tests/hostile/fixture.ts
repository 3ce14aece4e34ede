import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The project of the battery of hostile inputs, with what lies around it. Nothing that is read may hold a canary. */
export interface Fixture {
  /** The folder that holds everything; its path must show in no error. */
  parent: string;
  root: string;
  /** What the project is called in arguments and URIs. */
  project: string;
  /** Device nodes can be made by root only. */
  hasDevices: boolean;
  remove(): void;
}

/** Every canary begins with it, and no name in the fixture has it. */
export const canaryMark = 'CANARY';

/** For the server's environment, which `/proc/self/environ` shows. */
export const canaryEnvironment = { HOSTILE_SETTING: canary('environment') };

export const megabyte = 1024 * 1024;

export async function createFixture(options: { withHugeFiles: boolean }): Promise<Fixture> {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'octant-hostile-')));
  const root = join(parent, 'root');
  mkdirSync(root);
  writeAll(parent, surroundings);
  writeAll(root, contents);
  linkAll(root);
  makeDeepTree(root);
  if (options.withHugeFiles) writeHugeFiles(root);
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const hasDevices = makeDevice(join(root, 'zero-device'));
  const socket = await openSocket(join(root, 'socket'));
  const remove = () => {
    socket.close();
    execFileSync('rm', ['-rf', parent]); // rmSync cannot name the depths of the deep tree
  };
  return { parent, root, project: 'root', hasDevices, remove };
}

/** All that lies outside the root, to see that nothing there was changed. */
export function outsideOf({ parent }: Fixture): string[] {
  const names = readdirSync(parent, { recursive: true, encoding: 'utf8' }).filter((name) => !/^root(\/|$)/.test(name));
  return names
    .sort()
    .map((name) => `${name}: ${Object.hasOwn(surroundings, name) ? readFileSync(join(parent, name)) : ''}`);
}

function canary(place: string): string {
  return `${canaryMark}-${place}-7f3a91\n`;
}

const surroundings: Record<string, string> = {
  'outside/secret.txt': canary('outside'),
  'outside/hard.txt': canary('hard-link'),
  'outside/package.json': JSON.stringify({ scripts: { leak: canary('manifest') } }),
  'root-evil/secret.txt': canary('prefix'),
  'root /secret.txt': canary('space'),
  'root"': canary('quote'),
};

const contents: Record<string, string | Buffer> = {
  'ok.txt': 'honest\n',
  'sub/inner.txt': 'honest below\n',
  'caf\u00e9.txt': 'honest in NFC\n',
  '%2e%2e%2fescaped.txt': 'honest, with a name of percent signs\n',
  '..foo': 'honest, with a name of two dots\n',
  'trail ': 'honest, with a name that ends in a space\n',
  'new\nline\u001b[31m.txt': 'honest, with a name that no log should print\n',
  'binary.bin': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  'latin1.txt': Buffer.from('na\u00efve caf\u00e9\n', 'latin1'),
  'utf16.txt': Buffer.from('\ufeffhonest\n', 'utf16le'),
  'patterns/a.txt': `${'a'.repeat(32)}!\n${'ab '.repeat(20)}!\n${'x'.repeat(40)}\n`,
  'patterns/spaces.txt': `${' '.repeat(50_000)}x\n`,
  [`patterns/${'a'.repeat(200)}`]: 'a name for globs\n',
  '.env': `KEY=${canary('env')}`,
  '.env.example': 'KEY=put-yours-here\n',
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/config': `[remote "origin"]\n\turl = https://user:${canary('git')}@example.org/x.git\n`,
  '.git/refs/keep': '',
  '.git/objects/keep': '',
  '.ssh/id_rsa': canary('ssh'),
};

function writeAll(folder: string, files: Record<string, string | Buffer>) {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  }
}

const links: Record<string, string> = {
  'inside-link': 'ok.txt',
  'sub/up-link': '../ok.txt',
  'link-out': '../outside/secret.txt',
  'dir-out': '../outside',
  'chain-1': 'chain-2',
  'chain-2': 'chain-3',
  'chain-3': '../outside/secret.txt',
  loop: 'loop',
  dangling: '../outside/new.txt',
  'environ-link': '/proc/self/environ',
  'zero-link': '/dev/zero',
  'env-link.txt': '.env',
  'README.md': '../outside/secret.txt',
  'package.json': '../outside/package.json',
};

function linkAll(root: string) {
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
  linkSync(join(root, '../outside/hard.txt'), join(root, 'hard-link'));
}

/** Deeper than any absolute path can say, so each folder is made from within the one above. */
function makeDeepTree(root: string) {
  mkdirSync(join(root, 'deep'));
  const script = `const { mkdirSync } = require('node:fs');
    for (let level = 0; level < 3000; level++) { mkdirSync('d'); process.chdir('d'); }`;
  execFileSync(process.execPath, ['-e', script], { cwd: join(root, 'deep') });
}

function writeHugeFiles(root: string) {
  writeLine(join(root, 'one-line-20mb.txt'), 20 * megabyte);
  writeLine(join(root, 'one-line-300mb.txt'), 300 * megabyte);
  writeLine(join(root, 'text-1100mb.txt'), 9 * megabyte, 1100 * megabyte);
  writeLine(join(root, 'sparse-3gb.bin'), 0, 3 * 1024 * megabyte);
}

/** A file of one line; what `size` has beyond `written` is a hole. */
function writeLine(path: string, written: number, size = written) {
  const chunk = Buffer.alloc(megabyte, 'long ');
  const descriptor = openSync(path, 'w');
  for (let at = 0; at < written; at += megabyte) writeSync(descriptor, chunk);
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
}

function makeDevice(path: string): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('mknod', [path, 'c', '1', '5'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // a container without the right to
  }
}

async function openSocket(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server.unref();
}
