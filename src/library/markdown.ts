import { dump } from 'js-yaml';
import * as z from 'zod';
import { withoutAbsent } from '../text/absent.ts';
import { readFrontMatter } from '../text/front-matter.ts';
import { completePrompt, type PromptDocument, promptFields, promptName } from './prompt.ts';

/*
 * A prompt as a Markdown file: its fields as YAML front matter, then the body, whose last newline is the file's.
 * `toMarkdown` and `fromMarkdown` undo each other, byte by byte.
 */

/** Where a prompt is kept in the store: for all projects, or for one. */
export const scopes = ['project', 'global'] as const;
export type Scope = (typeof scopes)[number];

const frontMatter = z.strictObject({
  name: z.string().optional(),
  /** Of an export, where it says "global"; a file's own place decides otherwise. */
  scope: z.enum(scopes).default('project'),
  ...promptFields,
});

/** A prompt that came from a file. */
export interface NamedPrompt {
  name: string;
  document: PromptDocument;
}

export function toMarkdown(name: string, document: PromptDocument, scope: Scope = 'project'): string {
  const { title, description, arguments: declared, tags, favourite, body } = document;
  const front = withoutAbsent({
    ...{ name, scope: scope === 'global' ? scope : undefined, title, description },
    arguments: declared.map((each) => withoutAbsent({ ...each, required: each.required || undefined })),
    ...(tags.length > 0 && { tags }),
    ...(favourite && { favourite }),
  });
  return `---\n${dump(front, { lineWidth: -1 })}---\n${body}\n`;
}

/**
 * @param fileName its last part; the prompt is called like it, whether or not it says so
 * @returns the prompt, or a fault as `field: what is wrong`
 */
export function fromMarkdown(fileName: string, text: string): (NamedPrompt & { scope: Scope }) | { fault: string } {
  const parsed = readFrontMatter(text, frontMatter);
  if (!parsed) return { fault: 'it must begin with front matter between two lines "---"' };
  if ('fault' in parsed) return parsed;
  const own = fileName.replace(/\.md$/, '');
  const { name = own, scope, ...fields } = parsed.fields;
  const wrong = promptName.safeParse(name).error?.issues[0];
  if (wrong) return { fault: `name: ${wrong.message}` };
  if (name !== own) return { fault: "name: must be the file's own name" };
  const document = completePrompt(name, fields, parsed.body.replace(/\r?\n$/, ''));
  return 'fault' in document ? document : { name, scope, document };
}
