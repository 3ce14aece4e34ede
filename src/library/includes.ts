import { UserError } from '../errors.ts';
import { changePrompt } from './change-prompt.ts';
import type { NamedPrompt } from './markdown.ts';
import { allParts, parseTemplate } from './template.ts';

/**
 * The prompts that one includes, by itself or by others, and that are not there.
 *
 * @throws UserError `bad_input` where prompts would include each other
 */
export function missingIncludes(prompt: NamedPrompt, find: (name: string) => NamedPrompt | undefined): string[] {
  const missing = new Set<string>();
  const sound = new Set<string>();
  visit(prompt, []);
  return [...missing];

  function visit(each: NamedPrompt, above: readonly string[]) {
    const path = [...above, each.name];
    for (const name of includesOf(each)) {
      if (path.includes(name)) {
        throw new UserError('bad_input', `Prompts would include each other: ${[...path, name].join(' > ')}.`);
      }
      const found = find(name);
      if (!found) missing.add(name);
      else if (!sound.has(name)) visit(found, path);
    }
    sound.add(each.name);
  }
}

/** @throws UserError `bad_input` where a prompt with this body would include itself: it could not be rendered */
export function refuseCircle(name: string, body: string, prompts: readonly NamedPrompt[]): void {
  const document = changePrompt(name, undefined, { body });
  missingIncludes({ name, document }, (other) => prompts.find((each) => each.name === other));
}

function includesOf({ document }: NamedPrompt): string[] {
  const template = parseTemplate(document.body);
  const parts = 'fault' in template ? [] : [...allParts(template.parts)];
  return parts.flatMap((part) => ('include' in part ? [part.include] : []));
}
