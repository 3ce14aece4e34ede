import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { findServer, percentile, report, startPinger } from '../hostile/observe.ts';

/**
 * Trees made to hang, starve or swell a server: every call answers or says plainly why not within its deadline, pings are
 * answered meanwhile, and memory stays bounded. Sizes are a tenth; `OCTANT_HOSTILE_SCALE=10` makes them what they are to be.
 */
const scale = Number(process.env.OCTANT_HOSTILE_SCALE ?? 1);
const million = 100_000 * scale;
const gigabyte = 100_000_000 * scale;
const longLine = 30_000_000 * scale;
const deadlineMs = 21_000;
const maxPingMs = 50;
/** With fewer, the worst is their 99th percentile. */
const minPings = 200;
/** A million files take some 2.4 GB, in four threads of at most 1 GB each. */
const maxResidentMb = scale > 1 ? 3000 : 1000;

let parent: string;

beforeAll(() => {
  parent = makeTempFolder();
});

afterAll(() => removeFolder(parent), 600_000);

const calls = [
  ['search_files', { query: 'needle' }],
  ['search_files', { query: 'n[e]+dle$', mode: 'regex' }],
  ['search_files', { query: 'needle', mode: 'path' }],
  ['get_project', {}],
  ['suggest_files', { task: 'find the needle' }],
] as const;

interface Tree {
  name: string;
  make(folder: string): void | Promise<void>;
}

const trees: Tree[] = [
  {
    name: `${million} files in one folder`,
    make: (folder) => touchMany(join(folder, 'many'), million),
  },
  {
    name: `${million} files in folders of a hundred`,
    make(folder) {
      for (let at = 0; at < million / 10_000; at++) {
        for (let sub = 0; sub < 100; sub++) touchMany(join(folder, `d${at}`, `s${sub}`), 100);
      }
    },
  },
  {
    name: 'folders 3,000 levels deep',
    make(folder) {
      const step = 'step=$(printf "d/%.0s" {1..500}); cd "$0"; for i in {1..6}; do mkdir -p $step; cd -P $step; done';
      execFileSync('bash', ['-c', step, folder]);
    },
  },
  {
    name: `a file of ${gigabyte} bytes, and a hole of as many`,
    make(folder) {
      const line = 'a line without what is looked for, over and over\n'.repeat(20_000);
      const file = openSync(join(folder, 'large.txt'), 'w');
      for (let written = 0; written < gigabyte; written += line.length) writeFileSync(file, line);
      closeSync(file);
      const hole = openSync(join(folder, 'hole.bin'), 'w');
      ftruncateSync(hole, gigabyte);
      closeSync(hole);
    },
  },
  {
    name: `a line of ${longLine} characters`,
    make: (folder) => writeFileSync(join(folder, 'line.js'), Buffer.alloc(longLine, 'x y ')),
  },
  {
    name: 'FIFOs, a socket and loops of links',
    async make(folder) {
      for (const name of ['pipe', '.gitignore', 'package.json']) execFileSync('mkfifo', [join(folder, name)]);
      mkdirSync(join(folder, 'loop'));
      symlinkSync('..', join(folder, 'loop/up'));
      symlinkSync('self', join(folder, 'self'));
      symlinkSync('pipe', join(folder, 'to-pipe'));
      const server = createServer().listen(join(folder, 'socket'));
      await new Promise((resolve) => server.once('listening', resolve));
      onTestFinished(() => void server.close());
    },
  },
];

describe('A hostile tree', () => {
  it.each(trees)(
    'is answered in time and with pings meanwhile: $name',
    { timeout: 900_000 },
    async ({ name, make }) => {
      const folder = join(parent, name.replaceAll(/\W+/g, '-'));
      writeFiles(folder, { 'found.txt': 'a needle\n' });
      await make(folder);
      const client = await connect('v2-2026', { args: ['--project', folder, '--log-level', 'silent'] });
      onTestFinished(() => client.close());
      const server = findServer(folder);
      const pinger = startPinger(client);
      const pings: number[] = [];
      const notes: string[] = [];
      for (let call = 0; call < 2 * calls.length || pings.length < minPings; call++) {
        const [tool, args] = calls[call % calls.length] ?? calls[0];
        const begin = performance.now();
        const { text, isError } = await client.callTool(tool, args, { timeout: deadlineMs + 5000 });
        const took = performance.now() - begin;
        pings.push(...pinger.take());
        if (call < 2 * calls.length) notes.push(`${tool} ${'mode' in args ? args.mode : ''} ${took.toFixed(0)} ms`);
        expect(took, tool).toBeLessThan(deadlineMs);
        if (isError) expect(text, tool).toMatch(/^limit: /);
        else if ('query' in args && args.query === 'needle' && !('mode' in args)) expect(text).toContain('found.txt');
      }
      await pinger.stop();
      const [p99, worst] = [percentile(pings, 0.99), Math.max(...pings)];
      report(`${name}: ${notes.join(', ')}`);
      report(
        `  ${pings.length} pings, p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(1)} ms; ${peakMb(server)} MB at most`,
      );
      expect(peakMb(server)).toBeLessThan(maxResidentMb);
      expect(p99).toBeLessThan(maxPingMs);
    },
  );
});

function touchMany(folder: string, count: number) {
  mkdirSync(folder, { recursive: true });
  execFileSync('bash', ['-c', `cd "$0" && seq -f 'file-%.0f.txt' 1 ${count} | xargs touch`, folder]);
}

function peakMb(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
