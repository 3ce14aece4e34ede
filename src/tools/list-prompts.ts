import * as z from 'zod';
import { hasWords, isMeant, orderOf } from '../library/filter-prompts.ts';
import { type ForeignForm, foreignForms, toForeign } from '../library/foreign.ts';
import { homes, type LibraryPrompt, type ListedPrompt, type PromptList } from '../library/homes.ts';
import { scopes, toMarkdown } from '../library/markdown.ts';
import { ownerIn } from '../library/owner.ts';
import { counted } from '../text/count.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { cut } from '../text/cut.ts';
import { fitting } from '../text/fitting.ts';
import { textPage } from '../text/text-page.ts';
import { cursor, project } from './params.ts';
import * as fields from './prompt-params.ts';
import { type Call, defineTool } from './tool.ts';

const maxCharacters = 8500;
/** Of one prompt, with all that is said about it. */
const maxOne = 9600;
const maxVersions = 1500;
const shownFaults = 10;

const listed = z.object({
  name: z.string(),
  description: z.string(),
  home: z.enum(homes),
  arguments: z.array(z.string()).describe('"?" behind those that may be left out'),
  tags: z.array(z.string()).optional(),
  favourite: z.boolean().optional(),
  version: z.int().optional(),
  uses: z.int().optional(),
  hides: z.array(z.string()).optional(),
});
type Listed = z.output<typeof listed>;

const output = z.object({
  prompts: z.array(listed),
  next_cursor: z.string().optional(),
  file: z.string().optional(),
  versions: z
    .array(z.object({ version: z.int(), at: z.string(), by: z.string(), uses: z.int().optional() }))
    .optional(),
  faults: z.array(z.string()).optional(),
  note: z.string().optional(),
});

export const listPrompts = defineTool({
  name: 'list_prompts',
  title: 'List prompts',
  description:
    'Saved prompts, favourites first: of the project, of the user, of all projects and built in. With name one of them whole, as a ' +
    'file, with its versions.',
  toolset: 'prompts',
  effect: 'read',
  input: z.strictObject({
    query: z.string().max(200).default('').describe('Words that it has'),
    tag: z.string().max(40).optional().describe('"sql"'),
    scope: z.enum(scopes).optional().describe('Default: both'),
    name: fields.reference.optional().describe('One, whole'),
    form: z
      .enum(['octant', ...foreignForms])
      .default('octant')
      .describe('Of its file: a Claude Code command, a Cursor rule'),
    limit: z.int().min(1).max(100).default(30).describe('1 to 100'),
    cursor,
    project,
  }),
  output,

  async run({ name, form, cursor, limit, project, ...asking }, call) {
    if (name !== undefined) return showOne(name, { form, project }, call);
    const { library, projects, job } = call;
    const list = await library.list(await fields.projectToRead(project, projects), job);
    const { query, ...filter } = asking;
    const asked = { ...asking, project: list.project?.id };
    const after = cursor === undefined ? '' : decodeCursor(cursor, asked, z.string());
    const open = list.prompts
      .filter((prompt) => isMeant(prompt, filter))
      .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
      .filter((prompt) => orderOf(prompt) > after);
    const meant = query.trim() === '' ? open : await firstWith(query, library.read(list, open), limit + 1);
    const shown = fitting(meant.slice(0, limit).map(toListed), maxCharacters);
    const last = meant[shown.length - 1];
    const next = last && shown.length < meant.length ? encodeCursor(asked, orderOf(last)) : undefined;
    const faults = list.faults.slice(0, shownFaults).map(({ path, fault }) => cut(`${path}: ${fault}`, 100));
    const moreFaults = list.faults.length - faults.length;
    const notes = [
      ...(list.isComplete ? [] : ['The store cannot be reached: its prompts are not among these.']),
      ...(moreFaults > 0 ? [`${counted(moreFaults, 'more file')} are no prompts, or are not read.`] : []),
    ];
    const data = {
      prompts: shown,
      ...(next !== undefined && { next_cursor: next }),
      ...(faults.length > 0 && { faults }),
      ...(notes.length > 0 && { note: notes.join(' ') }),
    };
    return { data, text: describe(data) };
  },
});

/** No more is read than it takes to find them. */
async function firstWith(query: string, prompts: AsyncIterable<LibraryPrompt[]>, most: number) {
  const found: LibraryPrompt[] = [];
  for await (const part of prompts) {
    found.push(...part.filter((prompt) => hasWords(prompt, query)));
    if (found.length >= most) break;
  }
  return found;
}

function toListed({ reference, head, home, version, uses, hides }: ListedPrompt): Listed {
  const { description, arguments: declared, tags, favourite } = head;
  return {
    ...{ name: reference, description: cut(description, 200), home },
    arguments: declared.map(({ name, required }) => (required ? name : `${name}?`)),
    ...(tags.length > 0 && { tags }),
    ...(favourite && { favourite }),
    ...(version !== undefined && { version }),
    ...(uses > 0 && { uses }),
    ...(hides.length > 0 && { hides }),
  };
}

async function showOne(
  name: string,
  { form, project }: { form: 'octant' | ForeignForm; project: string | undefined },
  { library, savedPrompts, job }: Call,
) {
  const { prompt, list, note: doubt } = await library.find(name, job, project);
  const { text, notes } = form === 'octant' ? { text: fileOf(prompt), notes: [] } : toForeign(form, prompt);
  const head = toListed(prompt);
  const versions = fitting(await versionsOf(prompt, list, savedPrompts), maxVersions, 0);
  const said = [...(doubt ? [doubt] : []), ...notes.map((each) => `${each}.`)];
  const file = textPage(text, 0, maxOne - JSON.stringify([head, versions, said]).length);
  const cutNote = `It is cut here; octant://prompts/${prompt.reference} has all of it.`;
  const note = [...said, ...(file.end < text.length ? [cutNote] : [])].join(' ');
  const data = {
    prompts: [head],
    file: file.text,
    ...(versions.length > 0 && { versions }),
    ...(note !== '' && { note }),
  };
  const lines = versions.map(({ version, at, by, uses }) => {
    return `version ${version}: ${at} ${by}${uses === undefined ? '' : `, ${counted(uses, 'use')}`}`;
  });
  return { data, text: [describeRow(head), ...lines, ...(data.note ? [data.note] : []), '', data.file].join('\n') };
}

function fileOf({ name, document, home }: LibraryPrompt): string {
  return toMarkdown(name, document, home === 'global' ? 'global' : 'project');
}

const shownVersions = 20;

async function versionsOf({ name, home }: ListedPrompt, { project }: PromptList, saved: Call['savedPrompts']) {
  const owner = ownerIn(home, project);
  const all = owner === undefined ? [] : await saved.versions(owner, name);
  return all.slice(0, shownVersions).map(({ version, at, by, uses }) => {
    return { version, at: new Date(at).toISOString(), by, ...(uses > 0 && { uses }) };
  });
}

function describe({ prompts, next_cursor: next, faults = [], note }: z.input<typeof output>): string {
  return [
    prompts.length > 0 ? counted(prompts.length, 'prompt') : 'No prompt is like that. Save one with save_prompt.',
    ...prompts.map((prompt) => {
      const takes = prompt.arguments.length > 0 ? ` Takes ${prompt.arguments.join(', ')}.` : '';
      return `${describeRow(prompt)}${takes}`;
    }),
    ...faults.map((fault) => `No prompt: ${fault}`),
    ...(note ? [note] : []),
    ...(next ? [`More with cursor "${next}".`] : []),
  ].join('\n');
}

function describeRow({
  name,
  description,
  home,
  tags = [],
  favourite,
  version,
  uses,
  hides = [],
}: Omit<Listed, 'arguments'>) {
  const notes = [
    home,
    ...(favourite ? ['favourite'] : []),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(uses === undefined ? [] : [counted(uses, 'use')]),
    ...tags.map((tag) => `#${tag}`),
    ...(hides.length > 0 ? [`hides ${hides.map((each) => `the ${each} one`).join(', ')}`] : []),
  ];
  return `${name} (${notes.join('; ')}): ${description}`;
}
