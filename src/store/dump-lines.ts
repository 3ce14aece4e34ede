import * as z from 'zod';
import { UserError } from '../errors.ts';
import { readJson } from '../text/json.ts';
import { type Line, rows, type Table } from './dump-rows.ts';
import { migrations } from './migrations.ts';

/*
 * An export is a head, lines of one row each, and a foot that counts them, so that a file that was cut short is known. What
 * is of another table than its project comes behind it.
 */

export type Counts = Record<Table, number>;

const head = z.strictObject({ octant: z.literal('export'), schema: z.int() });
/** In an order in which nothing comes before what it refers to; a table that came later is not in an older export. */
const counts = z.strictObject({
  projects: z.int(),
  queues: z.int(),
  tickets: z.int(),
  events: z.int(),
  receipts: z.int().default(0),
  runs: z.int().default(0),
  plans: z.int().default(0),
  plan_revisions: z.int().default(0),
  prompts: z.int().default(0),
  prompt_versions: z.int().default(0),
  prompt_uses: z.int().default(0),
  conversations: z.int().default(0),
  chat_branches: z.int().default(0),
  chat_messages: z.int().default(0),
  chat_turns: z.int().default(0),
  chat_summaries: z.int().default(0),
});
const foot = z.strictObject({ end: counts });
const line: z.ZodType<Line> = z
  .strictObject(rows)
  .partial()
  .refine((parsed) => Object.keys(parsed).length === 1);

export const tables = counts.keyof().options;

export function noCounts(): Counts {
  return counts.parse({ projects: 0, queues: 0, tickets: 0, events: 0 });
}

export function headLine(): string {
  return JSON.stringify({ octant: 'export', schema: migrations.length });
}

export function footLine(end: Counts): string {
  return JSON.stringify({ end });
}

/** Whether a file that begins with this line is one of ours. */
export function isHead(line: string): boolean {
  return head.safeParse(readJson(line.replace(/^\uFEFF/, ''))).success;
}

/** @throws UserError `bad_input` for a line that is none of ours, and for a file that was cut short */
export async function* parseLines(lines: AsyncIterable<string>): AsyncGenerator<Line> {
  const found = noCounts();
  let number = 0;
  let expected: Counts | undefined;
  for await (const text of lines) {
    const content = number === 0 ? text.replace(/^\uFEFF/, '') : text;
    if (content.trim() === '') continue;
    const value = readJson(content);
    if (++number === 1) checkHead(value);
    else if (expected) throw new UserError('bad_input', `Line ${number} stands behind the end of the export.`);
    else {
      const parsed = z.union([line, foot]).safeParse(value);
      if (!parsed.success) throw new UserError('bad_input', `Line ${number} is none of an export of Octant.`);
      if ('end' in parsed.data) expected = parsed.data.end;
      else {
        countLine(parsed.data, found);
        yield parsed.data;
      }
    }
  }
  if (expected && tables.every((table) => expected[table] === found[table])) return;
  throw new UserError('bad_input', 'The export was cut short: its last lines are missing. Nothing was imported.');
}

export function countLine(parsed: Line, counts: Counts): void {
  for (const table of tables) counts[table] += Number(parsed[table] !== undefined);
}

function checkHead(value: unknown) {
  const parsed = head.safeParse(value);
  if (!parsed.success) throw new UserError('bad_input', 'The first line is not the one of an export of Octant.');
  if (parsed.data.schema > migrations.length) {
    throw new UserError('bad_input', 'The export was made by a newer Octant. Update Octant.');
  }
}
