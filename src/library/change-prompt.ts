import { UserError } from '../errors.ts';
import {
  completePrompt,
  descriptionOf,
  type PromptArgument,
  type PromptDocument,
  type PromptFields,
} from './prompt.ts';
import { argumentNames } from './template.ts';

/** What somebody gives of a prompt; the rest stays as it was. */
export type PromptChange = PromptFields & { body?: string | undefined };

/**
 * A prompt with a change, or a new one.
 *
 * @throws UserError `bad_input` naming the field that is wrong
 */
export function changePrompt(name: string, before: PromptDocument | undefined, change: PromptChange): PromptDocument {
  const body = change.body ?? before?.body;
  if (body === undefined)
    throw new UserError('bad_input', `There is no prompt ${name} in the store yet. Give its "body".`);
  const given = change.arguments ?? (before && argumentsFor(body, before));
  const made = completePrompt(
    name,
    {
      title: change.title ?? before?.title,
      description: change.description ?? (before && saidOf(before)),
      tags: change.tags ?? before?.tags,
      favourite: change.favourite ?? before?.favourite,
      arguments: given,
    },
    body,
  );
  if ('fault' in made) throw new UserError('bad_input', `The prompt ${name}: ${made.fault}.`);
  return made;
}

/** Of a new body: what is said already of the arguments that it names still holds. */
function argumentsFor(body: string, before: PromptDocument): PromptArgument[] | undefined {
  if (body === before.body) return before.arguments;
  const named = argumentNames(body);
  if ('fault' in named) return undefined;
  const names = named.names.map(({ name }) => name);
  const kept = before.arguments.filter(({ name }) => names.includes(name) || body.includes(`:${name}`));
  const added = named.names.filter(({ name }) => !kept.some((each) => each.name === name));
  return [...kept, ...added];
}

/** A description that was taken from the body goes with it. */
function saidOf({ description, body }: PromptDocument): string | undefined {
  return description === descriptionOf(body) ? undefined : description;
}
