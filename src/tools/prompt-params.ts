import * as z from 'zod';
import { scopes } from '../library/markdown.ts';
import { argument, promptFields, promptName } from '../library/prompt.ts';
import type { Project, Projects } from '../projects/registry.ts';

/** Fields that the prompt tools share. */

export const name = promptName;
export const reference = z.string().min(1).max(300).describe('"review-change"');
export const scope = z.enum(scopes).optional();
export const shape = { argument, ...promptFields };

export type MaybeProject = Project | undefined;

/** The project that a change is about; none where the server has none, and nobody names one. */
export async function projectOf(asked: string | undefined, projects: Projects): Promise<Project | undefined> {
  return (await hasNone(asked, projects)) ? undefined : projects.findKept(asked);
}

/** The same for a look, which needs no store: what lies in files is there without. */
export async function projectToRead(asked: string | undefined, projects: Projects): Promise<Project | undefined> {
  return (await hasNone(asked, projects)) ? undefined : projects.find(asked);
}

async function hasNone(asked: string | undefined, projects: Projects): Promise<boolean> {
  return asked === undefined && (await projects.list()).length === 0;
}
