import { describe, expect, it } from 'vitest';
import { parsePrompt, renderPrompt } from '../../src/library/prompt-file.ts';

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
    ['a missing field', good.replace('title: Greet\n', ''), 'prompts/greet.md: title: '],
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
    expect(() => parsePrompt('greet.md', text)).toThrow(message);
  });
});

describe('Values', () => {
  const prompt = parsePrompt('greet.md', good);

  it('are put in literally and once, at every place', () => {
    expect(renderPrompt(prompt, { who: '$& {{tone}} $1' })).toBe('Hello $& {{tone}} $1, warm as ever. $& {{tone}} $1!');
  });

  it('must be declared, present and of reasonable size', () => {
    expect(() => renderPrompt(prompt, {})).toThrow('The prompt greet needs: who (Whom to greet).');
    expect(() => renderPrompt(prompt, { who: 'x', nmae: 'y' })).toThrow('has no argument "nmae". It has: who, tone.');
    expect(() => renderPrompt(prompt, { who: 'x'.repeat(1_000_000) })).toThrow('may have 100000 characters');
    expect(() => renderPrompt(prompt, JSON.parse('{"who":"x","__proto__":"y"}'))).toThrow(
      'has no argument "__proto__"',
    );
  });
});
