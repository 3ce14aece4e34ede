import { UserError } from '../errors.ts';
import type { Project } from '../projects/registry.ts';
import type { Home } from './homes.ts';
import type { Scope } from './markdown.ts';
import type { Owner, SavedPrompts } from './saved-prompts.ts';

/**
 * Where the store has a prompt, a deleted one if there is no other, or where it is to have it.
 *
 * @throws UserError `no_project` for a project's prompt where there is none
 */
export async function findOwner(
  name: string,
  scope: Scope | undefined,
  project: Project | undefined,
  saved: SavedPrompts,
): Promise<Owner> {
  if (scope === 'global' || (scope === undefined && project === undefined)) return 'global';
  if (project === undefined) throw new UserError('no_project', 'This server has no project. Give scope "global".');
  if (scope === 'project') return project;
  const ofProject = await saved.head(project, name);
  const ofAll = await saved.head('global', name);
  if (ofProject && !ofProject.isDeleted) return project;
  return ofAll && !(ofProject && ofAll.isDeleted) ? 'global' : project;
}

/** Whose a prompt of this home is in the store; undefined for what is not in it. */
export function ownerIn(home: Home, project: Project | undefined): Owner | undefined {
  if (home === 'global') return 'global';
  return home === 'project' ? project : undefined;
}

export function homeOf(owner: Owner): Home {
  return owner === 'global' ? 'global' : 'project';
}
