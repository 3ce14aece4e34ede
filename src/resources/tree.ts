import type { Resource } from './resource.ts';

const deepest = 64;

export const tree: Resource = {
  kind: 'tree',
  name: 'project-tree',
  title: 'Project tree',
  description: 'Every folder and file of a project, as far as 100,000 characters reach.',
  uriTemplate: 'octant://projects/{project}/tree',
  mimeType: 'text/plain',

  async read(_target, root, { workers, job }) {
    const input = { root, depth: deepest, treeCharacters: 100_000, readmeCharacters: 0, commits: 0 };
    const found = await workers.run('survey', input, job);
    return { mimeType: 'text/plain', text: found.tree };
  },
};
