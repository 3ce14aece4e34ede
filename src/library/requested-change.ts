import { UserError } from '../errors.ts';
import type { PromptChange } from './change-prompt.ts';
import { fromMarkdown, type NamedPrompt, type Scope } from './markdown.ts';

export interface RequestedChange {
  change: PromptChange;
  scope: Scope | undefined;
}

/** A prompt that came from a file, with the scope that the file gives it. */
type FromFile = Pick<NamedPrompt, 'document'> & { scope?: Scope };

/**
 * What is to change of a prompt. A body that is a whole file says more than its text; what is given beside it counts.
 *
 * @throws UserError `bad_input` for a body that begins as a file does and is none
 */
export function requestedChange(
  name: string,
  given: PromptChange,
  scope: Scope | undefined,
  imported: FromFile | undefined,
): RequestedChange {
  if (imported && given.body !== undefined) throw new UserError('bad_input', 'Give "body" or "from", not both.');
  const file = imported ?? fileIn(name, given.body);
  if (!file) return { change: given, scope };
  const { body: _, ...fields } = given;
  const named = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { change: { ...file.document, ...named }, scope: scope ?? (file.scope === 'global' ? 'global' : undefined) };
}

function fileIn(name: string, body: string | undefined): FromFile | undefined {
  if (body === undefined || !/^---\r?\n/.test(body)) return undefined;
  const file = fromMarkdown(`${name}.md`, body);
  if ('fault' in file) throw new UserError('bad_input', `"body" begins as a file does. ${file.fault}.`);
  return file;
}
