import * as z from 'zod';
import { createOverview, describeOverview } from '../projects/overview.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const getProject = defineTool({
  name: 'get_project',
  title: 'Get project',
  description:
    'What a project is: its languages and sizes, folder tree, entry points, scripts, the head of its README and its ' +
    'last commits. Call it first in an unknown project. For one file or text use search_files.',
  toolset: 'files',
  effect: 'read',
  input: z.strictObject({
    project,
    depth: z.int().min(1).max(8).default(2).describe('Levels of the folder tree (1 to 8)'),
    commits: z.int().min(0).max(20).default(5).describe('Recent commits (0 to 20)'),
  }),
  output: z.object({
    project: z.string().describe('The id that other tools take'),
    name: z.string(),
    root: z.string(),
    files: z.int(),
    bytes: z.int(),
    languages: z.array(z.object({ name: z.string(), files: z.int(), bytes: z.int() })),
    entry_points: z.array(z.string()),
    scripts: z.array(z.object({ run: z.string(), command: z.string() })),
    tree: z.string(),
    tree_depth: z.int(),
    readme: z.string().optional().describe('The head of the README'),
    commits: z.array(z.object({ id: z.string(), date: z.string(), author: z.string(), subject: z.string() })),
    other_projects: z.array(z.string()),
    complete: z.boolean().describe('false when a limit cut the walk short and the figures are lower bounds'),
  }),

  async run({ project, depth, commits }, { projects, workers, job }) {
    const root = await projects.find(project);
    const found = await workers.run(
      'survey',
      { root, depth, treeCharacters: 2500, readmeCharacters: 800, commits },
      job,
    );
    const others = (await projects.list()).filter(({ id }) => id !== root.id);
    const data = createOverview(root, found, others);
    return { data, text: describeOverview(data) };
  },
});
