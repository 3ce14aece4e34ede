import { basename } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { connect, type Place, type TestClient, type ToolResult } from '../helpers/connect.ts';
import { startHttp } from '../helpers/program.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { percentile, report, startPinger } from './observe.ts';
import { startRawStdio, strayLines } from './raw-stdio.ts';

/** Rows T01 to T05 and T12 of the battery, over both transports and on both stores, and property (ii) for tickets. */
const canary = 'CANARY-5f1c';

const created = z.object({ id: z.string(), version: z.int() });
const listed = z.object({ tickets: z.array(z.looseObject({ id: z.string() })), next_cursor: z.string().optional() });

let folder: string;
let other: string;

beforeAll(() => {
  [folder, other] = [makeTempFolder(), makeTempFolder()];
  writeFiles(folder, { 'a.ts': 'a', '.env': `KEY=${canary}`, 'sub/b.ts': 'b' });
  writeFiles(other, { 'secret.txt': canary });
});
afterAll(() => {
  removeFolder(folder);
  removeFolder(other);
});

const textOf = ({ text, data }: ToolResult) => `${text}\n${JSON.stringify(data)}`;

describe.each(backends)('Tickets on $name', ({ isThere, create: createBackend }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    let http: Awaited<ReturnType<typeof startHttp>>;
    let stdio: TestClient;
    let remote: TestClient;
    let log = '';

    const args = () => ['--project', folder, '--project', other, '--toolsets', 'tickets,projects', ...backend.flags];

    beforeAll(async () => {
      backend = await createBackend();
      http = await startHttp(args());
      const place: Place = { args: args() };
      [stdio, remote] = [await connect('v1', place), await connect('v2-2026', { url: http.url })];
    });
    afterAll(async () => {
      await stdio?.close();
      await remote?.close();
      await http?.stop();
      await backend?.remove();
    });

    const clients = () => [stdio, remote];

    it('T01: are cleaned of what hides, reorders or ends a line, wherever they are shown', async () => {
      for (const client of clients()) {
        const odd = 'a\nb\u001b[31mc\u202ed\u{e0041}e\u2066f\ud800g\u0000h\u200bi';
        const clean = /^a bcdef\ufffdghi$/;
        const { data, isError } = await client.callTool('create_ticket', {
          ...{ title: odd, overview: odd, labels: [odd], assignee: odd, acceptance: [odd] },
          tasks: [{ title: odd, description: odd }],
        });
        expect(isError).toBe(false);
        const { id } = created.parse(data);
        await client.callTool('update_ticket', { ticket: id, comment: odd, acceptance: [{ item: 2, evidence: odd }] });
        await client.callTool('claim_ticket', { ticket: id, holder: odd });
        await client.callTool('claim_ticket', { ticket: id, action: 'fail', reason: odd });
        const got = await client.callTool('get_ticket', { ticket: id });
        expect(got.data).toMatchObject({ ticket: { title: expect.stringMatching(clean) } });
        const seen = [
          textOf(got),
          textOf(await client.callTool('list_tickets', { query: 'a' })),
          (await client.readResource(`octant://tickets/${id}`))[0]?.text ?? '',
          (await client.readResource(`octant://projects/${basename(folder).toLowerCase()}/board`))[0]?.text ?? '',
        ];
        for (const text of seen) {
          expect(text).toContain('cdef\ufffdghi');
          expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(text).not.toMatch(/\\u(001b|0000|d800|202e)/i);
        }
        expect((await client.callTool('list_tickets', { label: odd })).text).toContain(`${id} `);
        expect((await client.callTool('list_tickets', { assignee: odd })).text).toContain(`${id} `);
      }
    });

    it.each([
      ['request_id', { title: 'x', request_id: 'a\u0000b' }],
      ['request_id', { title: 'x', request_id: '\ud800' }],
      ['path', { title: 'x', files: ['new\u202e.ts'] }],
      ['path', { title: 'x', files: ['new\nline.ts'] }],
      ['path', { title: 'x', tasks: [{ title: 't', files: ['new\u{e0041}.ts'] }] }],
      ['NUL', { title: 'x', files: ['a\u0000.ts'] }],
      ['no link', { title: 'x', links: ['blocks\u0000T-1'] }],
    ])('T01: what cannot be seen is refused where it would be kept as it is: %s', async (word, input) => {
      for (const client of clients()) {
        const { isError, text } = await client.callTool('create_ticket', input);
        expect([isError, text]).toEqual([true, expect.stringMatching(/^(bad_input|denied): /)]);
        expect(text).toContain(word);
      }
    });

    it('T01: the source is a clean line, too', async () => {
      const { data } = await stdio.callTool('create_ticket', { title: 'x', source: 'agent:a\u001b\u0000\u202eb' });
      const { text } = await stdio.callTool('get_ticket', { ticket: created.parse(data).id });
      expect(text).toContain('agent:ab created');
    });

    it('T02: too much is refused by name, and others are served meanwhile', async () => {
      for (const client of clients()) {
        const pinger = startPinger(client);
        const megabyte = 'x'.repeat(1_000_000);
        let deep: unknown = 1;
        for (let depth = 0; depth < 100; depth++) deep = { deep };
        for (const input of [
          { title: 'x', overview: megabyte },
          { title: megabyte },
          { title: 'x', labels: Array.from({ length: 10_001 }, (_, index) => `l${index}`) },
          { title: 'x', tasks: Array.from({ length: 10_001 }, () => ({ title: 't' })) },
          { title: 'x', links: Array.from({ length: 10_001 }, () => 'blocks T-1') },
          { title: 'x', metadata: deep },
          { title: 'x', tasks: [deep] },
          { title: 'x', estimate: 1e308 },
          { title: deep },
        ]) {
          const refusal = await client.callTool('create_ticket', input).then(
            ({ isError, text }) => (isError ? text : 'taken'),
            (error: unknown) => String(error), // HTTP reads no JSON that is nested so deep
          );
          expect(refusal).toMatch(/^bad_input: |nested 64 levels deep/);
          expect(refusal.length).toBeLessThan(2000);
        }
        const taken = await pinger.stop();
        report(`T02: slowest tools/list beside 1 MB bodies ${Math.max(...taken).toFixed(0)} ms`);
        expect(percentile(taken, 0.99)).toBeLessThan(500);
      }
    });

    it.each(['../x', 'a/b', '%2e', '__proto__', 'T-0', 'T-01', 'T-9999999999', 'T--1', 'T-1e3', '1.5', '', '10 KB'])(
      'T03: %s is no id',
      async (name) => {
        const id = name === '10 KB' ? 'x'.repeat(10_000) : name;
        for (const client of clients()) {
          for (const tool of ['get_ticket', 'update_ticket', 'delete_ticket', 'claim_ticket']) {
            const { isError, text } = await client.callTool(tool, { ticket: id });
            expect([isError, text]).toEqual([true, expect.stringMatching(/^(bad_input|not_found): /)]);
            expect(text.length).toBeLessThan(1000);
          }
          for (const uri of [`octant://tickets/${id}`, `octant://projects/${id}/board`]) {
            for (const form of [uri, uri.replace(id, encodeURIComponent(id))]) {
              const refusal = await client.readResource(form).then(
                () => 'read',
                (error: unknown) => String(error),
              );
              expect(refusal).toMatch(/not found|not_found|bad_input|no ticket id|Invalid/i);
              expect(refusal).not.toContain('incident');
            }
          }
        }
      },
    );

    it('T03: names that objects inherit are labels, assignees and projects like any others', async () => {
      for (const name of ['__proto__', 'constructor', 'toString', '%', '_', "o'neil", '"', '\\', ';--']) {
        const { data } = await stdio.callTool('create_ticket', { title: name, labels: [name], assignee: name });
        const { id } = created.parse(data);
        for (const filter of [{ label: name }, { assignee: name }]) {
          const found = listed.parse((await remote.callTool('list_tickets', { ...filter, limit: 100 })).data);
          expect(found.tickets.map((ticket) => ticket.id)).toEqual([id]);
        }
        expect((await stdio.callTool('list_tickets', { status: [name] })).text).toMatch(/^bad_input: status/);
        expect((await stdio.callTool('list_tickets', { project: name })).text).toMatch(/^not_found: /);
      }
    });

    it('T04: a stale version is a conflict that changes nothing', async () => {
      const { id } = created.parse((await stdio.callTool('create_ticket', { title: 'Stale' })).data);
      await remote.callTool('update_ticket', { ticket: id, title: 'Fresh' });
      const before = await remote.callTool('get_ticket', { ticket: id });
      for (const input of [{ title: 'x' }, { undo: true }, { link: ['blocks T-1'] }, { status: 'done' }]) {
        const { text } = await stdio.callTool('update_ticket', { ticket: id, if_version: 1, ...input });
        expect(text).toMatch(/^conflict: .*version 2 by now, not 1\. Nothing was changed/);
      }
      expect((await stdio.callTool('delete_ticket', { ticket: id, if_version: 1 })).text).toMatch(/^conflict: /);
      expect((await remote.callTool('get_ticket', { ticket: id })).data).toEqual(before.data);
    });

    it('T05: one request id, 50 times at once over two servers, is one ticket', async () => {
      const calls = Array.from({ length: 50 }, (_, index) =>
        clients()[index % 2]?.callTool('create_ticket', { title: 'Only once', labels: ['once'], request_id: 'once' }),
      );
      const ids = (await Promise.all(calls)).map((result) => created.parse(result?.data).id);
      expect(new Set(ids).size).toBe(1);
      const found = listed.parse((await stdio.callTool('list_tickets', { label: 'once' })).data);
      expect(found.tickets.map(({ id }) => id)).toEqual([ids[0]]);
    });

    it('T05: one request id, for many different calls at once, is one of them', async () => {
      const calls = Array.from({ length: 20 }, (_, index) =>
        clients()[index % 2]?.callTool('create_ticket', {
          title: `Which ${index}`,
          labels: ['one'],
          request_id: 'one',
        }),
      );
      const results = await Promise.all(calls);
      expect(results.filter((result) => !result?.isError)).toHaveLength(1);
      expect(listed.parse((await stdio.callTool('list_tickets', { label: 'one' })).data).tickets).toHaveLength(1);
    });

    it('T12: a cursor that was edited, cut off, or made for something else is refused', async () => {
      for (const index of [1, 2, 3]) {
        await stdio.callTool('create_ticket', { title: `Page ${index}`, labels: ['page'], due: '2026-12-31' });
      }
      const far = basename(other).toLowerCase();
      for (const index of [1, 2]) await stdio.callTool('create_ticket', { title: `Far ${index}`, project: far });
      for (const sort of ['priority', 'updated', 'created', 'due']) {
        const question = { label: 'page', limit: 1, sort };
        const { next_cursor: cursor = '' } = listed.parse((await stdio.callTool('list_tickets', question)).data);
        const [digest]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        const made = (position: unknown) => Buffer.from(JSON.stringify([digest, position])).toString('base64url');
        const wrong = [
          ...[cursor.slice(0, -4), cursor.slice(4), `${cursor.slice(0, 8)}AAAA${cursor.slice(12)}`, 'x', '%', '[]'],
          ...[
            ['x', 1],
            ['2026-12-31\0', 1],
            [null, 1],
            [1.5, 1],
            [1, 1.5],
            [1e300, 1],
            [1, 1e300],
            [1, 2 ** 40],
          ].map(made),
          ...[{}, [], 'x', null, [1, 2, 3], ["'; drop table tickets", 1], { __proto__: 1 }].map(made),
        ];
        for (const client of clients()) {
          for (const edited of wrong) {
            const { text, isError } = await client.callTool('list_tickets', { ...question, cursor: edited });
            expect([edited, isError, text]).toEqual([edited, true, expect.stringMatching(/^bad_input: The cursor/)]);
          }
          for (const change of [{ project: far }, { label: 'other' }, { limit: 2 }, { ready: true }, { query: 'x' }]) {
            const { text } = await client.callTool('list_tickets', { ...question, ...change, cursor });
            expect(text).toMatch(/^bad_input: The cursor/);
          }
          expect((await client.callTool('list_tickets', { ...question, cursor })).isError).toBe(false);
        }
      }
    });

    it('searches for words, whatever the syntax of the store means by a text', async () => {
      const { id } = created.parse(
        (await stdio.callTool('create_ticket', { title: 'T-12 in src/cart.ts of example.com, v1.2.3 naïve 🚀 zebra' }))
          .data,
      );
      const find = async (client: TestClient, query: string) => {
        const { data, isError, text } = await client.callTool('list_tickets', { query, limit: 100 });
        expect([query, isError, text]).toEqual([query, false, text]);
        return listed.parse(data).tickets.map((ticket) => ticket.id);
      };
      for (const client of clients()) {
        for (const query of [
          'cart',
          'src cart ts',
          '12',
          'example',
          'com',
          'ZEB',
          'zebra cart',
          '"zebra"',
          'zebra*',
          'naïve',
        ]) {
          expect([query, await find(client, query)]).toEqual([query, expect.arrayContaining([id])]);
        }
        for (const query of ['zebra AND nothing', 'zebra NEAR(x', 'zebra OR nothing', 'title:zebra', 'NOT zebra']) {
          expect([query, await find(client, query)]).toEqual([query, []]);
        }
        for (const query of [
          ...[
            '"',
            '*',
            'AND',
            'NEAR(',
            ':*',
            '!',
            '|',
            '&',
            '(',
            '-',
            '^',
            '🚀',
            '\u0301',
            "'",
            '\\',
            '\0',
            '\ud800',
            '<->',
            ' ',
          ],
          ...["zebra')--", 'a:*b', '²', '٣', 'é'.repeat(200), '🚀'.repeat(100), 'a '.repeat(100), '漢字'.repeat(100)],
        ]) {
          await find(client, query);
        }
        const long = await client.callTool('list_tickets', { query: 'x'.repeat(201) });
        expect(long.text).toMatch(/^bad_input: query/);
      }
    });

    it('cites no file outside the project and no secret, and tells nothing of them', async () => {
      const outside = `${other}/secret.txt`;
      const paths = [
        '../x',
        outside,
        '/etc/passwd',
        '.env',
        'sub/../../x',
        '~/.ssh/id_rsa',
        'file:///etc/passwd',
        '\\\\host\\x',
      ];
      for (const client of clients()) {
        const before = listed.parse((await client.callTool('list_tickets', { limit: 100 })).data).tickets.length;
        for (const path of paths) {
          const inTask = { title: 'x', tasks: [{ title: 't', files: [path] }] };
          for (const input of [{ title: 'x', files: [path] }, { title: 'x', files: ['a.ts', path] }, inTask]) {
            const result = await client.callTool('create_ticket', input);
            expect([path, result.text]).toEqual([path, expect.stringMatching(/^(denied|secret|bad_input): /)]);
            expect(textOf(result)).not.toContain(canary);
          }
        }
        expect(listed.parse((await client.callTool('list_tickets', { limit: 100 })).data).tickets).toHaveLength(before);
      }
    });

    it.each([
      ['list_tickets', { limit: 0 }, 'limit'],
      ['list_tickets', { limit: 1e9 }, 'limit'],
      ['list_tickets', { limit: 1.5 }, 'limit'],
      ['list_tickets', { updated_since: 'yesterday' }, 'updated_since'],
      ['list_tickets', { tag: 'x' }, 'Unknown argument "tag"'],
      ['create_ticket', { title: 'x', due: '2026-02-30' }, 'due'],
      ['create_ticket', { title: 'x', due: '2026-2-3' }, 'due'],
      ['create_ticket', { title: 'x', estimate: -1 }, 'estimate'],
      ['create_ticket', { title: 'x', __proto_: 1 }, 'Unknown argument "__proto_"'],
      ['update_ticket', { ticket: 'T-1', if_version: 0 }, 'if_version'],
      ['update_ticket', { ticket: 'T-1', if_version: 1e20 }, 'if_version'],
      ['update_ticket', { ticket: 'T-1', tasks: [{ task: 1e300, done: true }] }, 'tasks.0.task'],
      ['claim_ticket', { minutes: 0 }, 'minutes'],
      ['claim_ticket', { minutes: 1e9 }, 'minutes'],
      ['claim_ticket', { claim: -1 }, 'claim'],
      ['get_ticket', { ticket: 'T-1', history: 201 }, 'history'],
    ])('%s names what is wrong with %j', async (tool, input, name) => {
      for (const client of clients()) {
        const { isError, text } = await client.callTool(tool, input);
        expect([isError, text]).toEqual([true, expect.stringMatching(/^bad_input: /)]);
        expect(text).toContain(name);
      }
    });

    it('takes numbers as large as the schema allows', async () => {
      const { id } = created.parse((await stdio.callTool('create_ticket', { title: 'Large', estimate: 10_000 })).data);
      for (const input of [
        { ticket: id, if_version: 2 ** 53 - 1 },
        { ticket: id, claim: 2 ** 53 - 1 },
        { ticket: id, tasks: [{ task: 2 ** 53 - 1, done: true }] },
        { ticket: id, tasks: [{ title: 'x', depends_on: [2 ** 53 - 1] }] },
        { ticket: id, acceptance: [{ item: 2 ** 53 - 1, evidence: 'x' }] },
        { ticket: id, link: ['blocks T-999999999'] },
      ]) {
        const { text } = await stdio.callTool('update_ticket', input);
        expect(text).toMatch(/^(conflict|not_found): /);
      }
      for (const since of ['+275760-09-13', '-271821-04-20', '0001-01-01', '1']) {
        expect((await stdio.callTool('list_tickets', { updated_since: since })).isError).toBe(false);
      }
    });

    it('answers within 10,000 characters, text and data alike, and with the same facts', async () => {
      const title = (index: number) => `${index} ${'"long" title\\'.repeat(20)}`.slice(0, 200);
      const labels = Array.from({ length: 20 }, (_, index) => `${index}${'"'.repeat(58)}`);
      const path = (index: number) => `${'deep/'.repeat(190)}${index}.ts`;
      const { id: hub } = created.parse(
        (await stdio.callTool('create_ticket', { title: 'Hub', labels: ['hub'] })).data,
      );
      const heavy = {
        ...{ overview: '"\n'.repeat(40_000), files: Array.from({ length: 100 }, (_, each) => path(each)) },
        ...{ prompts: Array.from({ length: 20 }, (_, each) => `${each}${'p'.repeat(98)}`) },
        acceptance: Array.from({ length: 50 }, () => '"'.repeat(1000)),
        tasks: Array.from({ length: 200 }, (_, each) => ({
          ...{
            title: `t${'"'.repeat(290)}`,
            depends_on: each > 50 ? Array.from({ length: 50 }, (__, n) => n + 1) : [],
          },
          ...(each < 20 && { files: [path(1), path(2), path(3)] }),
        })),
      };
      const ids: string[] = [];
      for (let index = 0; index < 100; index++) {
        const plain = { title: title(index), labels: index < 60 ? labels : ['few'], links: [`blocks ${hub}`] };
        const { data } = await stdio.callTool('create_ticket', { ...plain, ...(index === 0 && heavy) });
        ids.push(created.parse(data).id);
      }
      const [first] = ids;
      const answers = [
        await stdio.callTool('get_ticket', { ticket: hub }),
        await stdio.callTool('list_tickets', { limit: 100 }),
        await stdio.callTool('list_tickets', { limit: 100, label: 'few' }),
        await stdio.callTool('get_ticket', { ticket: first, history: 200 }),
        await stdio.callTool('claim_ticket', { ticket: first }),
      ];
      for (const { text, data } of answers) {
        expect(text.length).toBeLessThan(10_000);
        expect(JSON.stringify(data).length).toBeLessThan(10_000);
      }
      for (const small of [1000, 2000]) {
        const { text, data } = await stdio.callTool('get_ticket', { ticket: first, max_characters: small });
        expect([text.length <= small, JSON.stringify(data).length <= small]).toEqual([true, true]);
      }
      const [whole] = answers;
      const { ticket } = z
        .object({ ticket: z.object({ links: z.array(z.object({ link: z.string() })) }) })
        .parse(whole?.data);
      for (const { link } of ticket.links) expect(whole?.text).toContain(link);
      expect(whole?.text.match(/^ {2}blocked_by T-\d+ \(/gm)).toHaveLength(ticket.links.length);
      expect(whole?.text).toMatch(/Shortened to fit \(in all 100 links/);
    });

    it('stays whole under any JSON as the arguments of any tool', async () => {
      const raw = await startRawStdio(args());
      let slowest = 0;
      await fc.assert(
        fc.asyncProperty(toolNames, input, async (name, value) => {
          const start = performance.now();
          const answer = await raw.request('tools/call', { name, arguments: value }, 5000);
          const ms = performance.now() - start;
          slowest = Math.max(slowest, ms);
          const seen = JSON.stringify(answer);
          expect(answer.result ?? answer.error).toBeDefined();
          expect(seen).not.toMatch(/incident|internal:|CANARY/);
          expect(ms).toBeLessThanOrEqual(1000);
        }),
        { numRuns: 500 },
      );
      report(`(ii): 500 arguments, slowest answer ${slowest.toFixed(0)} ms`);
      expect(strayLines(raw.lines())).toEqual([]);
      log = raw.stderr();
      expect(await raw.stop()).toBe(0);
      expect(log).toBe('');
    });

    it('has met no fault of its own', () => {
      expect(http.log()).not.toMatch(/"level":50|incident/);
    });
  });
});

const toolNames = fc.constantFrom(
  ...['create_ticket', 'update_ticket', 'get_ticket', 'list_tickets', 'claim_ticket', 'delete_ticket'],
  ...['list_projects', 'remove_project', 'add_project'],
);
const keys = fc.constantFrom(
  ...[
    'ticket',
    'title',
    'overview',
    'status',
    'priority',
    'labels',
    'add_labels',
    'assignee',
    'due',
    'estimate',
    'files',
  ],
  ...['prompts', 'plan_step', 'tasks', 'acceptance', 'link', 'links', 'unlink', 'comment', 'undo', 'force_reason'],
  ...['if_version', 'claim', 'source', 'request_id', 'action', 'label', 'minutes', 'holder', 'reason', 'parallel'],
  ...['query', 'ready', 'updated_since', 'sort', 'limit', 'cursor', 'history', 'max_characters', '__proto__', ''],
);
const plausible = fc.constantFrom<unknown>(
  ...[
    'T-1',
    'T-2',
    't-3',
    '4',
    'blocks T-1',
    'open',
    'done',
    'urgent',
    'fail',
    'release',
    'limit',
    'due',
    '2026-12-31',
  ],
  ...['human', 'agent:x', '\u0000', '\ud800', '', true, false, 0, 1, 5, -1, 1e308, 2 ** 53, null, [], {}],
  ...[['T-1'], ['blocked_by T-2'], ['done'], ['a.ts'], ['../x'], [{ title: 'x' }], [{ task: 1, done: true }]],
  ...[[{ title: 'x', depends_on: [1] }], [{ item: 1, evidence: 'x' }], [{ text: 'x' }], [{ task: 1, remove: true }]],
);
/** Mostly names that a tool has, and a title or a ticket, so that many get past the first checks. */
const input = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(keys, fc.oneof(plausible, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 5, noNullPrototype: true }),
  fc.dictionary(keys, plausible, { maxKeys: 3, noNullPrototype: true }).map((fields) => ({ ticket: 'T-1', ...fields })),
  fc.dictionary(keys, plausible, { maxKeys: 3, noNullPrototype: true }).map((fields) => ({ title: 'x', ...fields })),
);
