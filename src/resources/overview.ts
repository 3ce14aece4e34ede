import { createOverview, describeOverview } from '../projects/overview.ts';
import type { Resource } from './resource.ts';

export const overview: Resource = {
  kind: 'overview',
  name: 'project-overview',
  title: 'Project overview',
  description: 'Languages, sizes, folder tree, entry points, scripts, README head and last commits of a project.',
  uriTemplate: 'octant://projects/{project}/overview',
  mimeType: 'text/plain',

  async read(_target, root, { projects, workers, job }) {
    const found = await workers.run(
      'survey',
      { root, depth: 3, treeCharacters: 6000, readmeCharacters: 4000, commits: 10 },
      job,
    );
    const others = projects.list().filter((other) => other !== root);
    return { mimeType: 'text/plain', text: describeOverview(createOverview(root, found, others)) };
  },
};
