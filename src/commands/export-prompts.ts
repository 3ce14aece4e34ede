import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { deadlinesMs } from '../deadlines.ts';
import { StartError } from '../errors.ts';
import { toForeign } from '../library/foreign.ts';
import { toMarkdown } from '../library/markdown.ts';
import { noProject } from '../store/store.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { replaceFile } from './replace-file.ts';
import type { Say } from './say.ts';

/** Folders of prompts that clients and Octant read, by how their paths end. */
const kinds = [
  { end: /(?:^|[/\\])\.octant[/\\]prompts[/\\]?$/, form: 'octant', ending: '.md' },
  { end: /(?:^|[/\\])\.claude[/\\]commands[/\\]?$/, form: 'claude', ending: '.md' },
  { end: /(?:^|[/\\])\.cursor[/\\]rules[/\\]?$/, form: 'cursor', ending: '.mdc' },
] as const;

export function isPromptFolder(path: string): boolean {
  return kinds.some(({ end }) => end.test(path));
}

/** The prompts that can be used in the first project, in the form of the folder; ours and what is there in it are not written. */
export async function exportPromptFolder(folder: string, { library, projects }: Context, say: Say): Promise<void> {
  const kind = kinds.find(({ end }) => end.test(folder));
  if (!kind) throw new StartError(`${folder} is no folder of prompts.`);
  const { form, ending } = kind;
  const job = { signal: new AbortController().signal, budgetMs: deadlinesMs.resource };
  const { prompts } = await library.list((await projects.list())[0], job);
  const isWanted =
    form === 'octant'
      ? (home: string) => home === 'project' || home === 'global'
      : (home: string) => home !== 'built-in';
  const wanted = prompts.filter(({ home }) => isWanted(home));
  mkdirSync(folder, { recursive: true });
  const replaced: string[] = [];
  for (const prompt of wanted) {
    const { name, document } = prompt;
    const { text, notes } =
      form === 'octant' ? { text: toMarkdown(name, document), notes: [] } : toForeign(form, prompt);
    const path = join(folder, `${name}${ending}`);
    if (existsSync(path) && readFileSync(path, 'utf8') !== text) replaced.push(`${name}${ending}`);
    await replaceFile(path, text);
    for (const note of notes) say(`${name}: ${note}.`);
  }
  say(`Wrote ${counted(wanted.length, 'prompt')} to ${folder}.`);
  if (replaced.length > 0) say(`Had other text before: ${cut(replaced.join(', '), 500)}.`);
}

/** `<folder>/<project>/prompts/name.md`, and `<folder>/prompts/name.md` for those of everybody. */
export async function exportPrompts(
  folder: string,
  ids: ReadonlySet<string>,
  { savedPrompts }: Context,
): Promise<number> {
  const { prompts } = await savedPrompts.list([...ids]);
  const wanted = prompts.filter(({ projectId }) => ids.has(projectId));
  for (const { projectId, name, document } of wanted) {
    const isGlobal = projectId === noProject;
    const place = join(folder, isGlobal ? '' : projectId, 'prompts');
    mkdirSync(place, { recursive: true });
    await replaceFile(join(place, `${name}.md`), toMarkdown(name, document, isGlobal ? 'global' : 'project'));
  }
  return wanted.length;
}
