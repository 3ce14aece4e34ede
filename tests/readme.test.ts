import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadPrompts } from '../src/library/prompt-file.ts';
import { settingRows } from '../src/settings.ts';
import { isDefault } from '../src/tools/index.ts';
import { tools } from './helpers/tools.ts';

/** The README's tables are made from the code: `npx vitest run tests/readme.test.ts -u` rewrites them. */
describe('The README', () => {
  it('has the tables that the code makes', async () => {
    const readme = readFileSync('README.md', 'utf8');
    const expected = Object.entries(tables()).reduce(fill, readme);
    await expect(expected).toMatchFileSnapshot('../README.md');
  });

  it('stays short', () => {
    expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThan(275);
  });
});

describe('The guide for agents', () => {
  it('fits on one screen', () => {
    expect(readFileSync('AGENTS.md', 'utf8').split('\n').length).toBeLessThan(60);
  });
});

function tables(): Record<string, string> {
  return {
    tools: table(
      ['tool', 'group', 'by default', 'what it does'],
      tools.map((tool) => [`\`${tool.name}\``, tool.toolset, isDefault(tool.name) ? 'yes' : '', tool.description]),
    ),
    prompts: table(
      ['prompt', 'arguments', 'what it asks of your model'],
      loadPrompts('prompts').map(({ name, document: { description, arguments: declared } }) => {
        return [`\`${name}\``, declared.map((each) => each.name + (each.required ? '' : '?')).join(', '), description];
      }),
    ),
    settings: table(
      ['flag', 'variable', 'default', 'what it does'],
      settingRows().map(({ flag, variable, initial, description }) => [
        `\`${flag}\``,
        `\`${variable}\``,
        initial,
        description,
      ]),
    ),
  };
}

function fill(readme: string, [name, content]: [string, string]): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = readme.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`README.md has no place for ${name}`);
  return `${before}${start}\n${content}\n${end}${after}`;
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
