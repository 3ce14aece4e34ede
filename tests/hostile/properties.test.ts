import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { closeFile, openNamed, type Root, readStart } from '../../src/projects/door.ts';
import { isInside } from '../../src/projects/paths.ts';
import { canaryEnvironment, canaryMark, createFixture, type Fixture } from './fixture.ts';
import { isAlive, report } from './observe.ts';
import { type RawStdio, startRawStdio, strayLines } from './raw-stdio.ts';

/** The property tests (i) and (ii) of the battery. */
let fixture: Fixture;
let root: Root;
let raw: RawStdio;

beforeAll(async () => {
  fixture = await createFixture({ withHugeFiles: false });
  root = { folder: fixture.root, refuseHardLinks: true };
  raw = await startRawStdio(['--project', fixture.root, '--refuse-hard-links'], canaryEnvironment);
}, 120_000);

afterAll(async () => {
  await raw.stop();
  fixture.remove();
});

/** Pieces that lead somewhere in the fixture, or try to, so that many cases pass the first checks. */
const pieces = fc.constantFrom(
  ...[
    '..',
    '.',
    '',
    '...',
    'sub',
    'ok.txt',
    'inner.txt',
    'outside',
    'secret.txt',
    'dir-out',
    'link-out',
    'inside-link',
  ],
  ...['loop', 'chain-1', 'dangling', 'fifo', 'socket', 'hard-link', 'environ-link', '.env', '.git', 'config', '.ssh'],
  ...[
    'env-link.txt',
    'deep',
    'd',
    '%2e%2e',
    '\\',
    ':',
    '\0',
    '~',
    'CON',
    ' ',
    'root-evil',
    '\ud800',
    '\u202e',
    '..foo',
  ],
);

const honestPieces = fc.constantFrom('ok.txt', 'sub', 'inner.txt', 'inside-link', 'up-link', '..foo', '.', '');

const paths = fc.oneof(
  fc.array(honestPieces, { minLength: 1, maxLength: 3 }).map((all) => all.join('/')),
  fc.string({ unit: 'binary' }),
  fc.array(pieces, { maxLength: 6 }).map((all) => all.join('/')),
  fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((all) => all.join('/')),
  fc.array(pieces, { maxLength: 4 }).map((all) => [fixture.root, ...all].join('/')),
);

test('(i) any path is refused, or names a file that is really inside the project', () => {
  let opened = 0;
  fc.assert(
    fc.property(paths, (path) => {
      const real = realPathOrRefusal(path);
      if (real === undefined) return;
      opened++;
      expect(isInside(fixture.root, real, sep)).toBe(true);
    }),
    { numRuns: 10_000 },
  );
  report(`(i): 10,000 paths, ${opened} opened`);
  expect(opened).toBeGreaterThan(10);
});

/** Where the file that the door opened lies; `undefined` when it refused, as it may only with an error for the caller. */
function realPathOrRefusal(path: string): string | undefined {
  try {
    const file = openNamed(root, path);
    const text = readStart(file, 10_000).toString();
    closeFile(file);
    expect(text).not.toContain(canaryMark);
    return realpathSync(join(fixture.root, file.realPath));
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    if (!path.includes(fixture.parent)) expect(String(error)).not.toContain(fixture.parent);
    return undefined;
  }
}

const tools = fc.constantFrom('search_files', 'read_files', 'get_project');
const keys = fc.constantFrom(
  ...[
    'query',
    'mode',
    'include',
    'exclude',
    'case',
    'context',
    'limit',
    'cursor',
    'project',
    'max_characters',
    'paths',
  ],
  ...['view', 'max_tokens', 'depth', 'commits', '__proto__', 'constructor', ''],
);
const plausible = fc.constantFrom<unknown>(
  ...[
    'regex',
    'path',
    'full',
    'outline',
    'root',
    'ok.txt',
    ['ok.txt'],
    ['../outside/secret.txt'],
    ['.env'],
    ['**/*'],
    '.*',
  ],
  ...[0, 1, 5, -1, 1e308, 1000, null, [], {}],
);
const args = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(keys, fc.oneof(plausible, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 5 }),
);

test('(ii) any JSON as the arguments of a tool is answered within a second', async () => {
  let slowest = 0;
  await fc.assert(
    fc.asyncProperty(tools, args, async (name, value) => {
      const start = performance.now();
      const answer = await raw.request('tools/call', { name, arguments: value }, 5000);
      slowest = Math.max(slowest, performance.now() - start);
      expectAnswer(answer);
      expect(performance.now() - start).toBeLessThanOrEqual(1000);
    }),
    { numRuns: 300 },
  );
  report(`(ii): 300 arguments, slowest answer ${slowest.toFixed(0)} ms`);
  expectHealthy();
});

const methods = fc.constantFrom(
  ...['tools/call', 'tools/list', 'resources/read', 'resources/list', 'resources/subscribe', 'resources/unsubscribe'],
  ...['resources/templates/list', 'prompts/get', 'prompts/list', 'completion/complete', 'ping', 'logging/setLevel'],
);

test('(ii) any JSON object as the parameters of a request is answered within a second', async () => {
  await fc.assert(
    fc.asyncProperty(methods, fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), async (method, params) => {
      expectAnswer(await raw.request(method, params, 1000));
    }),
    { numRuns: 300 },
  );
  expectHealthy();
});

function expectAnswer(answer: Awaited<ReturnType<RawStdio['request']>>) {
  const seen = JSON.stringify(answer);
  expect(answer.result ?? answer.error).toBeDefined();
  expect(seen).not.toContain(canaryMark);
  expect(seen).not.toContain('incident');
}

function expectHealthy() {
  expect(isAlive(raw.pid)).toBe(true);
  expect(strayLines(raw.lines())).toEqual([]);
  expect(raw.stderr()).toBe('');
}
