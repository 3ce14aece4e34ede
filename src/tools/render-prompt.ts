import * as z from 'zod';
import type { Rendered } from '../library/render.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { fitting } from '../text/fitting.ts';
import { textPage } from '../text/text-page.ts';
import { maxCharacters, project } from './params.ts';
import * as fields from './prompt-params.ts';
import { defineTool } from './tool.ts';

const output = z.object({
  name: z.string(),
  text: z.string(),
  tokens: z.int(),
  slots: z
    .array(z.object({ slot: z.string(), tokens: z.int(), most: z.int(), note: z.string().optional() }))
    .optional(),
  next_offset: z.int().optional(),
  note: z.string().optional(),
});

export const renderPrompt = defineTool({
  name: 'render_prompt',
  title: 'Render prompt',
  description: 'The text of a saved prompt with its arguments and its context filled in, and its size.',
  toolset: 'prompts',
  effect: 'read',
  input: z.strictObject({
    name: fields.reference,
    arguments: z.record(z.string(), z.string()).default({}).describe('{"focus": "tests"}'),
    max_characters: maxCharacters,
    offset: z.int().min(0).default(0).describe('Of the text'),
    project,
  }),
  output,

  async run(asked, { library, sources, caller, job }) {
    const { name, arguments: values, max_characters: most, offset, project } = asked;
    const found = await library.find(name, job, project);
    const { text, slots } = await library.render(found, values, { actor: caller.source, job });
    const [tokens = 0] = await sources.count([text], undefined, job);
    const shown = fitting(slots.map(toSlot), most / 4, 0);
    const page = textPage(text, offset, most - overhead - JSON.stringify(shown).length);
    const left = text.length - page.end;
    const notes = [
      ...(found.note ? [found.note] : []),
      ...(shown.length < slots.length ? [`${counted(slots.length - shown.length, 'more slot')}.`] : []),
      ...(left > 0 ? [`${counted(left, 'character')} more with offset ${page.end}.`] : []),
    ];
    const data = {
      ...{ name: found.prompt.reference, text: page.text, tokens },
      ...(shown.length > 0 && { slots: shown }),
      ...(left > 0 && { next_offset: page.end }),
      ...(notes.length > 0 && { note: notes.join(' ') }),
    };
    return { data, text: describe(data) };
  },
});

/** What stands around the text and its slots, in characters. */
const overhead = 500;

function toSlot({ kind, operand, used, tokens, note }: Rendered['slots'][number]) {
  const slot = cut(operand ? `${kind}:${operand}` : kind, 100);
  return { slot, tokens: used, most: tokens, ...(note && { note: cut(note, 200) }) };
}

function describe({ name, text, tokens, slots = [], note }: z.input<typeof output>): string {
  const filled = slots.map(({ slot, tokens: used, most, note: said }) => {
    return `{{${slot}}}: ${used} of ${most} tokens${said ? `, ${said}` : ''}`;
  });
  return [`${name}, ${counted(tokens, 'token')}:`, ...filled, ...(note ? [note] : []), '', text].join('\n');
}
