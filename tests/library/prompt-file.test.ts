import { describe, expect, it } from 'vitest';
import { loadPrompts } from '../../src/library/prompt-file.ts';
import { tempProject } from '../helpers/temp-project.ts';

const good = `---
name: greet
title: Greet
description: Says hello.
arguments:
  - name: who
    description: Whom to greet
    required: true
  - name: tone
    description: How
    default: warm
---
Hello {{who}}, {{tone}} as ever. {{who}}!
`;

describe('A prompt file', () => {
  it.each([
    ['no front matter', 'Hello', 'prompts/greet.md: it must begin with front matter'],
    ['bad YAML', good.replace('title: Greet', 'title: [Greet'), 'prompts/greet.md: front matter: '],
    ['an empty name', good.replace('name: greet\n', 'name:\n'), 'prompts/greet.md: name: '],
    [
      'an unknown field',
      good.replace('title:', 'tilte: x\ntitle:'),
      'prompts/greet.md: front matter: Unrecognized key: "tilte"',
    ],
    [
      'another name',
      good.replace('name: greet', 'name: greeting'),
      "prompts/greet.md: name: must be the file's own name.",
    ],
    [
      'a bad argument',
      good.replace('name: who', 'name: Who Is'),
      'prompts/greet.md: arguments.0.name: must be lower-case',
    ],
    [
      'an undeclared argument',
      good.replace('{{tone}}', '{{mood}}'),
      'prompts/greet.md: body: {{mood}} is not among its arguments.',
    ],
    [
      'an unused argument',
      good.replace('{{tone}}', 'kind'),
      'prompts/greet.md: arguments: tone does not occur in the body.',
    ],
    ['an empty body', good.replace(/Hello[\s\S]*/, ''), 'prompts/greet.md: body: is empty.'],
  ])('with %s is refused, naming file and field', (_, text, message) => {
    expect(() => loadPrompts(tempProject({ 'greet.md': text }))).toThrow(message);
  });

  it('is called like its file where it says no name, if that can be one', () => {
    const text = good.replace('name: greet\n', '');
    expect(loadPrompts(tempProject({ 'greet.md': text })).map(({ name }) => name)).toEqual(['greet']);
    expect(() => loadPrompts(tempProject({ 'Greet me.md': text }))).toThrow(
      'prompts/Greet me.md: name: must be lower-case letters, digits and "-"',
    );
  });
});
