import { expect, it } from 'vitest';
import { readPromptFile, toForeign } from '../../src/library/foreign.ts';
import { lostTags } from '../../src/library/lost-tags.ts';
import { readOwnFolder } from '../../src/library/own-folder.ts';
import { completePrompt } from '../../src/library/prompt.ts';
import { tempProject } from '../helpers/temp-project.ts';

it.each([
  'Fix $1, prio $2. Everything: $ARGUMENTS',
  'Only the second: $2',
  'All of it: $ARGUMENTS',
  'First $1, all $ARGUMENTS',
])('A command of Claude Code comes back with the same places: %s', (body) => {
  const prompt = readPromptFile('.claude/commands/fix.md', `---\nargument-hint: [a] [b]\n---\n${body}\n`);
  if (!prompt || 'fault' in prompt) throw new Error(prompt?.fault);
  const { text } = toForeign('claude', prompt);
  expect(text).toContain(`\n${body}\n`);
});

it('What a command says otherwise is told', () => {
  const document = completePrompt(
    'one',
    { arguments: [{ name: 'it', required: true, default: 'x' }] },
    'Do {{it}} at $1',
  );
  if ('fault' in document) throw new Error(document.fault);
  expect(toForeign('claude', { name: 'one', document }).notes).toEqual([
    'defaults are left out',
    'it becomes $ARGUMENTS: all that is typed',
    'its own $1 or $ARGUMENTS was text, and is filled there',
  ]);
});

it('Tags that another wording lacks are named', () => {
  expect(lostTags('{{x}} {{#if y}}{{y}}{{/if}} {{file:a|10}} {{diff}}', 'Better {{y}} {{file:a}}')).toEqual([
    ...['{{x}}', '{{#if y}}', '{{diff}}'],
  ]);
  expect(lostTags('{{Bad}}', '')).toEqual([]);
});

it('Files of a folder beyond those that are read are named', async () => {
  const folder = tempProject({ 'a.md': 'a', 'b.md': 'b', 'c.md': 'c' });
  expect(await readOwnFolder(folder, { maxFiles: 2, maxBytes: 10 })).toEqual([
    { name: 'a.md', text: 'a' },
    { name: 'b.md', text: 'b' },
    { name: 'c.md', fault: 'is not read, since only the first 2 of a folder are' },
  ]);
});
