import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { noProject } from '../../src/store/store.ts';
import { connect } from '../helpers/connect.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

async function serve(files = {}) {
  const args = ['--project', tempProject(files), '--data-dir', tempProject(), '--toolsets', 'prompts'];
  const client = await connect('v2-2026', { args });
  onTestFinished(() => client.close());
  const namesOf = async (question: object) => {
    const { data } = await client.callTool('list_prompts', { ...question });
    return Array.isArray(data?.prompts) ? data.prompts.map(({ name }) => name) : [];
  };
  return { client, namesOf };
}

describe('list_prompts', () => {
  it('finds by words, tag and scope, favourites first, and counts uses', async () => {
    const { client, namesOf } = await serve();
    await client.callTool('save_prompt', { name: 'review-sql', body: 'Look at the query plan.', tags: ['SQL'] });
    await client.callTool('save_prompt', {
      name: 'tidy',
      body: 'Tidy up.',
      scope: 'global',
      favourite: true,
      tags: ['style'],
    });
    await client.getPrompt('tidy', {});
    await client.callTool('render_prompt', { name: 'tidy' });
    expect((await namesOf({}))[0]).toBe('tidy');
    expect(await namesOf({ query: 'PLAN query' })).toEqual(['review-sql']);
    expect(await namesOf({ tag: 'sql' })).toEqual(['review-sql']);
    expect(await namesOf({ scope: 'project' })).toEqual(['review-sql']);
    const { data, text } = await client.callTool('list_prompts', { tag: 'style' });
    expect(data).toMatchObject({ prompts: [{ home: 'global', favourite: true, version: 1, uses: 2 }] });
    expect(text).toBe('1 prompt\ntidy (global; favourite; version 1; 2 uses; #style): Tidy up.');
    expect((await client.callTool('list_prompts', { query: 'no such words' })).text).toBe(
      'No prompt is like that. Save one with save_prompt.',
    );
  });

  it('counts uses by version and home, whatever becomes of the prompt', async () => {
    const { client } = await serve({ '.octant/prompts/of-file.md': '---\nname: of-file\n---\nFile.\n' });
    const save = (input: object) =>
      client.callTool('save_prompt', { name: 'review-change', scope: 'global', ...input });
    const use = async (times: number, values = {}) => {
      for (let time = 0; time < times; time++) await client.getPrompt('review-change', values);
    };
    const told = async (name = 'review-change') => {
      const { data } = await client.callTool('list_prompts', { name });
      const [prompt] = z.array(z.object({ uses: z.int().default(0), home: z.string() })).parse(data?.prompts);
      const versions = z.array(z.object({ version: z.int(), uses: z.int().default(0) })).parse(data?.versions ?? []);
      return [prompt?.home, prompt?.uses, versions.map(({ version, uses }) => `${version}: ${uses}`).join(', ')];
    };
    await save({ name: 'other', body: 'Other.' }); // makes the store, without which nothing is counted
    await use(1, { change: 'x' });
    expect(await told()).toEqual(['built-in', 1, '']);
    await save({ body: 'One.' });
    expect(await told()).toEqual(['global', 0, '1: 0']);
    await use(2);
    await save({ body: 'Two.' });
    await use(1);
    expect(await told()).toEqual(['global', 3, '2: 1, 1: 2']);
    await save({ restore: 1 });
    await use(1);
    expect(await told()).toEqual(['global', 4, '3: 1, 2: 1, 1: 2']);
    await client.callTool('delete_prompt', { name: 'review-change', scope: 'global' });
    expect(await told()).toEqual(['built-in', 1, '']);
    await save({ restore: 3 });
    expect(await told()).toEqual(['global', 4, '4: 0, 3: 1, 2: 1, 1: 2']);
    await client.callTool('save_prompt', { name: 'of-file', body: 'Stored.' });
    await client.getPrompt('of-file', {});
    expect(await told('of-file')).toEqual(['project file', 1, '']);
    expect((await client.callTool('list_prompts', { name: 'review-change' })).text).toContain(', 2 uses');
  });

  it('names a file with conditions without end as a fault, and has all others', async () => {
    const deep = `---\nname: deep\n---\n${'{{#if a}}'.repeat(3000)}x${'{{/if}}'.repeat(3000)}\n`;
    const { client, namesOf } = await serve({
      '.octant/prompts/deep.md': deep,
      '.octant/prompts/good.md': '---\nname: good\n---\nGood.\n',
    });
    expect(await namesOf({})).toContain('good');
    expect((await client.callTool('list_prompts', {})).text).toContain(
      'No prompt: .octant/prompts/deep.md: body: {{#if a}} stands in 20 others',
    );
    expect(await client.getPrompt('good', {})).toBe('Good.');
    expect((await client.callTool('render_prompt', { name: 'deep' })).text).toMatch(
      /^bad_input: The prompt deep cannot be used\. .octant.prompts.deep\.md: body: /,
    );
  });

  it('tells how many files more are no prompts, and that a saved one hides a built-in one', async () => {
    const bad = Array.from({ length: 14 }, (_, at) => [`.octant/prompts/bad${at}.md`, 'no front matter\n']);
    const { client } = await serve(Object.fromEntries(bad));
    expect((await client.callTool('list_prompts', {})).data).toMatchObject({
      note: '4 more files are no prompts, or are not read.',
    });
    const saved = await client.callTool('save_prompt', { name: 'review-change', body: 'Look.' });
    expect(saved.data?.note).toBe("It hides Octant's own prompt of this name.");
  });

  it('tells one prompt with all its versions in little, however long it is', async () => {
    const { client } = await serve();
    const body = '"quoted"\t\n'.repeat(2000);
    const declared = Array.from({ length: 20 }, (_, at) => ({
      name: `argument_${at}_${'x'.repeat(20)}`,
      required: true,
    }));
    const tags = Array.from({ length: 20 }, (_, at) => `tag ${at} ${'x'.repeat(30)}`);
    const named = declared.map(({ name }) => `{{${name}}}`).join(' ');
    for (let version = 1; version <= 25; version++) {
      const source = `agent:${'a'.repeat(40)}`;
      const saved = { name: 'long', body: `${version} ${named}\n${body}`, arguments: declared, tags, source };
      expect((await client.callTool('save_prompt', saved)).text).toContain(`as version ${version}.`);
    }
    const { data, text } = await client.callTool('list_prompts', { name: 'long' });
    expect(text).toContain('version 25: ');
    expect(data?.note).toBe('It is cut here; octant://prompts/long has all of it.');
    expect(Math.max(text.length, JSON.stringify(data).length)).toBeLessThan(10_000);
  });

  it('gives pages that stay small, each prompt once', async () => {
    const long = 'word '.repeat(60).trim();
    const { client } = await serve(
      Object.fromEntries(
        Array.from({ length: 120 }, (_, at) => {
          return [
            `.octant/prompts/p${at}.md`,
            `---\nname: p${at}\ndescription: ${long.slice(0, 250)}\n---\nBody {{a}}\n`,
          ];
        }),
      ),
    );
    const names: unknown[] = [];
    let cursor: unknown;
    do {
      const { data, text } = await client.callTool('list_prompts', { limit: 100, ...(cursor ? { cursor } : {}) });
      expect(text.length).toBeLessThan(10_000);
      expect(JSON.stringify(data).length).toBeLessThan(10_000);
      if (Array.isArray(data?.prompts)) names.push(...data.prompts.map(({ name }) => name));
      cursor = data?.next_cursor;
    } while (cursor);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(127);
  });

  it('has every one of 2,500, and reads no more of them than it shows', async () => {
    const dataDir = tempProject();
    const names = await fillStore(dataDir, 2500);
    const client = await connect('v2-2026', { args: ['--data-dir', dataDir, '--toolsets', 'prompts'], cwd: '/' });
    onTestFinished(() => client.close());
    const listed: string[] = [];
    let cursor: unknown;
    do {
      const { data } = await client.callTool('list_prompts', { limit: 100, ...(cursor ? { cursor } : {}) });
      if (Array.isArray(data?.prompts)) listed.push(...data.prompts.map(({ name }) => name));
      cursor = data?.next_cursor;
    } while (cursor);
    expect(listed.sort()).toEqual(expect.arrayContaining(names));
    expect(new Set(listed).size).toBe(listed.length);
    const offered = await client.listPrompts();
    expect(offered.map(({ name }) => name).sort()).toEqual(listed);
    expect(offered.find(({ name }) => name === 'p-2400')?.arguments).toMatchObject([{ name: 'of_p_2400' }]);
    expect(offered.find(({ name }) => name === 'p-2499')?.arguments).toMatchObject([{ name: 'of_p_2400' }]);
    const { data } = await client.callTool('list_prompts', { query: 'word2401' });
    expect(data?.prompts).toMatchObject([{ name: 'p-2401' }]);
    const { data: suggested } = await client.callTool('suggest_prompts', { task: 'word2401' });
    expect(suggested?.prompts).toMatchObject([{ name: 'p-2401' }]);
    expect((await client.callTool('render_prompt', { name: 'p-2499', arguments: { of_p_2400: '!' } })).data?.text).toBe(
      'word2400 !',
    );
    expect((await client.callTool('render_prompt', { name: 'p-2450' })).text).toMatch(
      /^unavailable: Version 1 of the prompt/,
    );
  });

  it('lists what lies in files where the store cannot be read', async () => {
    const args = ['--project', tempProject({ '.octant/prompts/one.md': '---\nname: one\n---\nOne\n' })];
    const store = ['--store', 'postgres://nobody@127.0.0.1:9/none', '--toolsets', 'prompts'];
    const client = await connect('v2-2026', { args: [...args, ...store] });
    onTestFinished(() => client.close());
    expect((await client.listPrompts()).map(({ name }) => name)).toEqual(expect.arrayContaining(['one', 'find-files']));
    expect(await client.getPrompt('one', {})).toBe('One');
    const away = 'The store cannot be reached: its prompts are not among these.';
    expect((await client.callTool('list_prompts', { query: 'one' })).data).toMatchObject({
      ...{ prompts: expect.arrayContaining([expect.objectContaining({ name: 'one' })]), note: away },
    });
    expect((await client.callTool('suggest_prompts', { task: 'Plan a feature' })).data?.note).toBe(away);
  });
});

/**
 * Prompts for all projects, put into the tables themselves. Every other one is as lists did not know it yet; p-2450 has a
 * body that nobody can read, and p-2499 includes p-2400.
 */
async function fillStore(dataDir: string, count: number): Promise<string[]> {
  const path = join(dataDir, 'octant.db');
  const store = openSqlite(path);
  await store.open();
  await store.close();
  const database = new DatabaseSync(path);
  const prompt = database.prepare('insert into prompts values (?, ?, 1, 0, 0, 0, ?)');
  const version = database.prepare("insert into prompt_versions values (?, ?, 1, 0, 'human', ?)");
  const names = Array.from({ length: count }, (_, at) => `p-${at}`);
  database.exec('begin');
  for (const [at, name] of names.entries()) {
    const includes = at === 2499 ? ['p-2400'] : [];
    const argument = { name: `of_p_${at}`, required: true };
    const head = { title: name, description: 'One of many', tags: [], favourite: false };
    const declared = { ...head, arguments: at === 2499 ? [] : [argument] };
    const body = at === 2499 ? '{{include:p-2400}}' : `word${at} {{of_p_${at}}}`;
    prompt.run(noProject, name, at % 2 === 0 || at === 2499 ? JSON.stringify({ ...declared, includes }) : null);
    version.run(noProject, name, at === 2450 ? 'no JSON' : JSON.stringify({ ...declared, body }));
  }
  database.exec('commit');
  database.close();
  return names;
}
