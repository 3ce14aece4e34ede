import { isOfProject, type LibraryPrompt } from './homes.ts';
import type { Scope } from './markdown.ts';

export interface PromptFilter {
  /** Words that it has, in whatever order. */
  query: string;
  tag?: string | undefined;
  scope?: Scope | undefined;
}

export function isMeant({ name, document, home }: LibraryPrompt, { query, tag, scope }: PromptFilter): boolean {
  if (scope !== undefined && isOfProject(home) !== (scope === 'project')) return false;
  const { title, description, tags, body } = document;
  if (tag !== undefined && !tags.some((each) => each.toLowerCase() === tag.toLowerCase())) return false;
  const text = [name, title, description, ...tags, body].join('\n').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Favourites first, then by name. */
export function orderOf({ document, reference }: LibraryPrompt): string {
  return `${document.favourite ? 0 : 1}${reference}`;
}
