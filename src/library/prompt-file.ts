import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../errors.ts';
import { fromMarkdown, type NamedPrompt } from './markdown.ts';

/**
 * Reads every `*.md` of a folder, in the order of their names.
 *
 * @throws StartError naming the file and the field that is wrong.
 */
export function loadPrompts(folder: string): NamedPrompt[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => parsePrompt(name, readFileSync(join(folder, name), 'utf8')));
}

function parsePrompt(fileName: string, text: string): NamedPrompt {
  const parsed = fromMarkdown(fileName, text);
  if ('fault' in parsed) throw new StartError(`prompts/${fileName}: ${parsed.fault}.`);
  return { name: parsed.name, document: parsed.document };
}
