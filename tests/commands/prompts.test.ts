import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { toMarkdown } from '../../src/library/markdown.ts';
import { completePrompt } from '../../src/library/prompt.ts';
import { runOctant } from '../helpers/command.ts';
import { connect } from '../helpers/connect.ts';
import { promptFields } from '../helpers/prompts.ts';
import { backends } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

/** Each starts a program many times. */
vi.setConfig({ testTimeout: 120_000 });

const textsIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

/** As files, each with a name of its own. */
function generated(count: number): Record<string, string> {
  const made = fc.sample(promptFields, { numRuns: count, seed: 11 }).map(({ name: _, body, ...fields }, at) => {
    const document = completePrompt(`p${at}`, fields, body);
    if ('fault' in document) throw new Error(document.fault);
    return [`p${at}.md`, toMarkdown(`p${at}`, document)];
  });
  return Object.fromEntries(made);
}

describe.each(backends)('Prompts through the command line, $name', ({ isThere, create }) => {
  async function onStore() {
    const backend = await create();
    onTestFinished(() => backend.remove());
    const project = tempProject();
    const flags = ['--project', project, ...backend.flags];
    const run = (...args: string[]) => runOctant([...args, ...flags]);
    return { flags, run, runForAll: (...args: string[]) => runOctant([...args, ...backend.flags]) };
  }

  it.skipIf(!isThere)('come out of the store as they went in: 200 of them, byte by byte', async () => {
    const { run } = await onStore();
    const files = generated(200);
    expect(run('import', tempProject(files)).stderr).toMatch(/^Imported 200 prompts into /);
    const target = join(tempProject(), '.octant/prompts');
    expect(run('export', target).stderr).toContain('Wrote 200 prompts to ');
    expect(textsIn(target)).toEqual(files);
    writeFileSync(join(target, 'p7.md'), 'mine');
    expect(run('export', target).stderr).toContain('Had other text before: p7.md.');
    expect(run('import', target).stderr).toMatch(/^Imported 0 prompts into \S+; 200 were there already\./);
  });

  it.skipIf(!isThere)('go with tickets in a folder and in an export, into another store', async () => {
    const { runForAll: run, flags } = await onStore();
    const client = await connect('v2-2026', { args: [...flags, '--toolsets', 'default,prompts'] });
    await client.callTool('create_ticket', { title: 'Ship' });
    await client.callTool('save_prompt', { name: 'mine', body: 'Mine {{a}}' });
    await client.callTool('save_prompt', { name: 'all', body: 'All', scope: 'global' });
    await client.callTool('save_prompt', { name: 'all', body: 'All again' });
    await client.callTool('render_prompt', { name: 'all' });
    await client.close();
    const folder = tempProject();
    expect(run('export', folder).stderr).toMatch(/^Wrote 1 ticket of 1 project and 2 prompts to /);
    expect(readFileSync(join(folder, 'prompts/all.md'), 'utf8')).toContain('scope: global');

    const dump = join(tempProject(), 'all.jsonl');
    expect(run('export', dump).stderr).toMatch(/^Exported 1 project with 1 ticket, 2 prompts and \d+ events to /);
    const other = await onStore();
    expect(other.runForAll('import', dump).stderr).toContain('Imported 1 project');
    const again = join(tempProject(), 'again.jsonl');
    other.runForAll('export', again);
    const lines = (path: string) => readFileSync(path, 'utf8').replaceAll(/"folder":"[^"]*"/g, '');
    expect(lines(again)).toBe(lines(dump));
    expect(lines(dump).match(/"prompt_versions"/g)?.length).toBeGreaterThanOrEqual(3);
    expect(other.runForAll('import', dump).stderr).toMatch(/The store has/);

    const third = await onStore();
    const imported = third.run('import', folder).stderr;
    expect(imported).toContain('Imported 2 prompts into ');
    expect(imported).toContain('Imported 1 ticket into ');
  });
});

describe('Prompts of other programs', () => {
  const flags = () => ['--project', tempProject(), '--data-dir', tempProject()];

  it('commands of Claude Code become prompts with their arguments', async () => {
    const at = flags();
    const source = tempProject({
      '.claude/commands/fix-issue.md':
        '---\ndescription: Fix an issue\nargument-hint: [issue-number] [priority]\nallowed-tools: Bash(git:*)\n---\n\n' +
        'Fix issue #$1 with priority $2. See @src/cart.ts and {{handlebars}}.\nPrice: $15.\n',
      '.claude/commands/db/migrate.md': 'Migrate $ARGUMENTS.\n\n!`git status`\n',
    });
    const { stderr } = runOctant(['import', join(source, '.claude/commands'), ...at]);
    expect(stderr).toContain('Imported 2 prompts into ');
    expect(stderr).toContain('fix-issue.md: its allowed-tools is left out.');
    expect(stderr).toContain('db/migrate.md: it runs commands (!`...`), which stay as text: Octant runs none.');
    const client = await connect('v2-2026', { args: [...at, '--toolsets', 'prompts'] });
    onTestFinished(() => client.close());
    const { data } = await client.callTool('list_prompts', { name: 'fix-issue' });
    expect(data?.file).toContain(
      'Fix issue #{{issue_number}} with priority {{priority}}. See {{file:src/cart.ts}} and \\{{handlebars}}.\nPrice: $15.',
    );
    expect(await client.getPrompt('db-migrate', { arguments: 'the users' })).toBe(
      'Migrate the users.\n\n!`git status`',
    );
  });

  it('rules of Cursor become prompts, whose heads are no YAML', async () => {
    const at = flags();
    const rule =
      '---\ndescription: How we test\nglobs: *.test.ts,**/*.spec.ts\nalwaysApply: false\n---\n\n- Use vitest.\n';
    const source = tempProject({ '.cursor/rules/testing.mdc': rule });
    const { stderr } = runOctant(['import', join(source, '.cursor/rules'), ...at]);
    expect(stderr).toContain('testing.mdc: its globs is left out: a prompt is used when somebody asks for it.');
    const client = await connect('v2-2026', { args: [...at, '--toolsets', 'prompts'] });
    onTestFinished(() => client.close());
    expect(await client.getPrompt('testing', {})).toBe('- Use vitest.');
    expect((await client.callTool('list_prompts', { tag: 'cursor-rule' })).text).toContain('How we test');
  });

  it('are written from ours, with what they cannot say', async () => {
    const at = flags();
    const folder = tempProject();
    const client = await connect('v2-2026', { args: [...at, '--toolsets', 'prompts'] });
    const body = 'Explain {{what}}.\n{{#if for}}\nFor {{for}}.\n{{/if}}\nRead {{file:src/a.ts}}.';
    await client.callTool('save_prompt', { name: 'explain', body, description: 'Explains: all' });
    await client.callTool('save_prompt', { name: 'one', body: 'Do {{it}} at $1' });
    const asked = await client.callTool('list_prompts', { name: 'one', form: 'cursor' });
    expect(asked.data?.file).toBe(
      '---\ndescription: "Do {{it}} at $1"\nglobs:\nalwaysApply: false\n---\n\nDo <it> at $1\n',
    );
    await client.close();
    for (const place of ['.claude/commands', '.cursor/rules/']) {
      mkdirSync(join(folder, place), { recursive: true });
      expect(runOctant(['export', join(folder, place), ...at]).stderr).toContain('Wrote 2 prompts to ');
    }
    expect(textsIn(join(folder, '.claude/commands'))).toEqual({
      'explain.md':
        '---\ndescription: "Explains: all"\nargument-hint: "<what> [for]"\n---\n\nExplain $1.\nFor $2.\nRead @src/a.ts.\n',
      'one.md': '---\ndescription: "Do {{it}} at $1"\nargument-hint: "<it>"\n---\n\nDo $ARGUMENTS at $1\n',
    });
    expect(Object.keys(textsIn(join(folder, '.cursor/rules')))).toEqual(['explain.mdc', 'one.mdc']);
  });

  it('are taken and given by tools too', async () => {
    const project = tempProject({ '.claude/commands/fix.md': 'Fix $ARGUMENTS.\n', 'notes.md': '# Notes\n' });
    const args = ['--project', project, '--data-dir', tempProject(), '--toolsets', 'prompts'];
    const client = await connect('v2-2026', { args });
    onTestFinished(() => client.close());
    const from = '.claude/commands/fix.md';
    expect((await client.callTool('save_prompt', { name: 'mend', from })).data).toMatchObject({
      arguments: ['arguments'],
    });
    const { data } = await client.callTool('list_prompts', { name: 'mend', form: 'claude' });
    expect(data?.file).toContain('\n\nFix $ARGUMENTS.\n');
    const none = await client.callTool('save_prompt', { name: 'notes', from: 'notes.md' });
    expect(none.text).toMatch(/^bad_input: notes\.md: it is no prompt/);
    expect((await client.callTool('save_prompt', { name: 'a', from: '../a.md' })).isError).toBe(true);
  });

  it('that are faulty are named, and nothing is imported', () => {
    const source = tempProject({
      'good.md': '---\nname: good\n---\nGood\n',
      'bad.md': '---\nname: bad\n---\n{{Bad}}\n',
    });
    const at = flags();
    const deep = `---\nname: deep\n---\n${'{{#if a}}'.repeat(3000)}${'{{/if}}'.repeat(3000)}\n`;
    const tooDeep = runOctant(['import', tempProject({ 'deep.md': deep }), ...at]);
    expect([tooDeep.status, tooDeep.stderr]).toEqual([
      1,
      expect.stringContaining('deep.md: body: {{#if a}} stands in'),
    ]);
    const { status, stderr } = runOctant(['import', source, ...at]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('bad.md: body: {{Bad}} is no tag')]);
    expect(runOctant(['export', ...at]).stderr).toContain('so there is nothing to export');
  });
});
