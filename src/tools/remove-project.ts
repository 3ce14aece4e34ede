import * as z from 'zod';
import { defineTool } from './tool.ts';

export const removeProject = defineTool({
  name: 'remove_project',
  title: 'Remove project',
  description:
    'Stop offering a project. Its tickets and their history are kept, and are there again when it is added again, unless ' +
    'purge removes them for good. Its files are never touched.',
  toolset: 'projects',
  effect: 'destructive',
  input: z.strictObject({
    project: z.string().min(1).max(4096).describe('Id, name or path, as list_projects shows it'),
    purge: z.boolean().default(false).describe('Also remove all that is stored of it; cannot be undone'),
  }),
  output: z.object({ project: z.string(), purged: z.boolean() }),

  async run({ project, purge }, { projects, caller }) {
    const removed = await projects.remove(project, { purge, by: caller.source });
    const kept = purge ? 'All that was stored of it is gone.' : 'What is stored of it is kept.';
    return { data: { project: removed.id, purged: purge }, text: `Project "${removed.id}" is removed. ${kept}` };
  },
});
