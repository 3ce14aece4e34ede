import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPrompts } from '../src/library/prompt-file.ts';
import { toolsets } from '../src/settings.ts';
import { tools } from './helpers/tools.ts';

const verbs = [
  'add',
  'apply',
  'ask',
  'build',
  'claim',
  'clear',
  'compare',
  'create',
  'delete',
  'edit',
  'generate',
  'get',
]
  .concat([
    'improve',
    'list',
    'merge',
    'propose',
    'read',
    'reject',
    'remove',
    'render',
    'revise',
    'run',
    'save',
    'search',
  ])
  .concat(['send', 'suggest', 'summarize', 'update']);

describe.each(tools.map((tool) => ({ tool, name: tool.name })))('The tool $name', ({ tool, name }) => {
  const file = name.replaceAll('_', '-');

  it('is a verb and a noun of at most 40 characters', () => {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(name.length).toBeLessThanOrEqual(40);
    expect(verbs).toContain(name.split('_')[0]);
  });

  it('has a file and a test of its name', () => {
    expect(existsSync(join('src', 'tools', `${file}.ts`))).toBe(true);
    expect(existsSync(join('tests', 'tools', `${file}.test.ts`))).toBe(true);
  });

  it('is described in under 600 plain characters', () => {
    expect(tool.description.length).toBeLessThan(600);
    expect(tool.description).not.toMatch(/[\n#*!]|IMPORTANT/);
    expect(tool.title).not.toBe('');
    expect(toolsets).toContain(tool.toolset);
  });

  it('takes a strict object of flat, described, plain fields', () => {
    const codes = tool.input.safeParse({ surprise: 1 }).error?.issues.map(({ code }) => code);
    expect(codes).toContain('unrecognized_keys');
    for (const [field, schema] of Object.entries(tool.input.shape)) {
      expect(schema.description, field).toBeTruthy();
      expect(field).toMatch(/^[a-z]+(_[a-z]+)*$/);
    }
  });

  it('mentions only tools that exist', () => {
    const mentioned = tool.description.match(/\b[a-z]+_[a-z]+\b/g) ?? [];
    const known = [...tools.map((each) => each.name), ...Object.keys(tool.input.shape)];
    expect(mentioned.filter((each) => !known.includes(each))).toEqual([]);
  });
});

describe('Prompts', () => {
  const prompts = loadPrompts('prompts');

  it('mention only tools that exist', () => {
    const known = tools.map(({ name }) => name);
    for (const {
      name,
      document: { body, arguments: declared },
    } of prompts) {
      const fields = [...declared.map((each) => each.name), ...tools.flatMap(({ input }) => Object.keys(input.shape))];
      const mentioned = body.match(/\b[a-z]+_[a-z]+\b/g) ?? [];
      expect(
        mentioned.filter((each) => !known.includes(each) && !fields.includes(each)),
        name,
      ).toEqual([]);
    }
  });

  it('are there for the common tasks', () => {
    const names = prompts.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['plan-feature', 'find-files', 'review-change', 'explain-project', 'write-ticket']),
    );
  });
});

describe('Sources', () => {
  const sources = globSync('src/**/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));

  it('write nothing to stdout but the protocol, the help and the version', () => {
    const offenders = sources
      .filter(({ text }) => /console\.|process\.stdout\.write/.test(text))
      .map(({ path }) => path);
    expect(offenders).toEqual(['src/main.ts']);
  });

  it('read the environment in one place', () => {
    const offenders = sources.filter(({ text }) => text.includes('process.env')).map(({ path }) => path);
    const allowed = ['src/node-version.ts', 'src/start.ts', 'src/main.ts', 'src/projects/git-directory.ts'];
    expect(offenders.filter((path) => !allowed.includes(path))).toEqual([]);
  });

  it('have no module of leftovers', () => {
    expect(sources.filter(({ path }) => /\/(utils?|shared|core|types|helpers?)[/.]/.test(path))).toEqual([]);
  });
});
