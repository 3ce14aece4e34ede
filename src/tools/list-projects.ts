import * as z from 'zod';
import { defineTool } from './tool.ts';

const maxListed = 60;

export const listProjects = defineTool({
  name: 'list_projects',
  title: 'List projects',
  description:
    'The projects that this server offers, the default one first, and those that the store knows besides. Other tools ' +
    'take an id, name or path as "project".',
  toolset: 'projects',
  effect: 'read',
  input: z.strictObject({}),
  output: z.object({
    projects: z.array(z.object({ project: z.string(), name: z.string(), root: z.string(), offered: z.boolean() })),
    total: z.int(),
  }),

  async run(_input, { projects }) {
    const offered = await projects.list();
    const folders = new Set(offered.map(({ folder }) => folder));
    const others = (await projects.known()).filter(({ folder }) => !folders.has(folder));
    const all = [
      ...offered.map((each) => ({ ...each, offered: true })),
      ...others.map((each) => ({ ...each, offered: false })),
    ];
    const shown = all.slice(0, maxListed).map(({ id, name, folder, offered }) => {
      return { project: id, name, root: folder.replaceAll('\\', '/').slice(-120), offered };
    });
    const lines = shown.map((each) => `${each.project}: ${each.root}${each.offered ? '' : ' (not offered here)'}`);
    const more = all.length > shown.length ? [`and ${all.length - shown.length} more`] : [];
    return {
      data: { projects: shown, total: all.length },
      text: [...lines, ...more].join('\n') || 'No project. Add one with add_project.',
    };
  },
});
