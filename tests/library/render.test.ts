import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { NamedPrompt } from '../../src/library/markdown.ts';
import { completePrompt, headOf, type PromptFields } from '../../src/library/prompt.ts';
import { allArguments, type FillSlot, renderPrompt } from '../../src/library/render.ts';

function prompt(name: string, body: string, fields: PromptFields = {}): NamedPrompt {
  const document = completePrompt(name, fields, body);
  if ('fault' in document) throw new Error(document.fault);
  return { name, document };
}

/** Tells what it was asked for. */
const fillWithOperand: FillSlot = async ({ kind, operand, tokens }) => ({
  text: `<${kind} ${operand} ${tokens}>`,
  tokens: 7,
});

function render(
  one: NamedPrompt,
  values: Record<string, string> = {},
  { others = [], fill = fillWithOperand }: { others?: NamedPrompt[]; fill?: FillSlot } = {},
) {
  const all = [one, ...others];
  return renderPrompt({ prompt: one, values, find: (name) => all.find((each) => each.name === name), fill });
}

const textOf = async (...args: Parameters<typeof render>) => (await render(...args)).text;
const greet = prompt('greet', 'Hello {{who}}, {{tone}} as ever. {{who}}!', {
  arguments: [
    { name: 'who', description: 'Whom to greet', required: true },
    { name: 'tone', description: 'How', required: false, default: 'warm' },
  ],
});

describe('Values', () => {
  it.each([
    '{{tone}}',
    '{{other}}',
    '$&',
    '$`',
    "$'",
    '$1 $<who>',
    '{{include:greet}}',
    '{{#if who}}',
    '{{file:/etc/passwd}}',
    '\\{{who}}',
    '__proto__',
  ])('are put in literally and once, at every place: %s', async (who) => {
    expect(await textOf(greet, { who })).toBe(`Hello ${who}, warm as ever. ${who}!`);
  });

  it('are well-formed text in the end', async () => {
    expect(await textOf(greet, { who: 'a\ud800b' })).toBe('Hello a\ufffdb, warm as ever. a\ufffdb!');
  });

  it('may come from a default, which is no template either', async () => {
    const one = prompt('one', 'In {{a}}', { arguments: [{ name: 'a', required: false, default: '{{a}} $& {{b}}' }] });
    expect(await textOf(one)).toBe('In {{a}} $& {{b}}');
  });

  it('may have names that objects have', async () => {
    const one = prompt('constructor', 'A {{constructor}}{{to_string}}', {
      arguments: ['constructor', 'to_string'].map((name) => ({ name, required: false })),
    });
    expect(await textOf(one)).toBe('A');
    expect(await textOf(one, { constructor: 'b' })).toBe('A b');
    const proto: Record<string, string> = JSON.parse('{"__proto__":"y"}');
    await expect(render(one, proto)).rejects.toMatchObject({ code: 'bad_input' });
  });

  it('must be declared, present and of reasonable size', async () => {
    await expect(render(greet)).rejects.toThrow('The prompt greet needs: who (Whom to greet).');
    await expect(render(greet, { who: ' ' })).rejects.toThrow('needs: who');
    await expect(render(greet, { who: 'x', nmae: 'y' })).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('has no argument "nmae". It has: '),
    });
    await expect(render(greet, { who: 'x'.repeat(1_000_000) })).rejects.toMatchObject({
      code: 'limit',
      message: 'The argument who may have 100000 characters; this has 1000000.',
    });
  });

  it('do not make a text without end', async () => {
    const many = prompt('many', '{{a}}'.repeat(1000));
    await expect(render(many, { a: 'x'.repeat(90_000) })).rejects.toMatchObject({ code: 'limit' });
  });
});

describe('A tag', () => {
  it('is text behind a backslash, and a backslash behind another one is one', async () => {
    const one = prompt('one', 'Write \\{{name}} and C:\\\\{{name}}');
    expect(await textOf(one, { name: 'v' })).toBe('Write {{name}} and C:\\v');
  });

  it('is text where it does not end', async () => {
    expect(await textOf(prompt('one', 'if (a) {{ return } b {{'))).toBe('if (a) {{ return } b {{');
  });

  it.each([
    ['Hi {{Who}}', 'body: {{Who}} is no tag; there are {{argument}}'],
    ['{{#if a}}x', 'body: {{#if a}} has no {{/if}}'],
    ['x{{/if}}', 'body: {{/if}} ends nothing'],
    ['{{file:}}', 'body: {{file:}} says not what of'],
    ['{{file:a|0}}', 'body: {{file:a|0}} may have 1 to 100000 tokens'],
    ['{{file:a|abc}}', 'body: {{file:a|abc}} has no number of tokens behind its "|"'],
    ['{{file:a|12345678}}', 'body: {{file:a|12345678}} has no number of tokens behind its "|"'],
    ['{{#if a}}A{{else}}B{{/if}}', 'body: {{else}} is not known: a condition has no other side'],
    [`${'{{#if a}}'.repeat(3000)}x${'{{/if}}'.repeat(3000)}`, 'body: {{#if a}} stands in 20 others'],
    ['{{a}} {{#unless a}}', 'body: {{#unless a}} is no tag'],
    ['  \n ', 'body: is empty'],
  ])('that makes no sense is named: %s', (body, fault) => {
    expect(completePrompt('one', {}, body)).toEqual({ fault: expect.stringContaining(fault) });
  });

  it('of an argument that is not declared, or an argument without a tag, is a fault where any is declared', () => {
    const declared = [{ name: 'a', required: false }];
    expect(completePrompt('one', { arguments: declared }, '{{b}}')).toEqual({
      fault: 'body: {{b}} is not among its arguments',
    });
    expect(completePrompt('one', { arguments: declared }, 'b')).toEqual({
      fault: 'arguments: a does not occur in the body',
    });
  });

  it('declares its argument where none is declared, optional where it is asked about', () => {
    const made = completePrompt('one', {}, '{{goal}} {{#if limits}}Within {{limits}}{{/if}} {{diff}}');
    expect(made).toMatchObject({
      arguments: [
        { name: 'goal', required: true },
        { name: 'limits', required: false },
      ],
    });
  });
});

describe('A condition', () => {
  const one = prompt('one', 'A\n{{#if focus}}\nLook at {{focus}}.\n{{/if}}\nB{{#if focus}}, {{focus}}{{/if}}.');

  it('keeps its part where the argument has a value', async () => {
    expect(await textOf(one, { focus: 'x' })).toBe('A\nLook at x.\nB, x.');
  });

  it('leaves no empty line where it has none', async () => {
    expect(await textOf(one)).toBe('A\nB.');
    expect(await textOf(one, { focus: ' \n' })).toBe('A\nB.');
  });

  it('may stand in another', async () => {
    const two = prompt('two', '{{#if a}}a{{#if b}}b{{/if}}{{/if}}.');
    expect(await textOf(two, { a: '1', b: '1' })).toBe('ab.');
    expect(await textOf(two, { b: '1' })).toBe('.');
  });
});

describe('Included prompts', () => {
  const style = prompt('style', '\n\nWrite {{how}}.\n', {
    arguments: [{ name: 'how', required: false, default: 'short' }],
  });

  it('stand where their tag stood, and their arguments can be given', async () => {
    const one = prompt('one', 'Explain {{what}}. {{include:style}} Bye.');
    expect(await textOf(one, { what: 'x' }, { others: [style] })).toBe('Explain x. Write short. Bye.');
    expect(await textOf(one, { what: 'x', how: 'long' }, { others: [style] })).toBe('Explain x. Write long. Bye.');
    const headed = ({ name, document }: typeof one) => ({ name, head: headOf(document) });
    const names = allArguments(headed(one), () => headed(style)).map(({ name }) => name);
    expect(names).toEqual(['what', 'how']);
  });

  it('may get another default', async () => {
    const one = prompt('one', '{{include:style}}', { arguments: [{ name: 'how', required: false, default: 'loud' }] });
    expect(await textOf(one, {}, { others: [style] })).toBe('Write loud.');
  });

  it('are refused where they include each other, or are not there', async () => {
    const one = prompt('one', '{{include:two}}');
    const two = prompt('two', '{{include:one}}');
    await expect(render(one, {}, { others: [two] })).rejects.toThrow('Prompts include each other: one > two > one.');
    await expect(render(prompt('me', '{{include:me}}'))).rejects.toThrow('Prompts include each other: me > me.');
    await expect(render(one)).rejects.toThrow('The prompt one includes "two", and there is none of that name.');
  });

  it('are refused where they are too many', async () => {
    const others = Array.from({ length: 30 }, (_, at) =>
      prompt(`p${at}`, `{{include:p${at + 1}}}{{include:p${at + 1}}}`),
    );
    others.push(prompt('p30', 'x'));
    const begun = performance.now();
    await expect(render(prompt('one', '{{include:p0}}'), {}, { others })).rejects.toMatchObject({ code: 'limit' });
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

describe('A slot', () => {
  it('is filled within its tokens, those of its kind where it says none', async () => {
    const one = prompt('one', '{{file:src/a.ts|200}} {{summary:src}} {{files:fix it|up}} {{diff}} {{diff|50}}');
    expect(await render(one)).toMatchObject({
      text: '<file src/a.ts 200> <summary src 1000> <files fix it|up 8000> <diff  6000> <diff  50>',
      slots: [
        { kind: 'file', operand: 'src/a.ts', tokens: 200, used: 7 },
        { kind: 'summary' },
        { kind: 'files' },
        { kind: 'diff' },
        { kind: 'diff', tokens: 50 },
      ],
    });
  });

  it('takes the value of an argument that it names, before anything else of that name', async () => {
    const one = prompt('one', '{{ticket:id}}{{#if id}} of {{id}}{{/if}}', {
      arguments: [{ name: 'id', required: false }],
    });
    expect(await textOf(one, { id: 'T-3' })).toBe('<ticket T-3 2000> of T-3');
    expect(await textOf(prompt('two', '{{ticket:id}}'))).toBe('<ticket id 2000>');
  });

  it('of an argument without a value is empty', async () => {
    const one = prompt('one', 'A{{ticket:id}}', { arguments: [{ name: 'id', required: false }] });
    expect(await textOf(one)).toBe('A');
  });

  it('is an argument where one is called "diff"', async () => {
    const one = prompt('one', '{{diff}}', { arguments: [{ name: 'diff', required: true }] });
    expect(await textOf(one, { diff: '+x' })).toBe('+x');
  });

  it('is not looked into for tags, and neither is what fills it', async () => {
    const one = prompt('one', '{{file:a}} {{who}}', { arguments: [{ name: 'who', required: false }] });
    const fill: FillSlot = async () => ({ text: '{{who}} {{include:one}} $&', tokens: 9 });
    expect(await textOf(one, { who: 'me' }, { fill })).toBe('{{who}} {{include:one}} $& me');
  });

  it('is filled once where it stands twice, and is left out in a condition that is not met', async () => {
    let filled = 0;
    const fill: FillSlot = async () => ({ text: `${++filled}`, tokens: 1 });
    const one = prompt('one', '{{file:a}}{{file:a}}{{#if b}}{{file:c}}{{/if}}');
    expect(await textOf(one, {}, { fill })).toBe('11');
    expect(filled).toBe(1);
  });

  it('that cannot be filled is an error of the caller', async () => {
    const fill: FillSlot = async () => {
      throw new UserError('not_found', 'There is no T-9.');
    };
    await expect(render(prompt('one', '{{ticket:T-9}}'), {}, { fill })).rejects.toThrow('There is no T-9.');
  });
});
