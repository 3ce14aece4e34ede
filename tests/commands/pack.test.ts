import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { pack } from '../../src/commands/pack.ts';
import { readInvocation } from '../../src/config.ts';
import { createContext } from '../../src/context.ts';
import { createLog } from '../../src/log.ts';
import { runOctant } from '../helpers/command.ts';
import { tempProject } from '../helpers/temp-project.ts';

const shop = {
  'src/cart.ts': 'export function totalOf(cart: Cart) {\n  return cart.sum;\n}\n',
  'src/mail.ts': `// sends mails\n${'export const sent = 1;\n'.repeat(400)}`,
  'docs/cart.md': '# Cart\n\nHow it adds up.\n',
};

function run(...args: string[]) {
  return runOctant(['pack', '--project', tempProject(shop), '--data-dir', tempProject(), ...args]);
}

describe('octant pack', () => {
  it('writes the text to stdout, with the task at its end, and what it took to stderr', () => {
    const { status, stdout, stderr } = run(
      '--task',
      'The total of a cart is wrong',
      '--budget',
      '400',
      '--model',
      'gpt-5',
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^## docs\/cart\.md\n/);
    expect(stdout).toContain('## src/cart.ts\n\n```ts\nexport function totalOf');
    expect(stdout).toMatch(/## task\n\n```markdown\nThe total of a cart is wrong\n```\n$/);
    expect(o200k.encode(stdout).length).toBeLessThanOrEqual(400);
    expect(stderr).toMatch(/^\d+ of 400 tokens, by o200k:\n\d+ tokens in \d files\n/);
    expect(stderr).toContain('  cart.ts ');
    expect(stderr).not.toContain('\r');
  });

  it('takes saved prompts, with the task in them', () => {
    const { status, stdout, stderr } = run(
      'docs',
      '--prompt',
      'find-files',
      '--task',
      'Sum the cart',
      '--budget',
      '2000',
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/\n## instructions find-files\n\n```markdown\nFind the files [\s\S]*Task: Sum the cart\n/);
    expect(run('--conversation', 'C-7').stderr).toMatch(/^octant: There is no C-7/);
  });

  it.skipIf(process.platform === 'win32')('writes into what is no file', async () => {
    const fifo = join(tempProject(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const read = readFile(fifo, 'utf8');
    const child = execFile(process.execPath, [
      ...['dist/main.js', 'pack', 'src/cart.ts', '--project', tempProject(shop), '--data-dir', tempProject()],
      ...['--output', fifo],
    ]);
    expect(await read).toContain('totalOf');
    await once(child, 'exit');
    expect(statSync(fifo).isFIFO()).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('fails where the text cannot be written', () => {
    const full = openSync('/dev/full', 'w');
    const args = ['src/cart.ts', '--project', tempProject(shop), '--data-dir', tempProject()];
    const { status, stderr } = spawnSync(process.execPath, ['dist/main.js', 'pack', ...args], {
      ...{ stdio: ['ignore', full, 'pipe'], encoding: 'utf8' },
    });
    closeSync(full);
    expect([status, stderr]).toEqual([1, 'octant: The text cannot be written (ENOSPC).\n']);
  });

  it('writes to a file, whole or not at all', () => {
    const folder = tempProject();
    const path = join(folder, 'context.json');
    const { status, stdout } = run('src', '--format', 'json', '--output', path, '--exclude', '*mail*');
    expect([status, stdout]).toEqual([0, '']);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual([
      { kind: 'file', name: 'src/cart.ts', text: shop['src/cart.ts'] },
    ]);
    expect(readdirSync(folder)).toEqual(['context.json']);
    expect(run('src', '--output', join(folder, 'no', 'such')).stderr).toMatch(/^octant: No file can be written at/);
  });

  it.each([
    [[], /needs --task, paths/],
    [['--budget', 'x', 'src'], /^octant: --budget: /],
    [['--format', 'pdf', 'src'], /^octant: --format: /],
    [['gone.ts'], /^octant: There is no file "gone\.ts"/],
    [['*.zig'], /^octant: There is nothing to pack: nothing matches "\*\.zig"/],
    [['src', '--budget', '1'], /^octant: Nothing fits into 1 token\. Give more with --budget\./],
    [['src', '--group', 'checkout'], /There is no group "checkout"/],
  ])('refuses %j with what to do', (args, message) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  it('keeps its flags to itself', () => {
    expect(runOctant(['export', '--task', 'x']).stderr).toMatch(/^octant: --task is for octant pack/);
    expect(runOctant(['--help']).stdout).toContain('--budget TOKENS');
  });

  it('draws a bar where somebody watches', async () => {
    const argv = ['pack', 'src', '--project', tempProject(shop), '--data-dir', tempProject()];
    const invocation = readInvocation({ argv, env: {}, cwd: '/' });
    if (invocation.kind !== 'run' || invocation.command !== 'pack') throw new Error('this is no pack');
    const context = createContext(invocation.settings, '/', createLog('silent'));
    const written: string[] = [];
    const screen = { isTTY: true, write: (text: string) => written.push(text) };
    await pack({ ...invocation.flags, output: join(tempProject(), 'out.md') }, context, process.stdout, screen);
    await context.close();
    expect(written[0]).toMatch(/^\r\[#+-+\] Reading what was asked for/);
    expect(written.some((text) => text.includes('Packing 2 files'))).toBe(true);
  });
});
