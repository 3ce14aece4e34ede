import { UserError } from '../errors.ts';
import { changePrompt } from './change-prompt.ts';
import { headOf, type PromptHead } from './prompt.ts';

/** A prompt by what it includes. */
export interface Including {
  name: string;
  head: Pick<PromptHead, 'includes'>;
}

/**
 * The prompts that one includes, by itself or by others, and that are not there.
 *
 * @throws UserError `bad_input` where prompts would include each other
 */
export function missingIncludes(prompt: Including, find: (name: string) => Including | undefined): string[] {
  const missing = new Set<string>();
  const sound = new Set<string>();
  visit(prompt, []);
  return [...missing];

  function visit(each: Including, above: readonly string[]) {
    const path = [...above, each.name];
    for (const name of each.head.includes) {
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
export function refuseCircle(name: string, body: string, prompts: readonly Including[]): void {
  const document = changePrompt(name, undefined, { body });
  missingIncludes({ name, head: headOf(document) }, (other) => prompts.find((each) => each.name === other));
}
