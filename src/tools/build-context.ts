import * as z from 'zod';
import { UserError } from '../errors.ts';
import { asksForSomething, packFormats } from '../pack-flags.ts';
import type { BuiltContext } from '../packing/contexts.ts';
import { levelNames } from '../packing/levels.ts';
import type { PackedItem } from '../packing/pack.ts';
import { visibleLine } from '../text/clean.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { fitting } from '../text/fitting.ts';
import { exclude, project } from './params.ts';
import { defineTool } from './tool.ts';

/** As much as fits into one usual answer, with what is said about it. */
const usual = { budget: 2200, textCharacters: 6200, receiptCharacters: 2600 };
/** Whoever asks for more has room for more about it too. */
const receiptCharacters = 6000;

const names = z.array(z.string().min(1).max(1100)).max(100).default([]);
const item = z.object({
  name: z.string(),
  kind: z.string().optional(),
  shown: z.enum([...levelNames, 'nothing']),
  tokens: z.int(),
  of: z.int(),
  ranges: z.array(z.string()).optional(),
  hash: z.string().optional(),
  redactions: z.int().optional(),
  why: z.string().optional(),
});

type ItemData = z.input<typeof item>;

const output = z.object({
  project: z.string(),
  tokens: z.int(),
  budget: z.int(),
  counted_by: z.string(),
  text: z.string().optional(),
  items: z.array(item),
  more_items: z.int().optional(),
  missed: z.array(item),
  more_missed: z.int().optional(),
  notes: z.array(z.string()).optional(),
});

type Data = z.input<typeof output>;

export const buildContext = defineTool({
  name: 'build_context',
  title: 'Build context',
  description:
    'The most useful text for a task within a token budget: files whole, or their best lines, outlines or names, ' +
    'with costs and what is missed most. For one known file use read_files.',
  toolset: 'files',
  effect: 'read',
  input: z.strictObject({
    task: z.string().max(20_000).default('').describe('To be done; it finds files'),
    paths: names.describe('Files, folders, globs: ["src/a.ts:10-60", "docs/"]'),
    groups: names.describe('Names in .octant/groups.json'),
    exclude,
    ticket: z.string().min(1).max(220).optional().describe('"T-12", with its files'),
    plan: z.string().min(1).max(220).optional().describe('"P-3", likewise'),
    conversation: z.string().min(1).max(320).optional().describe('"C-3", "C-3/branch"'),
    prompts: names.describe('Saved instructions'),
    diff: z.boolean().default(false).describe('Changes since HEAD'),
    tree: z.boolean().default(false).describe('With tokens'),
    budget: z.int().min(1).max(1_000_000).default(usual.budget).describe('Tokens, e.g. 32000'),
    model: z.string().max(200).optional().describe('Whose tokens, e.g. "gpt-5"'),
    format: z.enum(packFormats).default('markdown').describe('Of the text'),
    view: z.enum(['text', 'receipt']).default('text').describe('receipt: without text'),
    project,
  }),
  output,

  async run({ project, view, budget, ...input }, { projects, contexts, caller, job }) {
    if (!asksForSomething(input)) {
      const ways = 'a task, paths, groups, a ticket, a plan, a conversation, prompts, diff or tree';
      throw new UserError('bad_input', `Say what it is for: ${ways}.`);
    }
    const root = await projects.find(project);
    const isUsual = budget <= usual.budget;
    const maxCharacters = isUsual ? usual.textCharacters : undefined;
    const question = { ...input, project: root, budget, maxCharacters, actor: caller.source };
    const built = await contexts.build(question, job);
    const room = view === 'receipt' ? 9000 : isUsual ? usual.receiptCharacters : receiptCharacters;
    const data = toData(root.id, budget, built, room, view === 'text');
    return { data, text: describe(data) };
  },
});

function toData(project: string, budget: number, built: BuiltContext, room: number, withText: boolean): Data {
  const { text, tokens, tokenizer, more, refused } = built;
  const notes = [
    ...refused.map(({ name, code, message }) => `${visibleLine(name)}: ${code}: ${message}`),
    ...(more > 0 ? [`${counted(more, 'more file')} were not looked at; name fewer`] : []),
    ...built.notes,
  ].map((note) => cut(note, 300));
  const shownNotes = fitting(notes, room / 4, 0);
  const items = fitting(built.items.map(toItem), room / 2, 0);
  const missed = fitting(built.missed.map(toItem), room / 4, 0);
  const [moreItems, moreMissed] = [built.items.length - items.length, built.missed.length - missed.length];
  return {
    ...{ project, tokens, budget, counted_by: tokenizer.name },
    ...(withText && { text }),
    items,
    ...(moreItems > 0 && { more_items: moreItems }),
    missed,
    ...(moreMissed > 0 && { more_missed: moreMissed }),
    ...(shownNotes.length > 0 && { notes: shownNotes }),
  };
}

function toItem({ kind, name, level, tokens, of, ranges, hash, redactions, why }: PackedItem): ItemData {
  return {
    name: visibleLine(name),
    ...(kind !== 'file' && { kind }),
    ...{ shown: level ?? 'nothing', tokens, of },
    ...(ranges && { ranges: ranges.map(([from, to]) => `${from}-${to}`) }),
    ...(hash !== undefined && { hash: hash.slice(0, 12) }),
    ...(redactions > 0 && { redactions }),
    ...(kind === 'file' && { why: cut(why, 80) }),
  };
}

function describe({ project, tokens, budget, counted_by, text, notes, ...lists }: Data): string {
  const { items, more_items = 0, missed, more_missed = 0 } = lists;
  const about = text === undefined ? 'would take' : 'takes';
  return [
    `The context of ${project} ${about} ${tokens} of ${budget} tokens, by ${counted_by}.`,
    text ?? '',
    list('In it', items, more_items),
    list('Missed most', missed, more_missed),
    notes ? `Notes:\n${notes.map((note) => `- ${note}`).join('\n')}` : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

function list(title: string, items: readonly ItemData[], more: number): string {
  if (items.length + more === 0) return '';
  const rest = more > 0 ? [`and ${more} more`] : [];
  return [`${title}:`, ...items.map(line), ...rest].join('\n');
}

function line({ name, kind, shown, tokens, of, ranges, hash, redactions, why }: ItemData): string {
  const facts = [
    ranges ? `${shown} ${ranges.join(', ')}` : shown,
    `${tokens} of ${of} tokens`,
    redactions ? counted(redactions, 'secret redacted', 'secrets redacted') : '',
    hash ?? '',
    why ?? '',
  ];
  return `${[kind, name].filter(Boolean).join(' ')}: ${facts.filter(Boolean).join('; ')}`;
}
