import { createOverview, describeOverview } from '../projects/overview.ts';
import { completeProject, listOnePerProject, watchWholeProject } from './per-project.ts';
import { defineResource } from './resource.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://projects/{project}/overview';
const mimeType = 'text/plain';

export const overview = defineResource({
  name: 'project-overview',
  title: 'Project overview',
  description: 'Languages, sizes, folder tree, entry points, scripts, README head and last commits of a project.',
  uriTemplate,
  mimeType,

  async read({ project }, { projects, workers, job }) {
    const root = await projects.find(project);
    const found = await workers.run(
      'survey',
      { root, depth: 3, treeCharacters: 6000, readmeCharacters: 4000, commits: 10 },
      job,
    );
    const others = (await projects.list()).filter((other) => other.id !== root.id);
    return { mimeType, text: describeOverview(createOverview(root, found, others)) };
  },

  list(page, call) {
    return listOnePerProject(page, call, (project) => ({
      uri: expandUri(uriTemplate, { project }),
      name: `${project}: overview`,
      mimeType,
    }));
  },

  watch: ({ project }, services, notify) => watchWholeProject(project, services, notify),

  complete: (variable, value, _known, call) => completeProject(variable, value, call),
});
