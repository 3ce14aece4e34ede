import { counted } from '../../text/count.ts';
import { cut } from '../../text/cut.ts';
import type { Branch, ConversationDocument, Mark } from '../chat.ts';

/* What a change has made of a conversation or a branch, in a few words each: what is true now, and what was before. */

const mostOfText = 80;

export function describeChanges(before: ConversationDocument, after: ConversationDocument): string[] {
  const { title, model, system, metadata, archived } = after;
  return [
    ...(title === before.title ? [] : [`title ${quoted(title)}, not ${quoted(before.title)}`]),
    ...(model === before.model ? [] : [`model ${now(model, before.model)}`]),
    ...(system === before.system
      ? []
      : [system ? `system text of ${counted(system.length, 'character')}` : 'no system text']),
    ...changedKeys(before.metadata, metadata).map(
      (key) => `field ${now(metadata?.[key], before.metadata?.[key], key)}`,
    ),
    ...(archived === before.archived ? [] : [archived ? 'archived' : 'not archived any more']),
    ...describeMarks(before.marks, after.marks),
  ];
}

function changedKeys(before: Record<string, string> = {}, after: Record<string, string> = {}): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
}

const markWords: Record<Mark['kind'], readonly [set: string, gone: string]> = {
  pin: ['pinned', 'not pinned'],
  bookmark: ['bookmarked', 'not bookmarked'],
  start: ['context begins behind', 'context does not begin behind'],
};

function describeMarks(before: ConversationDocument['marks'], after: ConversationDocument['marks']): string[] {
  const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...ids].sort().flatMap((id) => {
    const [old, mark] = [before[id], after[id]];
    const either = mark ?? old;
    const isSame = old !== undefined && mark !== undefined && old.label === mark.label;
    return either && !isSame ? [`${markWords[either.kind][mark ? 0 : 1]} #${either.message}`] : [];
  });
}

/** @param isMain whether each is the main one */
export function describeBranchChanges(
  before: Branch & { isMain: boolean },
  after: Branch & { isMain: boolean },
): string[] {
  const [old, details] = [before.details, after.details];
  return [
    ...(after.name === before.name ? [] : [`named ${quoted(after.name)}, not ${quoted(before.name)}`]),
    ...(after.head === before.head ? [] : [`ends at #${after.head ?? 0}, not #${before.head ?? 0}`]),
    ...(details.model === old.model ? [] : [`model ${now(details.model, old.model)}`]),
    ...(details.context_mode === old.context_mode
      ? []
      : [`context ${now(details.context_mode, old.context_mode ?? 'full')}`]),
    ...(details.description === old.description ? [] : [details.description ? 'described anew' : 'no description']),
    ...(after.status === before.status ? [] : [`${after.status}, not ${before.status}`]),
    ...(after.isMain && !before.isMain ? ['the main branch'] : []),
  ];
}

function now(value: string | undefined, before: string | undefined, of?: string): string {
  const name = of === undefined ? '' : `${quoted(of)} `;
  if (value === undefined) return `${name}taken away, was ${quoted(before ?? '')}`;
  return `${name}${quoted(value)}${before === undefined ? '' : `, not ${quoted(before)}`}`;
}

function quoted(text: string): string {
  return JSON.stringify(cut(text, mostOfText));
}
