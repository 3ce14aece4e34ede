import * as z from 'zod';
import { cleanLine } from '../text/clean.ts';
import { defineTool } from './tool.ts';

export const addProject = defineTool({
  name: 'add_project',
  title: 'Add project',
  description:
    'Offer a folder as a project from now on, in every Octant server on this store that has the toolset projects.',
  toolset: 'projects',
  effect: 'write',
  input: z.strictObject({
    path: z.string().min(1).max(4096).describe('Absolute path of the folder'),
    name: z.string().min(1).max(100).transform(cleanLine).optional().describe("Default: the folder's own name"),
  }),
  output: z.object({ project: z.string(), name: z.string(), root: z.string() }),

  async run({ path, name }, { projects, caller }) {
    const added = await projects.add(path, name || undefined, caller.source);
    const data = { project: added.id, name: added.name, root: added.folder.replaceAll('\\', '/') };
    return { data, text: `Project "${data.project}" (${data.name}) is ${data.root}.` };
  },
});
