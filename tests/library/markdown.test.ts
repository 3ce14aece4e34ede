import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromMarkdown, toMarkdown } from '../../src/library/markdown.ts';
import { completePrompt, type PromptDocument } from '../../src/library/prompt.ts';
import { promptFields } from '../helpers/prompts.ts';

describe('A prompt as Markdown', () => {
  it('comes back as it was, byte by byte: 200 of them', () => {
    const seen: PromptDocument[] = [];
    fc.assert(
      fc.property(promptFields, ({ name, body, ...fields }) => {
        const document = completePrompt(name, fields, body);
        if ('fault' in document) throw new Error(document.fault);
        seen.push(document);
        const text = toMarkdown(name, document);
        const back = fromMarkdown(`${name}.md`, text);
        expect(back).toEqual({ name, document, scope: 'project' });
        if (!('fault' in back)) expect(toMarkdown(back.name, back.document)).toBe(text);
      }),
      { numRuns: 200, seed: 7 },
    );
    expect(seen).toHaveLength(200);
    expect(seen.some(({ body }) => /\n---\n/.test(body))).toBe(true);
    expect(seen.some((each) => each.arguments.some(({ default: initial }) => initial?.includes('\n')))).toBe(true);
  });

  it('may be written by hand, with little', () => {
    expect(fromMarkdown('fix-it.md', '---\r\nname: fix-it\r\ntags: [2026, bug]\r\n---\r\nFix {{what}}.\r\n')).toEqual({
      name: 'fix-it',
      scope: 'project',
      document: {
        title: 'Fix it',
        description: 'Fix {{what}}.',
        arguments: [{ name: 'what', required: true }],
        tags: ['2026', 'bug'],
        favourite: false,
        body: 'Fix {{what}}.',
      },
    });
  });

  it('may say nothing but its text', () => {
    expect(fromMarkdown('fix-it.md', '---\n---\nFix it.\n\n---\nBye.\n')).toMatchObject({
      name: 'fix-it',
      document: { title: 'Fix it', body: 'Fix it.\n\n---\nBye.' },
    });
  });

  it('loses what hides in it', () => {
    const hidden = 'a\u200bb\u202ec\u{e0041}d';
    const made = fromMarkdown('one.md', `---\nname: one\ndescription: "${hidden}"\n---\n${hidden}`);
    expect(made).toMatchObject({ document: { description: 'abcd', body: 'abcd' } });
  });
});
