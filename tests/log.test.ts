import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const log = new URL('../src/log.ts', import.meta.url).href;

/** Runs a line of code with a log of level info, in a process of its own, and returns what it wrote to stderr. */
function logged(code: string): string {
  const source = `import { createLog } from ${JSON.stringify(log)}; const log = createLog('info'); ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  expect(stdout).toBe('');
  return stderr;
}

describe('The log', () => {
  it('writes JSON lines to stderr, in order, from its level on', () => {
    const lines = logged(`log.debug({}, 'no'); log.info({ a: 1 }, 'one'); log.error({ err: new Error('bad') }, 'two');`)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { level: 30, a: 1, msg: 'one' },
      { level: 50, err: { message: 'bad' }, msg: 'two' },
    ]);
  });

  it('has written everything before the program ends, when that waits for it', () => {
    expect(logged(`log.info({}, 'last words'); await log.written(); process.exit();`)).toContain('last words');
  });

  it('shows no key, token or cookie', () => {
    const text = logged(
      `log.info({ token: 'S3CRET', request: { authorization: 'S3CRET', headers: { cookie: 'S3CRET' } } }, 'x');`,
    );
    expect(text).not.toContain('S3CRET');
    expect(text).toContain('[redacted]');
  });

  it('gives a hostile file name no line of its own and no control over a terminal', () => {
    const text = logged(String.raw`log.info({ path: 'a\n{"level":60}\u001b[31m\u009b31m\u202e' }, 'x');`);
    expect(text.trim().split('\n').length).toBe(1);
    for (const hidden of ['\u001b', '\u009b', '\u202e']) expect(text).not.toContain(hidden);
  });
});
