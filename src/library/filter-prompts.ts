import { isOfProject, type LibraryPrompt, type ListedPrompt } from './homes.ts';
import type { Scope } from './markdown.ts';

export interface PromptFilter {
  tag?: string | undefined;
  scope?: Scope | undefined;
}

export function isMeant({ head, home }: ListedPrompt, { tag, scope }: PromptFilter): boolean {
  if (scope !== undefined && isOfProject(home) !== (scope === 'project')) return false;
  return tag === undefined || head.tags.some((each) => each.toLowerCase() === tag.toLowerCase());
}

/** Whether it has all words of a query, in whatever order. */
export function hasWords({ name, document }: LibraryPrompt, query: string): boolean {
  const { title, description, tags, body } = document;
  const text = [name, title, description, ...tags, body].join('\n').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Favourites first, then by name. */
export function orderOf({ head, reference }: ListedPrompt): string {
  return `${head.favourite ? 0 : 1}${reference}`;
}
