import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { type RunningHttp, startHttp } from '../helpers/program.ts';
import { canaryEnvironment, canaryMark, createFixture, type Fixture, outsideOf } from './fixture.ts';
import {
  findServer,
  isAlive,
  type Outcome,
  type Pinger,
  percentile,
  readAsResource,
  readWithTool,
  report,
  residentMegabytes,
  startPinger,
} from './observe.ts';
import { startRawStdio, strayLines } from './raw-stdio.ts';

/**
 * Rows P01 to P55 of the battery of hostile inputs (docs: security research, section 2.1) for a server that only reads.
 * READ is read_files and resources/read. Left out: P06, P38 as LIST rows (there is no tool that lists a folder; their
 * places are read, and named as projects, instead), P27, P28, P56 (writes), P36's "media" half (no such tool).
 * P54 and P55 are in swap-race.test.ts.
 */
type Expected = 'OK' | 'DENY' | 'SECRET' | 'BAD' | 'LIMIT' | 'BINARY' | 'NOT_FOUND' | 'HTTP';

const kinds: Record<Expected, string[]> = {
  OK: ['whole'],
  DENY: ['denied'],
  SECRET: ['secret'],
  BAD: ['bad_input'],
  LIMIT: ['limit', 'part'],
  BINARY: ['binary'],
  NOT_FOUND: ['not_found'],
  HTTP: ['http'], // refused before any JSON was read: a modern client repeats the URI in a header
};

interface Row {
  id: string;
  /** `<root>` stands for the fixture's root. */
  path: string;
  expect: Expected[];
  /** What resources/read answers, where a URI cannot say the same. */
  resource?: Expected[];
  /** The target of the battery in milliseconds; some slack is added to it for busy machines. */
  within?: number;
  needsDevices?: boolean;
}

const rows: Row[] = [
  { id: 'P01', path: '../outside/secret.txt', expect: ['DENY'] },
  { id: 'P02', path: '<root>/../outside/secret.txt', expect: ['DENY'] },
  { id: 'P03', path: 'sub/../../outside/secret.txt', expect: ['DENY'] },
  { id: 'P04', path: '/etc/passwd', expect: ['DENY'] },
  { id: 'P05', path: '<root>-evil/secret.txt', expect: ['DENY'] },
  { id: 'P05b', path: '../root-evil/secret.txt', expect: ['DENY'] },
  { id: 'P07', path: '~/.bashrc', expect: ['DENY'] },
  { id: 'P08', path: 'ok.txt\0.png', expect: ['DENY'] },
  { id: 'P09', path: '%2e%2e/outside/secret.txt', expect: ['NOT_FOUND'] },
  { id: 'P10', path: '%252e%252e%252foutside/secret.txt', expect: ['NOT_FOUND'] },
  { id: 'P11', path: '..%c0%af..%c0%afetc/passwd', expect: ['NOT_FOUND'] },
  { id: 'P12', path: '\uff0e\uff0e/outside/secret.txt', expect: ['NOT_FOUND', 'DENY'] },
  { id: 'P13', path: '%2e%2e%2fescaped.txt', expect: ['OK'] },
  { id: 'P14', path: '..\\outside\\secret.txt', expect: ['DENY'] },
  { id: 'P15', path: 'C:\\Windows\\win.ini', expect: ['DENY'] },
  { id: 'P16', path: 'C:ok.txt', expect: ['DENY'] },
  { id: 'P17', path: '\\\\evil\\share\\x', expect: ['DENY'] },
  { id: 'P17b', path: '//evil/share/x', expect: ['DENY'] },
  { id: 'P18', path: '\\\\?\\C:\\x', expect: ['DENY'] },
  { id: 'P18b', path: 'CON', expect: ['DENY'] },
  { id: 'P18c', path: 'ok.txt::$DATA', expect: ['DENY'] },
  { id: 'P19', path: 'file:///etc/passwd', expect: ['DENY'] },
  { id: 'P20', path: 'OK.TXT', expect: ['NOT_FOUND'] },
  { id: 'P21', path: 'cafe\u0301.txt', expect: ['OK', 'NOT_FOUND'] },
  { id: 'P21b', path: 'caf\u00e9.txt', expect: ['OK'] },
  { id: 'P22', path: 'link-out', expect: ['DENY'] },
  { id: 'P23', path: 'dir-out/secret.txt', expect: ['DENY'] },
  { id: 'P24', path: 'chain-1', expect: ['DENY'] },
  { id: 'P25', path: 'inside-link', expect: ['OK'] },
  { id: 'P25b', path: 'sub/up-link', expect: ['OK'] },
  { id: 'P26', path: 'loop', expect: ['DENY'] },
  { id: 'P26b', path: 'dangling', expect: ['DENY', 'NOT_FOUND'] },
  { id: 'P29', path: 'hard-link', expect: ['DENY'] },
  { id: 'P30', path: 'environ-link', expect: ['DENY'] },
  { id: 'P31', path: '/proc/self/root<root>/ok.txt', expect: ['DENY'] },
  { id: 'P32', path: 'zero-link', expect: ['DENY'] },
  { id: 'P33', path: 'fifo', expect: ['DENY'], within: 100 },
  { id: 'P35', path: 'socket', expect: ['DENY'] },
  { id: 'P36', path: 'zero-device', expect: ['DENY'], needsDevices: true },
  { id: 'P37', path: 'sub', expect: ['BAD'] },
  { id: 'P37b', path: '', expect: ['BAD'], resource: ['NOT_FOUND'] },
  { id: 'P37c', path: '.', expect: ['BAD'] },
  { id: 'P38', path: '<root> /secret.txt', expect: ['DENY'] },
  { id: 'P39', path: '<root>"', expect: ['DENY'] },
  { id: 'P40', path: '..foo', expect: ['OK'] },
  { id: 'P40b', path: 'trail ', expect: ['OK'] },
  { id: 'P40c', path: 'ok.txt/', expect: ['BAD'] },
  { id: 'P40d', path: 'ok.txt.', expect: ['NOT_FOUND'] },
  { id: 'P40e', path: 'new\nline\u001b[31m.txt', expect: ['OK'] },
  { id: 'P41', path: 'n'.repeat(5000), expect: ['BAD'] },
  { id: 'P41b', path: 'n'.repeat(1000), expect: ['BAD'] },
  { id: 'P42', path: 'n/'.repeat(524_288), expect: ['BAD'], resource: ['NOT_FOUND', 'HTTP'], within: 20 },
  { id: 'P46', path: 'ok.txt:-1', expect: ['DENY', 'BAD'] },
  { id: 'P46b', path: 'ok.txt:0.5', expect: ['DENY', 'BAD'] },
  { id: 'P46c', path: 'ok.txt:99999999', expect: ['BAD'], resource: ['DENY'] },
  { id: 'P47', path: 'one-line-20mb.txt', expect: ['LIMIT'], within: 300 },
  { id: 'P47b', path: 'one-line-300mb.txt', expect: ['LIMIT'], within: 300 },
  { id: 'P48', path: 'text-1100mb.txt', expect: ['LIMIT'], within: 50 },
  { id: 'P48b', path: 'sparse-3gb.bin', expect: ['LIMIT', 'BINARY'], within: 50 },
  { id: 'P49', path: 'binary.bin', expect: ['BINARY'] },
  { id: 'P49b', path: 'latin1.txt', expect: ['BINARY'] },
  { id: 'P49c', path: 'utf16.txt', expect: ['BINARY'] },
  { id: 'P50', path: '.env', expect: ['SECRET'] },
  { id: 'P50b', path: '.git/config', expect: ['SECRET'] },
  { id: 'P50c', path: '.ssh/id_rsa', expect: ['SECRET'] },
  { id: 'P50d', path: 'env-link.txt', expect: ['SECRET'] },
  { id: 'P50e', path: '.ENV', expect: ['SECRET'] },
  { id: 'P50f', path: './/.env', expect: ['SECRET'] },
  { id: 'P50g', path: '.Git/config', expect: ['SECRET'] },
  { id: 'P50h', path: '.env:1-1', expect: ['SECRET'], resource: ['DENY'] },
  { id: 'P50i', path: '.env.example', expect: ['OK'] },
];

interface ToolRow {
  id: string;
  tool?: string;
  args: Record<string, unknown>;
  /** One for each path, or one for the whole call. */
  expect: Expected[][];
}

const bad: Expected[][] = [['BAD']];

const toolRows: ToolRow[] = [
  { id: 'P34', args: { paths: [...Array(8).fill('fifo'), 'ok.txt'] }, expect: [...Array(8).fill(['DENY']), ['OK']] },
  { id: 'P43', args: { paths: 1 }, expect: bad },
  { id: 'P43b', args: { paths: [['ok.txt']] }, expect: bad },
  { id: 'P43c', args: { paths: [{ path: 'ok.txt' }] }, expect: bad },
  { id: 'P43d', args: {}, expect: bad },
  { id: 'P43e', args: { paths: [null] }, expect: bad },
  { id: 'P44', args: parse('{"paths":["ok.txt"],"__proto__":{"polluted":true}}'), expect: [['OK', 'BAD']] },
  { id: 'P44b', args: { paths: ['ok.txt'], constructor: { prototype: { polluted: true } } }, expect: [['OK', 'BAD']] },
  { id: 'P45', args: { paths: ['ok.txt'], extra: 1 }, expect: bad },
  { id: 'P46d', args: { paths: ['ok.txt'], max_tokens: -1 }, expect: bad },
  { id: 'P46e', args: { paths: ['ok.txt'], max_tokens: 0.5 }, expect: bad },
  { id: 'P46f', args: { paths: ['ok.txt'], max_tokens: 1e308 }, expect: bad },
  { id: 'P51', args: { paths: ['ok.txt', '../outside', 'link-out'] }, expect: [['OK'], ['DENY'], ['DENY']] },
  { id: 'P06', args: { paths: ['ok.txt'], project: '<root>-evil' }, expect: [['NOT_FOUND']] },
  { id: 'P38b', args: { paths: ['ok.txt'], project: '<root> ' }, expect: [['NOT_FOUND']] },
  { id: 'P39b', args: { paths: ['ok.txt'], project: '<root>"' }, expect: [['NOT_FOUND']] },
];

/** `__proto__` of an object literal would set its prototype; of JSON it is a key like any other. */
function parse(json: string): Record<string, unknown> {
  return JSON.parse(json);
}

const slackMs = 400;
let fixture: Fixture;

beforeAll(async () => {
  fixture = await createFixture({ withHugeFiles: true });
}, 120_000);

afterAll(() => fixture.remove());

interface Subject {
  client: TestClient;
  pinger: Pinger;
  pid: number;
  log(): string;
  stop(): Promise<unknown>;
}

/** What a hostile file may cost for good; 100 by the plan, and 40 by which a warm server differs from run to run. */
const grownMegabytes = 140;

const subjects = [
  { transport: 'stdio', start: startOverStdio },
  { transport: 'HTTP', start: startOverHttp },
];

describe.each(subjects)('over $transport', ({ transport, start }) => {
  let subject: Subject;
  let baseMegabytes = 0;
  let outside: string[] = [];

  beforeAll(async () => {
    outside = outsideOf(fixture);
    subject = await start();
    await warmUp(subject);
    baseMegabytes = residentMegabytes(subject.pid);
  });

  afterAll(() => subject.stop());

  test.each(rows)('$id: read_files of a path is $expect', async (row) => {
    if (row.needsDevices && !fixture.hasDevices) return;
    const path = fill(row.path);
    const [outcome] = await readWithTool(subject.client, { paths: [path] });
    expectOneOf(outcome, row.expect);
    expectInTime(outcome, row);
    await expectInvariants(subject, [outcome], [path]);
  });

  test.each(rows)('$id: resources/read of a path is $expect', async (row) => {
    if (row.needsDevices && !fixture.hasDevices) return;
    const uri = uriOf(fill(row.path));
    const outcome = await readAsResource(subject.client, uri);
    expectOneOf(outcome, row.resource ?? row.expect);
    expectInTime(outcome, row);
    await expectInvariants(subject, [outcome], [uri, fill(row.path)]);
  });

  test.each(toolRows)('$id: read_files with unusual arguments is $expect', async ({ args, expect: expected }) => {
    const filled: Record<string, unknown> = parse(fill(JSON.stringify(args)));
    const outcomes = await readWithTool(subject.client, filled);
    expect(outcomes.length).toBe(expected.length);
    for (const [index, outcome] of outcomes.entries()) expectOneOf(outcome, expected[index] ?? []);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    await expectInvariants(subject, outcomes, [String(filled.project ?? '')]);
  });

  test.each([
    ['file:///etc/passwd'],
    ['octant://projects/root/files/%2e%2e/outside/secret.txt'],
    ['octant://projects/root/files/..%2foutside%2fsecret.txt'],
    ['octant://projects/../root/files/ok.txt'],
    ['octant://projects/root-evil/files/secret.txt'],
    ['octant://projects/root/files/%c0%ae%c0%ae/outside/secret.txt'],
    ['octant://user:pass@projects/root/files/ok.txt'],
  ])('P19: resources/read of %s is refused', async (uri) => {
    const outcome = await readAsResource(subject.client, uri);
    expectOneOf(outcome, ['DENY', 'BAD', 'NOT_FOUND']);
    await expectInvariants(subject, [outcome], [uri]);
  });

  test('P41: a name of 5,000 characters is refused in at most 300', async () => {
    const [outcome] = await readWithTool(subject.client, { paths: ['n'.repeat(5000)] });
    expect(outcome?.seen.length).toBeLessThanOrEqual(300);
  });

  test('P34: eight reads of a FIFO at once leave the server able to read', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => readWithTool(subject.client, { paths: ['fifo'] })));
    for (const [outcome] of all) expectOneOf(outcome, ['DENY']);
    await expectInvariants(subject, all.flat(), []);
  });

  test.each([
    ['P52', { query: 'a', mode: 'regex', include: ['../**'] }],
    ['P52', { query: 'a', mode: 'regex', include: ['..'] }],
    ['P52', { query: 'a', mode: 'regex', include: ['dir-out/**'] }],
    ['P53', { query: `${canaryMark.slice(0, -1)}[Y]-`, mode: 'regex' }],
    ['P53', { query: 'secret', mode: 'path' }],
    ['P53', { query: 'honest', context: 10, limit: 500, max_characters: 200_000 }],
  ])('%s: search_files with %j finds nothing that it must not', async (_id, args) => {
    const start = performance.now();
    const { text, data } = await subject.client.callTool('search_files', args);
    const ms = performance.now() - start;
    report(`${transport} ${_id} ${args.query}: ${ms.toFixed(0)} ms, ${data?.match_count} matches, ${data?.reason}`);
    expect(ms).toBeLessThan(20_000);
    await expectInvariants(subject, [{ kind: 'search', seen: text + JSON.stringify(data), ms }], []);
  });

  test('P53: a search over the whole fixture says what it left out', async () => {
    const { data } = await subject.client.callTool('search_files', { query: 'honest' });
    expect(data).toMatchObject({ complete: false });
    expect(data?.reason).toEqual(expect.any(String));
  });

  test.each(['get_project', 'octant://projects/root/overview', 'octant://projects/root/tree'])(
    'P22: %s follows no link of a README or a manifest to the outside',
    async (name) => {
      const answer =
        name === 'get_project' ? subject.client.callTool(name, { depth: 8 }) : subject.client.readResource(name);
      expect(JSON.stringify(await answer)).not.toContain(canaryMark);
    },
  );

  test('invariants: after all rows nothing outside has changed, the log holds no canary and memory is as before', async () => {
    const pings = await subject.pinger.stop();
    const megabytes = await settledMegabytes(subject.pid, baseMegabytes + grownMegabytes);
    report(
      `${transport}: ${pings.length} pings, p50 ${percentile(pings, 0.5).toFixed(1)} ms, p99 ${percentile(pings, 0.99).toFixed(1)} ms, worst ${Math.max(...pings).toFixed(1)} ms`,
    );
    report(`${transport}: RSS ${baseMegabytes.toFixed(0)} MB at first, ${megabytes.toFixed(0)} MB at the end`);
    expect(percentile(pings, 0.99)).toBeLessThanOrEqual(500);
    expect(megabytes).toBeLessThanOrEqual(baseMegabytes + grownMegabytes);
    expect(subject.log()).not.toContain(canaryMark);
    expect(outsideOf(fixture)).toEqual(outside);
  });
});

test('invariants: all rows on bare pipes at level debug leave only messages on stdout and no canary on stderr', async () => {
  const raw = await startRawStdio(
    ['--project', fixture.root, '--refuse-hard-links', '--log-level', 'debug'],
    canaryEnvironment,
  );
  for (const { path } of rows) {
    await raw.request('tools/call', { name: 'read_files', arguments: { paths: [fill(path)] } });
    await raw.request('resources/read', { uri: uriOf(fill(path)) });
  }
  expect(await raw.stop()).toBe(0);
  expect(strayLines(raw.lines())).toEqual([]);
  expect(raw.lines().join('\n')).not.toContain(canaryMark);
  expect(raw.stderr()).not.toContain(canaryMark);
  expect(raw.stderr()).not.toContain('\u001b');
});

const serverArgs = () => ['--project', fixture.root, '--refuse-hard-links'];

async function startOverStdio(): Promise<Subject> {
  const client = await connect('v1', { args: serverArgs(), env: canaryEnvironment });
  return {
    client,
    pinger: startPinger(client),
    pid: findServer(fixture.root),
    log: () => '',
    stop: () => client.close(),
  };
}

/** The pings have a client of the old era, since one of the new era may answer tools/list from its cache. */
async function startOverHttp(): Promise<Subject> {
  const http: RunningHttp = await startHttp([...serverArgs(), '--log-level', 'debug'], { env: canaryEnvironment });
  const client = await connect('v2-2026', { url: http.url });
  const other = await connect('v1', { url: http.url });
  const stop = async () => {
    await Promise.all([client.close(), other.close()]);
    return http.stop();
  };
  return { client, pinger: startPinger(other), pid: http.process.pid ?? 0, log: http.log, stop };
}

function fill(text: string): string {
  return text.replaceAll('<root>', fixture.root);
}

function uriOf(path: string): string {
  return `octant://projects/${fixture.project}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function expectOneOf(outcome: Outcome | undefined, expected: readonly Expected[]) {
  expect(expected.flatMap((each) => kinds[each])).toContain(outcome?.kind);
}

function expectInTime(outcome: Outcome | undefined, { id, within }: Row) {
  if (within === undefined) return;
  report(`${id}: ${outcome?.ms.toFixed(1)} ms (target ${within} ms)`);
  expect(outcome?.ms).toBeLessThanOrEqual(within + slackMs);
}

/** Brings up every worker thread, so that what they take by themselves counts as the base. */
/** Until every thread is up: what follows may cost what a file costs, and no thread. */
async function warmUp(subject: Subject) {
  const { client } = subject;
  await Promise.all(Array.from({ length: 16 }, () => readHonestly(subject)));
  await client.callTool('search_files', { query: 'honest' });
  await client.callTool('search_files', { query: '(?=honest)', mode: 'regex' });
  await client.callTool('get_project', {});
}

async function readHonestly({ client }: Subject) {
  const [outcome] = await readWithTool(client, { paths: ['ok.txt'] });
  expect(outcome).toMatchObject({ kind: 'whole', seen: expect.stringContaining('honest') });
}

/** What holds after every row. A caller may see its own words again, and nothing else of this machine. */
async function expectInvariants(subject: Subject, outcomes: Array<Outcome | undefined>, ownWords: string[]) {
  expect(isAlive(subject.pid)).toBe(true);
  for (const outcome of outcomes) {
    const seen = ownWords.reduce(withoutWords, outcome?.seen ?? '');
    expect(seen).not.toContain(canaryMark);
    expect(seen).not.toContain(fixture.parent);
  }
  await readHonestly(subject);
  expect(Math.max(0, ...subject.pinger.take())).toBeLessThanOrEqual(1000);
}

function withoutWords(text: string, words: string): string {
  const escaped = JSON.stringify(words).slice(1, -1);
  const twice = JSON.stringify(escaped).slice(1, -1);
  return words === '' ? text : [words, escaped, twice].reduce((left, each) => left.replaceAll(each, ''), text);
}

async function settledMegabytes(pid: number, wanted: number): Promise<number> {
  for (let seconds = 0; seconds < 5 && residentMegabytes(pid) > wanted; seconds++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return residentMegabytes(pid);
}
