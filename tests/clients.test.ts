import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resources } from '../src/resources/index.ts';
import { clientKinds, connect, type TestClient } from './helpers/connect.ts';
import { type RunningHttp, startHttp } from './helpers/program.ts';
import { makeTempFolder, removeFolder, writeFiles } from './helpers/temp-project.ts';
import { tools } from './helpers/tools.ts';

/** One list of calls, run by every client that people have, over both transports. */

const offered = tools.filter(({ toolset }) => toolset !== 'projects').map(({ name }) => name);

let folder: string;
let http: RunningHttp;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, {
    'README.md': '# Shop\n\nSells things.\n',
    'package.json': '{"name":"shop","main":"src/index.js","scripts":{"test":"vitest run"}}',
    'src/index.js': 'import { total } from "./cart.js";\n\nexport function main() {\n  return total([]);\n}\n',
    'src/cart.js': 'export function total(items) {\n  return items.reduce((sum, item) => sum + item.price, 0);\n}\n',
    'logo.png': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    '.env': 'PASSWORD=hunter2\n',
  });
  execFileSync('git', ['init', '-q'], { cwd: folder });
  http = await startHttp(['--project', folder]);
});

afterAll(async () => {
  await http.stop();
  removeFolder(folder);
});

const transports = ['stdio', 'http'] as const;

describe.each(clientKinds.flatMap((kind) => transports.map((transport) => ({ kind, transport }))))(
  'The $kind client over $transport',
  ({ kind, transport }) => {
    let client: TestClient;
    let project: string;

    beforeAll(async () => {
      client = await connect(kind, transport === 'http' ? { url: http.url } : { args: ['--project', folder] });
      project = String((await client.callTool('get_project', {})).data?.project);
    });
    afterAll(() => client.close());

    it('is told what the server is for', () => {
      expect(client.instructions()).toContain('get_project');
    });

    it('lists the tools with their schemas', async () => {
      const listed = await client.listTools();
      expect(listed.map(({ name }) => name)).toEqual(offered);
      for (const { inputSchema, outputSchema } of listed) expect([inputSchema, outputSchema]).not.toContain(undefined);
    });

    it('gets the project with its scripts and languages', async () => {
      const { data, text } = await client.callTool('get_project', {});
      expect(data).toMatchObject({ files: 6, scripts: [{ run: 'npm run test', command: 'vitest run' }] });
      expect(text).toContain('npm run test: vitest run');
    });

    it('finds text, patterns and paths', async () => {
      const byText = await client.callTool('search_files', { query: 'total' });
      expect(byText.data).toMatchObject({ match_count: 3, complete: true });
      const byPattern = await client.callTool('search_files', { query: 'function \\w+\\(items', mode: 'regex' });
      expect(byPattern.text).toContain('src/cart.js\n  1:8 export function total(items) {');
      const byPath = await client.callTool('search_files', { query: 'cart', mode: 'path' });
      expect(byPath.data).toMatchObject({ files: [{ path: 'src/cart.js' }] });
    });

    it('reads files and is refused secrets', async () => {
      const { text } = await client.callTool('read_files', { paths: ['src/cart.js:1', '.env'] });
      expect(text).toContain('1\texport function total(items) {');
      expect(text).toContain('secret: ".env" may hold credentials');
      expect(text).not.toContain('hunter2');
    });

    it('sees an argument error that names the argument', async () => {
      const { isError, text } = await client.callTool('read_files', { paths: ['README.md'], lines: 3 });
      expect(isError).toBe(true);
      expect(text).toBe('bad_input: Unknown argument "lines". read_files takes: paths, view, max_tokens, project.');
    });

    it('is told of an unknown tool as a protocol error', async () => {
      await expect(client.callTool('serach_files', {})).rejects.toMatchObject({ code: -32602 });
    });

    it('lists, completes and reads resources', async () => {
      const listed = (await client.listResources()).resources;
      expect(listed.map(({ name }) => name)).toContain('src/cart.js');
      const templates = (await client.listResourceTemplates()).map(({ uriTemplate }) => uriTemplate);
      expect(templates).toEqual(resources.map(({ uriTemplate }) => uriTemplate).filter((each) => each.includes('{')));
      const template = { uri: 'octant://projects/{project}/files/{+path}' };
      expect(await client.complete(template, 'path', 'crt', { project })).toEqual(['src/cart.js']);
      expect(await client.complete(template, 'project', project.slice(0, 3))).toEqual([project]);
      const [image] = await client.readResource(`octant://projects/${project}/files/logo.png`);
      expect(image).toMatchObject({ mimeType: 'image/png', blob: expect.any(String) });
      const [overview] = await client.readResource(`octant://projects/${project}/overview`);
      expect(overview?.text).toContain('README.md begins:');
    });

    it('is told that a resource is missing with the code of the protocol', async () => {
      const missing = client.readResource(`octant://projects/${project}/files/nope.txt`);
      await expect(missing).rejects.toMatchObject({ code: -32602 });
    });

    it('lists, completes and gets prompts', async () => {
      const prompts = await client.listPrompts();
      expect(prompts.map(({ name }) => name)).toContain('plan-feature');
      expect(await client.complete({ prompt: 'review-change' }, 'focus', 'se')).toEqual(['security']);
      expect(await client.getPrompt('plan-feature', { goal: 'Sell $& more {{goal}}' })).toContain(
        'Goal: Sell $& more {{goal}}',
      );
    });

    it('hears within 250 ms that a file it subscribed to has changed', async () => {
      const path = join(folder, 'README.md');
      const heard = Promise.withResolvers<number>();
      await client.subscribe(`octant://projects/${project}/files/README.md`, () => heard.resolve(performance.now()));
      const started = performance.now();
      writeFileSync(path, `# Shop\n\nSells things. ${kind} ${transport}\n`);
      expect((await heard.promise) - started).toBeLessThan(250);
    });

    it('keeps a ticket through its life, and hears of a change to it within 1 s', async () => {
      const created = await client.callTool('create_ticket', {
        ...{ title: `From ${kind} over ${transport}`, files: ['src/cart.js'], tasks: [{ title: 'Count' }] },
        ...{ acceptance: ['Sums are right'], labels: [`${kind}-${transport}`] },
      });
      const { id: ticket, uri } = z.object({ id: z.string(), uri: z.string() }).parse(created.data);
      const claimed = await client.callTool('claim_ticket', { label: `${kind}-${transport}` });
      expect(claimed.data).toMatchObject({ claimed: true, ticket: { id: ticket, status: 'in_progress' } });

      const heard = Promise.withResolvers<number>();
      await client.subscribe(uri, () => heard.resolve(performance.now()));
      const started = performance.now();
      const early = await client.callTool('update_ticket', { ticket, status: 'done' });
      expect(early.text).toMatch(/^conflict: .*acceptance items are open/);
      await client.callTool('update_ticket', {
        ticket,
        tasks: [{ task: 1, done: true }],
        acceptance: [{ item: 2, evidence: 'ran it' }],
      });
      expect((await heard.promise) - started).toBeLessThan(1000);
      expect((await client.callTool('update_ticket', { ticket, status: 'done' })).data).toMatchObject({
        status: 'done',
      });

      const [markdown] = await client.readResource(uri);
      expect(markdown?.text).toContain(`From ${kind} over ${transport}`);
      const [board] = await client.readResource(`octant://projects/${project}/board`);
      expect(board?.text).toContain('## done');
      expect(await client.complete({ uri: 'octant://tickets/{id}' }, 'id', 'T-')).toEqual([]); // none is open
    });

    it('stops a search at once when the caller gives up', async () => {
      const abort = new AbortController();
      const call = client.callTool('search_files', { query: 'x' }, { signal: abort.signal });
      abort.abort(new Error('enough'));
      await expect(call).rejects.toThrow();
      const next = await client.callTool('search_files', { query: 'Sells' });
      expect([next.text, next.data]).toEqual([
        expect.stringContaining('1 match'),
        expect.objectContaining({ match_count: 1 }),
      ]);
    });
  },
);
