import { mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { sharedServer } from '../helpers/shared-server.ts';
import { tempProject } from '../helpers/temp-project.ts';

async function serve(folder: string): Promise<{ client: TestClient; id: string }> {
  const client = await connect('v2-2026', { args: ['--project', folder] });
  onTestFinished(() => client.close());
  return { client, id: basename(folder).toLowerCase() };
}

describe('Resources', () => {
  const served = sharedServer(() => ({
    files: { 'src/a.ts': '', 'src/lib/b.ts': '', 'src/cart.ts': '', 'c.md': '', 'big.txt': 'x'.repeat(2_200_000) },
  }));
  const idOf = (folder: string) => basename(folder).toLowerCase();

  it('are listed in pages, each once, over several projects', async () => {
    const one = tempProject(Object.fromEntries(Array.from({ length: 230 }, (_, index) => [`f${index}.txt`, ''])));
    const two = tempProject({ 'a b/ü#%.txt': 'odd', '.env': 'X=1' });
    const client = await connect('v1', { args: ['--project', one, '--project', two] }); // the other asks for all pages itself
    onTestFinished(() => client.close());
    const uris: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listResources(cursor);
      expect(page.resources.length).toBeLessThanOrEqual(100);
      uris.push(...page.resources.map(({ uri }) => uri));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(uris).size).toBe(uris.length);
    expect(uris.length).toBe(230 + 2 + 4 * 2 + 2);
    const odd = uris.find((uri) => uri.includes('%25')) ?? '';
    expect((await client.readResource(odd))[0]).toMatchObject({ text: 'odd', uri: odd });
  });

  it('are listed kind by kind, also where a page ends with a kind, and go on after a restart', async () => {
    const folders = Array.from({ length: 50 }, () => tempProject({ 'a.txt': '' }));
    const args = folders.flatMap((folder) => ['--project', folder]);
    const first = await connect('v1', { args });
    const { resources, nextCursor } = await first.listResources();
    await first.close();
    const kinds = resources.map(({ uri }) => uri.split('/').at(-1));
    expect(kinds).toEqual([...Array(50).fill('overview'), ...Array(50).fill('tree')]);

    const second = await connect('v1', { args });
    onTestFinished(() => second.close());
    const rest = await second.listResources(nextCursor);
    const others = rest.resources.map(({ uri }) => uri.split('/').at(-1));
    expect([others, rest.nextCursor]).toEqual([
      [...Array(50).fill('board'), ...Array(50).fill('agents')],
      expect.any(String),
    ]);
  });

  it('of a project that is no longer served are left out of the next page', async () => {
    const files = Object.fromEntries(Array.from({ length: 230 }, (_, index) => [`f${index}.txt`, '']));
    const gone = tempProject(files);
    const first = await connect('v1', { args: ['--project', gone] });
    const { nextCursor } = await first.listResources();
    await first.close();
    const client = await connect('v1', { args: ['--project', tempProject()] });
    onTestFinished(() => client.close());
    expect(await client.listResources(nextCursor)).toMatchObject({ resources: [] });
  });

  it('complete the variables of their own templates only', async () => {
    const client = served();
    const id = idOf(client.project);
    const tree = { uri: 'octant://projects/{project}/tree' };
    const file = { uri: 'octant://projects/{project}/files/{+path}' };
    expect(await client.complete(tree, 'project', id.toUpperCase().slice(0, 9))).toEqual([id]);
    expect(await client.complete(tree, 'path', 'cart')).toEqual([]);
    expect(await client.complete(file, 'path', 'cart')).toEqual(['src/cart.ts']);
    expect(await client.complete(file, 'constructor', '')).toEqual([]);
    await expect(client.complete(file, 'path', '', { project: 'nope' })).rejects.toMatchObject({ code: -32602 });
    await expect(client.complete({ uri: 'octant://nope/{id}' }, 'id', '')).rejects.toMatchObject({ code: -32602 });
  });

  it('refuse a cursor that was made up', async () => {
    await expect(served().listResources('bm9wZQ')).rejects.toMatchObject({ code: -32602 });
  });

  it('say how to read a part of what is too large for one', async () => {
    const id = idOf(served().project);
    await expect(served().readResource(`octant://projects/${id}/files/big.txt`)).rejects.toThrow(
      /Read a part of it with read_files/,
    );
  });

  it('draw the tree', async () => {
    const [tree] = await served().readResource(`octant://projects/${idOf(served().project)}/tree`);
    expect(tree?.text).toBe('src/\n  lib/\n    b.ts\n  a.ts\n  cart.ts\nbig.txt\nc.md');
  });
});

// Within 250 ms, whatever else the machine does: a busy one gets a second try.
describe('A subscriber', { retry: 2 }, () => {
  async function updates(client: TestClient, uri: string) {
    let count = 0;
    await client.subscribe(uri, () => {
      count++;
    });
    return {
      /** Does something to the file and tells whether news came of it within the time that the README promises. */
      async after(change: () => void): Promise<boolean> {
        const before = count;
        change();
        await delay(250);
        return count > before;
      },
    };
  }

  it('hears of a file that is written, replaced as editors do, removed and created again', async () => {
    const folder = tempProject({ 'a.txt': '1', 'b.txt': '1' });
    const { client, id } = await serve(folder);
    const path = join(folder, 'a.txt');
    const heard = await updates(client, `octant://projects/${id}/files/a.txt`);
    expect(await heard.after(() => writeFileSync(path, '2'))).toBe(true);
    expect(
      await heard.after(() => {
        writeFileSync(`${path}.tmp`, '3');
        renameSync(`${path}.tmp`, path);
      }),
    ).toBe(true);
    expect(await heard.after(() => unlinkSync(path))).toBe(true);
    expect(await heard.after(() => writeFileSync(path, '4'))).toBe(true);
    expect(await heard.after(() => writeFileSync(join(folder, 'b.txt'), 'another file'))).toBe(false);
  });

  it('of the tree hears of files that come and go, also in new folders', async () => {
    const folder = tempProject({ 'src/a.txt': '1' });
    const { client, id } = await serve(folder);
    const heard = await updates(client, `octant://projects/${id}/tree`);
    expect(await heard.after(() => writeFileSync(join(folder, 'src/b.txt'), ''))).toBe(true);
    expect(
      await heard.after(() => {
        mkdirSync(join(folder, 'lib'));
        writeFileSync(join(folder, 'lib/c.txt'), '');
      }),
    ).toBe(true);
    await delay(300);
    expect(await heard.after(() => rmSync(join(folder, 'lib/c.txt')))).toBe(true);
  });

  it('hears on after a folder was removed and made again, and of a file in a folder that was empty', async () => {
    const folder = tempProject({ 'src/a.txt': '1', 'b.txt': '' });
    const { client, id } = await serve(folder);
    const file = await updates(client, `octant://projects/${id}/files/src/a.txt`);
    expect(await file.after(() => rmSync(join(folder, 'src'), { recursive: true }))).toBe(true);
    mkdirSync(join(folder, 'src'));
    await delay(400);
    expect(await file.after(() => writeFileSync(join(folder, 'src/a.txt'), '2'))).toBe(true);

    const tree = await updates(client, `octant://projects/${id}/tree`);
    expect(await tree.after(() => mkdirSync(join(folder, 'empty')))).toBe(true);
    await delay(300);
    expect(await tree.after(() => writeFileSync(join(folder, 'empty/c.txt'), ''))).toBe(true);
  });

  it('hears of a change in hundreds of folders as of a few', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `d${index}/f.txt`);
    const folder = tempProject(Object.fromEntries(names.map((name) => [name, ''])));
    const { client, id } = await serve(folder);
    let count = 0;
    await client.subscribe(`octant://projects/${id}/tree`, () => {
      count++;
    });
    for (const name of names) writeFileSync(join(folder, name), 'x');
    await delay(500);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(20);
  });

  it('may name anything, and hears nothing of what is not there', async () => {
    const { client, id } = await serve(tempProject());
    for (const uri of ['octant://projects/nope/tree', `octant://projects/${id}/files/../x`, 'test://other']) {
      await client.subscribe(uri, () => {});
    }
    expect((await client.callTool('get_project', {})).isError).toBe(false);
  });
});
