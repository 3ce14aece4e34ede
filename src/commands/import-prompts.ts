import type { Context } from '../context.ts';
import { StartError } from '../errors.ts';
import type { readPromptFile } from '../library/foreign.ts';
import { toMarkdown } from '../library/markdown.ts';
import { noProject } from '../store/store.ts';
import { counted } from '../text/count.ts';
import type { Say } from './say.ts';

export type PromptInFile = { path: string } & NonNullable<ReturnType<typeof readPromptFile>>;

/** Those of everybody are everybody's again, the others the first project's. One that is there as it is stays so. */
export async function importPrompts(found: readonly PromptInFile[], { projects, savedPrompts }: Context, say: Say) {
  const faults = found.filter((each) => 'fault' in each);
  const [first] = faults;
  if (first) throw new StartError(`${first.path}: ${first.fault}. Nothing was imported.`);
  const prompts = found.flatMap((each) => ('fault' in each ? [] : [each]));
  const project = prompts.some(({ scope }) => scope === 'project') ? await projects.findKept(undefined) : undefined;
  const listed = await savedPrompts.list(project ? [project.id] : []);
  const names = new Set(prompts.map(({ name }) => name));
  const there = await savedPrompts.read(listed.prompts.filter(({ name }) => names.has(name)));
  const known = new Set(there.map(({ projectId, name, document }) => keyOf(projectId, toMarkdown(name, document))));
  let added = 0;
  for (const { name, scope, document } of prompts) {
    const owner = scope === 'global' || !project ? 'global' : project;
    if (known.has(keyOf(owner === 'global' ? noProject : owner.id, toMarkdown(name, document)))) continue;
    await savedPrompts.save(owner, name, () => document, { source: 'human' });
    added++;
  }
  const same = prompts.length - added;
  say(
    `Imported ${counted(added, 'prompt')}${project ? ` into ${project.id}` : ''}${same > 0 ? `; ${same} were there already` : ''}.`,
  );
  const notes = prompts.flatMap(({ path, notes: said }) => said.map((note) => `${path}: ${note}.`));
  for (const note of notes.slice(0, 20)) say(note);
  if (notes.length > 20) say(`and ${notes.length - 20} more.`);
}

function keyOf(owner: string, text: string): string {
  return `${owner} ${text}`;
}
