import { completeProject, listOnePerProject, watchWholeProject } from './per-project.ts';
import { defineResource } from './resource.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://projects/{project}/tree';
const mimeType = 'text/plain';
const deepest = 64;

export const tree = defineResource({
  name: 'project-tree',
  title: 'Project tree',
  description: 'Every folder and file of a project, as far as 100,000 characters reach.',
  uriTemplate,
  mimeType,

  async read({ project }, { projects, workers, job }) {
    const root = await projects.find(project);
    const input = { root, depth: deepest, treeCharacters: 100_000, readmeCharacters: 0, commits: 0 };
    const found = await workers.run('survey', input, job);
    return { mimeType, text: found.tree };
  },

  list(page, call) {
    return listOnePerProject(page, call, (project) => ({
      uri: expandUri(uriTemplate, { project }),
      name: `${project}: tree`,
      mimeType,
    }));
  },

  watch: ({ project }, services, notify) => watchWholeProject(project, services, notify),

  complete: (variable, value, _known, call) => completeProject(variable, value, call),
});
