import * as z from 'zod';
import { UserError } from '../errors.ts';
import { cleanLine, cleanText } from '../text/clean.ts';
import { readJson } from '../text/json.ts';
import { type ForeignTicket, importedReason, statusOf, titleAndOverview } from './foreign.ts';
import type { LinkKind } from './links.ts';
import type { Priority } from './ticket.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const dependency = z.looseObject({ depends_on_id: z.string(), type: text, dep_type: text });
const comment = z.looseObject({ author: text, text, body: text, created_at: text });

const issue = z.looseObject({
  id: z.string(),
  title: z.string(),
  ...{ description: text, design: text, acceptance_criteria: text, notes: text },
  ...{ status: text, issue_type: text, assignee: text, due_at: text },
  priority: z.int().nullish(),
  estimated_minutes: z.number().min(0).nullish(),
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(dependency).nullish(),
  comments: z.array(comment).nullish(),
});

/** P0 to P4. */
const priorities: readonly Priority[] = ['urgent', 'high', 'normal', 'low', 'low'];

/** What does not keep a ticket from being worked on is related. */
const kinds = new Map<string, LinkKind>([
  ['blocks', 'blocked_by'],
  ['conditional-blocks', 'blocked_by'],
  ['waits-for', 'blocked_by'],
  ['parent-child', 'parent'],
  ['duplicates', 'duplicates'],
  ['supersedes', 'supersedes'],
]);

/**
 * The issues of a beads file, `.beads/issues.jsonl` (https://github.com/steveyegge/beads). Deleted ones are left out.
 *
 * @throws UserError `bad_input` naming the line that is no issue
 */
export function fromBeads(lines: readonly string[]): ForeignTicket[] {
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = issue.safeParse(readJson(line));
    if (parsed.success) return parsed.data.status === 'tombstone' ? [] : [toTicket(parsed.data)];
    const [problem] = parsed.error.issues;
    throw new UserError(
      'bad_input',
      `Line ${index + 1} is no beads issue: ${problem?.path.join('.') || 'it'}: ${problem?.message}.`,
    );
  });
}

function toTicket(found: z.infer<typeof issue>): ForeignTicket {
  const { id, title, description, design, acceptance_criteria: criteria, notes, status, issue_type: type } = found;
  const parts = [
    ['', description],
    ['Design', design],
    ['Notes', notes],
  ] as const;
  const labels = [...(found.labels ?? []), ...[type, status].filter((word) => labelled.has(word))];
  return {
    origin: originOf(id),
    change: {
      ...titleAndOverview(title, parts),
      ...{ status: statusOf(status), priority: priorities[found.priority ?? 2] ?? 'normal' },
      labels: labels.map(cleanLine).filter(Boolean),
      ...{ assignee: cleanLine(found.assignee), due: dateOf(found.due_at) },
      estimate: (found.estimated_minutes ?? 0) / 60,
      acceptance: itemsOf(criteria).map((each) => ({ text: each })),
      forceReason: importedReason,
    },
    links: (found.dependencies ?? []).map(({ depends_on_id: other, type: kind, dep_type: oldKind }) => {
      return { kind: kinds.get(kind || oldKind) ?? 'related', origin: originOf(other) };
    }),
    comments: (found.comments ?? []).map((each) => ({
      at: Date.parse(each.created_at) || 0,
      by: cleanLine(each.author) || 'unknown',
      text: cleanText(each.text || each.body),
    })),
  };
}

/** Types and statuses that are none of ours, and that people look for. */
const labelled = new Set(['bug', 'feature', 'epic', 'chore', 'deferred']);

/** A list, an item a line; else one item. */
function itemsOf(criteria: string): string[] {
  const text = cleanText(criteria).trim();
  const items = [...text.matchAll(/^\s*(?:[-*]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.+)$/gm)].map(([, item]) => item ?? '');
  return items.length > 0 ? items : [text].filter(Boolean);
}

function dateOf(time: string): string | undefined {
  return Number.isNaN(Date.parse(time)) ? undefined : new Date(time).toISOString().slice(0, 10);
}

function originOf(id: string): string {
  return `beads:${id}`;
}
