import type { Project } from '../projects/registry.ts';
import { noProject } from '../store/store.ts';
import type { PromptDocument, PromptHead } from './prompt.ts';
import { type ListedRow, type PromptUses, promptKey } from './prompt-rows.ts';

/**
 * Where prompts are kept. Of prompts with one name the first of these homes has the one that counts: what is a project's
 * before what is everybody's, and a file, which people see and share, before what the store has.
 */
export const homes = ['project file', 'project', 'user file', 'global', 'built-in'] as const;
export type Home = (typeof homes)[number];

/** Of a project. */
export const promptFolder = '.octant/prompts';

export interface ListedPrompt {
  name: string;
  head: PromptHead;
  /** All of it; what lies in the store is read when it is needed. */
  document?: PromptDocument;
  home: Home;
  /** How a caller names it: `name`, or `shop.name` where it is of another project than the default one. */
  reference: string;
  /** Of a file. */
  path?: string;
  /** In the store. */
  version?: number;
  /** In this home; of what is in the store, of all its versions. */
  uses: number;
  /** Where another of its name is kept, which it hides. */
  hides: Home[];
  /** Where the one is kept that hides it. */
  hiddenBy?: Home;
}

export type LibraryPrompt = ListedPrompt & { document: PromptDocument };

/** All prompts that can be used in a project. */
export interface PromptList {
  project: Project | undefined;
  /** By name. */
  prompts: ListedPrompt[];
  hidden: ListedPrompt[];
  /** Files that are no prompts. */
  faults: Array<{ path: string; fault: string }>;
  /** False where the store could not tell its own. */
  isComplete: boolean;
}

/** A prompt as it is found in its home. */
export type Found = Pick<ListedPrompt, 'name' | 'head' | 'document' | 'home' | 'path' | 'version'>;

export function ofStore({ projectId, ...listed }: ListedRow): Found {
  return { ...listed, home: projectId === noProject ? 'global' : 'project' };
}

/** Whether prompts of this home are of one project. */
export function isOfProject(home: Home): boolean {
  return home === 'project file' || home === 'project';
}

/** Whether the store may have a prompt that hides this one. */
export function mayBeHidden(
  { home }: ListedPrompt,
  { project, isComplete }: Pick<PromptList, 'project' | 'isComplete'>,
): boolean {
  return !isComplete && homes.indexOf(home) > homes.indexOf(project ? 'project' : 'global');
}

/** Said where a prompt is saved and another one of its name counts. */
export function hiddenNote(name: string, list: Pick<PromptList, 'prompts' | 'hidden'>, home: Home): string | undefined {
  const hidden = list.hidden.find((each) => each.name === name && each.home === home);
  const winner = hidden && list.prompts.find((each) => each.name === name);
  return winner && `It is hidden by ${describeHome(winner)}.`;
}

/** Said where a prompt is saved under the name of a built-in one, which nobody sees from then on. */
export function hidesNote(name: string, list: Pick<PromptList, 'prompts'>, home: Home): string | undefined {
  const winner = list.prompts.find((each) => each.name === name && each.home === home);
  return winner?.hides.includes('built-in') ? "It hides Octant's own prompt of this name." : undefined;
}

export function describeHome({ home, path }: Pick<ListedPrompt, 'home' | 'path'>): string {
  if (home === 'project file') return `the file ${path}`;
  if (home === 'user file') return `the user's own file ${path}`;
  if (home === 'built-in') return "Octant's own";
  return home === 'global' ? 'the one of all projects' : "the project's own in the store";
}

export function rankHomes(
  found: readonly Found[],
  { project, isDefault, uses }: { project: Project | undefined; isDefault: boolean; uses: PromptUses },
): Pick<PromptList, 'prompts' | 'hidden'> {
  const byName = Map.groupBy(found, ({ name }) => name);
  const prompts: ListedPrompt[] = [];
  const hidden: ListedPrompt[] = [];
  for (const name of [...byName.keys()].sort()) {
    const same = [...(byName.get(name) ?? [])].sort((a, b) => homes.indexOf(a.home) - homes.indexOf(b.home));
    const [first, ...others] = same.map((each) => toListed(each));
    if (!first) continue;
    prompts.push({ ...first, hides: others.map(({ home }) => home) });
    hidden.push(...others.map((each) => ({ ...each, hiddenBy: first.home })));
  }
  return { prompts, hidden };

  function toListed(each: Found): ListedPrompt {
    const owner = isOfProject(each.home) && project ? project.id : noProject;
    const reference = isOfProject(each.home) && project && !isDefault ? `${project.id}.${each.name}` : each.name;
    return { ...each, reference, hides: [], uses: uses.get(promptKey(owner, each.name))?.[countedAs(each.home)] ?? 0 };
  }
}

function countedAs(home: Home): 'stored' | 'file' | 'octant' {
  if (home === 'built-in') return 'octant';
  return home === 'project' || home === 'global' ? 'stored' : 'file';
}
