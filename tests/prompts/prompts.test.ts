import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClientKind, clientKinds, connect, type TestClient } from '../helpers/connect.ts';
import { startHttp } from '../helpers/program.ts';
import { sharedServer } from '../helpers/shared-server.ts';
import { backends } from '../helpers/stores.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

const file = (name: string, body: string, head = '') => `---\nname: ${name}\n${head}---\n${body}\n`;

interface Start {
  files?: Record<string, string>;
  own?: Record<string, string>;
  flags?: readonly string[];
}

/** A client of its own server, with a project, a config folder and a store of their own unless they are given. */
async function serve(kind: ClientKind, { files = {}, own = {}, flags = ['--data-dir', tempProject()] }: Start = {}) {
  const project = tempProject(files);
  const config = tempProject({ 'octant.config.json': '{}', ...own });
  const args = ['--project', project, ...flags, '--config', join(config, 'octant.config.json')];
  const client = await connect(kind, { args: [...args, '--toolsets', 'default,prompts'] });
  onTestFinished(() => client.close());
  return { client, project, config };
}

/** Resolves with the milliseconds from now to the next notice. */
async function nextChange(client: TestClient) {
  let heard = Promise.withResolvers<number>();
  await client.onPromptsChanged(() => heard.resolve(performance.now()));
  return async (change: () => unknown) => {
    heard = Promise.withResolvers<number>();
    const begun = performance.now();
    await change();
    return (await heard.promise) - begun;
  };
}

const namesOf = async (client: TestClient) => (await client.listPrompts()).map(({ name }) => name);

describe.each(clientKinds)('Saved prompts, with a client %s', (kind) => {
  const complete = (name: string, source: string) => `  - name: ${name}\n    complete: ${source}\n`;
  const sources = ['files', 'tickets', 'plans', 'prompts', 'models'];
  const head = `arguments:\n${sources.map((each) => complete(each, each)).join('')}${complete('how', '[short, long]')}`;
  const body = [...sources, 'how'].map((each) => `{{${each}}}`).join(' ');
  const first = file('first', 'First', 'title: First\ndescription: Once\narguments: []\n');
  const served = sharedServer(() => ({
    kind,
    files: {
      '.octant/prompts/release.md': file('release', 'Release {{version}}.{{#if notes}}\nSay {{notes}}.{{/if}}'),
      '.octant/prompts/one.md': file('one', 'One'),
      '.octant/prompts/all.md': file('all', body, head),
      '.octant/prompts/first.md': first,
      'src/cart.ts': 'export const cart = 1;\n',
    },
    config: {},
    flags: ['--toolsets', 'default,prompts'],
  }));

  it('are listed beside those built in, and rendered', async () => {
    const client = served();
    const prompts = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(expect.arrayContaining(['plan-feature', 'release']));
    expect(prompts.find(({ name }) => name === 'release')?.arguments).toMatchObject([
      { name: 'version', required: true },
      { name: 'notes', required: false },
    ]);
    expect(await client.getPrompt('release', { version: '{{notes}} $&' })).toBe('Release {{notes}} $&.');
    expect(await client.getPrompt('release', { version: '2', notes: 'little' })).toBe('Release 2.\nSay little.');
    await expect(client.getPrompt('release', {})).rejects.toThrow('The prompt release needs: version.');
    await expect(client.getPrompt('relaese', {})).rejects.toMatchObject({ code: -32602 });
  });

  it('are told to have changed within 250 ms of a file save', async () => {
    const client = served();
    const { project, config } = client;
    const msUntil = await nextChange(client);
    const path = join(project, '.octant/prompts/two.md');
    expect(await msUntil(() => writeFileSync(path, file('two', 'Two')))).toBeLessThan(250);
    expect(await namesOf(client)).toContain('two');
    expect(await msUntil(() => writeFileSync(path, file('two', 'Two {{x}}')))).toBeLessThan(250);
    expect(await msUntil(() => rmSync(path))).toBeLessThan(250);
    expect(await namesOf(client)).not.toContain('two');
    mkdirSync(join(config, 'prompts'));
    await delay(200);
    const own = join(config, 'prompts/mine.md');
    expect(await msUntil(() => writeFileSync(own, file('mine', 'Mine')))).toBeLessThan(250);
    expect(await namesOf(client)).toContain('mine');
  });

  it('are heard of where the folder comes later', async () => {
    const { client, project } = await serve(kind);
    const msUntil = await nextChange(client);
    const late = { '.octant/prompts/late.md': file('late', 'Late') };
    expect(await msUntil(() => writeFiles(project, late))).toBeLessThan(250);
    await expect.poll(() => namesOf(client), { timeout: 10_000 }).toContain('late');
  });

  it('are listed in pages, each once', async () => {
    const many = Array.from({ length: 230 }, (_, at) => `p${at}`);
    const { client } = await serve(kind, {
      files: Object.fromEntries(many.map((name) => [`.octant/prompts/${name}.md`, file(name, `Number ${name}`)])),
    });
    const names: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await client.listPromptPage(cursor);
      names.push(...page.prompts.map(({ name }) => name));
      cursor = page.nextCursor;
      pages++;
    } while (cursor && pages < 10);
    if (kind === 'v1') expect(pages).toBe(3); // the new client reads all pages by itself
    expect(names).toEqual(expect.arrayContaining([...many, 'plan-feature']));
    expect(new Set(names).size).toBe(names.length);
    await expect(client.listPromptPage('bm9uc2Vuc2U')).rejects.toMatchObject({ code: -32602 });
  });

  it('complete their arguments', async () => {
    const client = served();
    const id = client.project.split('/').at(-1)?.toLowerCase();
    await client.callTool('create_ticket', { title: 'Round the cart' });
    await client.callTool('create_plan', { goal: 'Round the cart in src/cart.ts' });
    const prompt = { prompt: 'all' };
    expect(await client.complete(prompt, 'files', 'cart.ts')).toEqual(['src/cart.ts']);
    expect(await client.complete(prompt, 'tickets', 'T-')).toEqual([expect.stringMatching(/\.T-1$/)]);
    expect(await client.complete(prompt, 'tickets', `${id}.T-1`)).toHaveLength(1);
    expect(await client.complete(prompt, 'plans', 'P-1')).toEqual([expect.stringMatching(/\.P-1$/)]);
    expect(await client.complete(prompt, 'prompts', 'plan-')).toEqual(['plan-feature']);
    expect(await client.complete(prompt, 'models', 'zz')).toEqual([]);
    expect(await client.complete(prompt, 'how', 'l')).toEqual(['long']);
    expect(await client.complete(prompt, 'nothing', 'l')).toEqual([]);
  });

  it('are resources that can be subscribed to', async () => {
    const client = served();
    const uri = 'octant://prompts/first';
    expect((await client.listResources()).resources).toContainEqual(expect.objectContaining({ uri, name: 'first' }));
    expect((await client.readResource(uri))[0]).toMatchObject({ mimeType: 'text/markdown', text: first });
    const heard = Promise.withResolvers<string>();
    await client.subscribe(uri, heard.resolve);
    writeFileSync(join(client.project, '.octant/prompts/first.md'), first.replace('Once', 'Twice'));
    expect(await heard.promise).toBe(uri);
    await expect(client.readResource('octant://prompts/none')).rejects.toMatchObject({ code: -32602 });
  });
});

describe('Of prompts with one name', () => {
  it('a project file wins over the store, the user, all projects and ours, and the list says so', async () => {
    const name = 'review-change';
    const { client, project, config } = await serve('v2-2026', {
      files: { [`.octant/prompts/${name}.md`]: file(name, 'Of the project file') },
      own: { [`prompts/${name}.md`]: file(name, 'Of the user file') },
    });
    for (const scope of ['project', 'global']) {
      const { data } = await client.callTool('save_prompt', { name, scope, body: `Of the ${scope} store` });
      expect(data).toMatchObject({ version: 1, note: `It is hidden by the file .octant/prompts/${name}.md.` });
    }
    const text = () => client.getPrompt(name, {});
    const { data } = await client.callTool('list_prompts', { query: name });
    expect(data).toMatchObject({
      prompts: [{ name, home: 'project file', hides: ['project', 'user file', 'global', 'built-in'] }],
    });
    expect(await text()).toBe('Of the project file');
    rmSync(join(project, `.octant/prompts/${name}.md`));
    expect(await text()).toBe('Of the project store');
    const gone = await client.callTool('delete_prompt', { name });
    expect(gone.data).toMatchObject({ note: `The name now means the user's own file prompts/${name}.md.` });
    expect(await text()).toBe('Of the user file');
    rmSync(join(config, `prompts/${name}.md`));
    expect(await text()).toBe('Of the global store');
    await client.callTool('delete_prompt', { name });
    await expect(text()).rejects.toThrow('The prompt review-change needs: change');
  });

  it('those of another project are told apart', async () => {
    const body = (whose: string) => ({ '.octant/prompts/deploy.md': file('deploy', `Deploy ${whose}`) });
    const [one, two] = [tempProject(body('one')), tempProject(body('two'))];
    const args = ['--project', one, '--project', two, '--data-dir', tempProject()];
    const client = await connect('v2-2026', { args });
    onTestFinished(() => client.close());
    const id = two.split('/').at(-1)?.toLowerCase() ?? '';
    expect(await namesOf(client)).toEqual(expect.arrayContaining(['deploy', `${id}.deploy`]));
    expect(await client.getPrompt('deploy', {})).toBe('Deploy one');
    expect(await client.getPrompt(`${id}.deploy`, {})).toBe('Deploy two');
  });

  it('a file that is no prompt is told, and stops nothing', async () => {
    const { client } = await serve('v2-2026', {
      files: {
        '.octant/prompts/bad.md': file('bad', 'Hi {{Who}}'),
        '.octant/prompts/none.md': 'no front matter',
        '.octant/prompts/good.md': file('good', 'Good'),
      },
    });
    expect(await namesOf(client)).toContain('good');
    const { data } = await client.callTool('list_prompts', { query: 'good' });
    expect(data?.faults).toEqual([
      expect.stringContaining('.octant/prompts/bad.md: body: {{Who}} is no tag'),
      expect.stringContaining('.octant/prompts/none.md: it must begin with front matter'),
    ]);
    const { text } = await client.callTool('render_prompt', { name: 'bad' });
    expect(text).toMatch(/^bad_input: The prompt bad cannot be used\. \.octant\/prompts\/bad\.md: body: /);
  });

  it('a folder that leads out of the project has none', async () => {
    const outside = tempProject({ 'evil.md': file('evil', 'Evil') });
    const { client, project } = await serve('v2-2026', { files: { '.octant/keep': '' } });
    const { symlinkSync } = await import('node:fs');
    symlinkSync(outside, join(project, '.octant/prompts'));
    expect(await namesOf(client)).not.toContain('evil');
  });
});

describe.each(backends)('Two servers on one store, $name', ({ isThere, create }) => {
  it.skipIf(!isThere)('hear of each other, over stdio and HTTP', async () => {
    const backend = await create();
    onTestFinished(() => backend.remove());
    const { client, project, config } = await serve('v2-2026', { flags: backend.flags });
    const settings = ['--config', join(config, 'octant.config.json')];
    const http = await startHttp(['--project', project, ...settings, ...backend.flags]);
    onTestFinished(async () => void (await http.stop()));
    for (const kind of clientKinds) {
      const other = await connect(kind, { url: http.url });
      const msUntil = await nextChange(other);
      const name = `of-${kind.replace('.', '-')}`;
      expect(await msUntil(() => client.callTool('save_prompt', { name, body: 'Shared' }))).toBeLessThan(1500);
      expect(await namesOf(other)).toContain(name);
      expect(await msUntil(() => client.callTool('delete_prompt', { name }))).toBeLessThan(1500);
      expect(await namesOf(other)).not.toContain(name);
      for (const [folder, path] of [
        [project, `.octant/prompts/file-${name}.md`],
        [config, `prompts/mine-${name}.md`],
      ] as const) {
        const own = basename(path, '.md');
        expect(await msUntil(() => writeFiles(folder, { [path]: file(own, 'Saved') }))).toBeLessThan(250);
        await expect.poll(() => namesOf(other)).toContain(own);
      }
      await other.close();
    }
  });
});
