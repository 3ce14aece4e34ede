import { allParts, parseTemplate, type TemplatePart } from './template.ts';

/** The tags of a prompt that another wording of it no longer has; a text that is no template has none. */
export function lostTags(before: string, after: string): string[] {
  const kept = new Set(tagsOf(after));
  return [...new Set(tagsOf(before))].filter((tag) => !kept.has(tag));
}

function tagsOf(body: string): string[] {
  const template = parseTemplate(body);
  return 'fault' in template ? [] : [...allParts(template.parts)].flatMap(tagOf);
}

function tagOf(part: TemplatePart): string[] {
  if ('text' in part) return [];
  if ('name' in part) return [`{{${part.name}}}`];
  if ('when' in part) return [`{{#if ${part.when}}}`];
  if ('include' in part) return [`{{include:${part.include}}}`];
  const { kind, operand } = part.slot;
  return [`{{${kind}${operand && `:${operand}`}}}`];
}
