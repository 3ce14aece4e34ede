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
  const list = await library.list((await projects.list())[0], job);
  const isWanted =
    form === 'octant'
      ? (home: string) => home === 'project' || home === 'global'
      : (home: string) => home !== 'built-in';
  const wanted = list.prompts.filter(({ home }) => isWanted(home));
  mkdirSync(folder, { recursive: true });
  const replaced: string[] = [];
  let written = 0;
  for await (const part of library.read(list, wanted)) {
    for (const prompt of part) {
      const { name, document } = prompt;
      const { text, notes } =
        form === 'octant' ? { text: toMarkdown(name, document), notes: [] } : toForeign(form, prompt);
      const path = join(folder, `${name}${ending}`);
      if (existsSync(path) && readFileSync(path, 'utf8') !== text) replaced.push(`${name}${ending}`);
      await replaceFile(path, text);
      for (const note of notes) say(`${name}: ${note}.`);
      written++;
    }
  }
  say(`Wrote ${counted(written, 'prompt')} to ${folder}.`);
  if (replaced.length > 0) say(`Had other text before: ${cut(replaced.join(', '), 500)}.`);
}

/** Prompts that are in memory at a time. */
const mostWhole = 200;

/** `<folder>/<project>/prompts/name.md`, and `<folder>/prompts/name.md` for those of everybody. */
export async function exportPrompts(
  folder: string,
  ids: ReadonlySet<string>,
  { savedPrompts }: Context,
): Promise<number> {
  const { prompts } = await savedPrompts.list([...ids]);
  const wanted = prompts.filter(({ projectId }) => ids.has(projectId));
  let written = 0;
  for (let at = 0; at < wanted.length; at += mostWhole) {
    for (const { projectId, name, document } of await savedPrompts.read(wanted.slice(at, at + mostWhole))) {
      const isGlobal = projectId === noProject;
      const place = join(folder, isGlobal ? '' : projectId, 'prompts');
      mkdirSync(place, { recursive: true });
      await replaceFile(join(place, `${name}.md`), toMarkdown(name, document, isGlobal ? 'global' : 'project'));
      written++;
    }
  }
  return written;
}
