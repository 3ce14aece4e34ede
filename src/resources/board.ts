import { describeBoard } from '../tickets/board.ts';
import { completeProject, findWatched, listOnePerProject } from './per-project.ts';
import { defineResource } from './resource.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://projects/{project}/board';
const mimeType = 'text/markdown';

export const board = defineResource({
  name: 'project-board',
  title: 'Project board',
  description: 'The tickets of a project by status, its queues, and how much is done.',
  uriTemplate,
  mimeType,

  async read({ project }, { projects, tickets }) {
    const root = await projects.findKept(project);
    return { mimeType, text: describeBoard(root.name, await tickets.board(root.id)) };
  },

  list: (page, call) =>
    listOnePerProject(page, call, (project) => {
      return { uri: expandUri(uriTemplate, { project }), name: `${project}: board`, mimeType };
    }),

  async watch({ project }, { projects, tickets }, notify) {
    const root = await findWatched(project, projects);
    return root && tickets.watch((projectId) => projectId === root.id, notify);
  },

  complete: (variable, value, _known, call) => completeProject(variable, value, call),
});
