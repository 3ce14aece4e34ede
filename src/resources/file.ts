import { basename, dirname, join } from 'node:path';
import type { Resource as WireResource } from '@modelcontextprotocol/server';
import { resolveInside } from '../projects/door.ts';
import { language, mimeType } from '../projects/languages.ts';
import { parseProjectPath } from '../projects/paths.ts';
import type { Project } from '../projects/registry.ts';
import { completeProject, findWatched } from './per-project.ts';
import { defineResource } from './resource.ts';
import { suggestFiles } from './suggestions.ts';
import { expandUri } from './uri.ts';

/** Of one resource, in bytes. */
export const maxResourceBytes = 2 * 1024 * 1024;

const uriTemplate = 'octant://projects/{project}/files/{+path}';

export const file = defineResource({
  name: 'project-file',
  title: 'Project file',
  description: 'One file of a project: text as it is, anything else as base64.',
  uriTemplate,

  async read({ project, path }, { projects, workers, job }) {
    const root = await projects.find(project);
    const whole = await workers.run('readWhole', { root, path, maxBytes: maxResourceBytes }, job);
    return whole.kind === 'text'
      ? { mimeType: mimeType(path, true), text: whole.text }
      : { mimeType: mimeType(path, false), blob: whole.base64 };
  },

  /** The files of one project after the other, each in path order. */
  async list({ after, limit }, { projects, workers, job }) {
    const resources: WireResource[] = [];
    for (const { root, path } of startsAfter(after, await projects.list())) {
      const input = { root, after: path, limit: limit - resources.length };
      const { paths, more } = await workers.run('listFiles', input, job);
      resources.push(...paths.map((each) => toWire(root.id, each)));
      if (more) return { resources, after: `${root.id}/${paths.at(-1) ?? ''}` };
    }
    return { resources };
  },

  async watch({ project, path }, { projects, watcher }, notify) {
    const root = await findWatched(project, projects);
    try {
      return root && watcher.watchFile(existingPath(root, path), notify);
    } catch {
      return undefined; // outside the project, or in a folder that is not there
    }
  },

  async complete(variable, value, known, call) {
    return variable === 'path' ? suggestFiles(value, known.project, call) : completeProject(variable, value, call);
  },
});

/** The projects that are still to be listed, and after which path. A position is a project's id, "/" and a path. */
function startsAfter(position: string | undefined, projects: readonly Project[]) {
  if (position === undefined) return projects.map((root) => ({ root, path: undefined }));
  const slash = position.indexOf('/');
  const start = projects.findIndex(({ id }) => id === position.slice(0, slash));
  if (start < 0) return []; // no longer served
  return projects
    .slice(start)
    .map((root, index) => ({ root, path: index === 0 ? position.slice(slash + 1) : undefined }));
}

function toWire(project: string, path: string): WireResource {
  return {
    uri: expandUri(uriTemplate, { project, path }),
    name: path,
    mimeType: mimeType(path, language(path) !== undefined),
  };
}

/** The real path of a file, or where it would be created. */
function existingPath(project: Project, path: string): string {
  try {
    return resolveInside(project, path);
  } catch {
    return join(resolveInside(project, dirname(path)), basename(parseProjectPath(path)));
  }
}
