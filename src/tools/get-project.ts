import * as z from 'zod';
import { createOverview, describeOverview } from '../projects/overview.ts';
import type { MapProjectOutput } from '../search/task/map-project.ts';
import { charactersPerToken } from '../text/estimate-tokens.ts';
import { fitting } from '../text/fitting.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

export const getProject = defineTool({
  name: 'get_project',
  title: 'Get project',
  description:
    'What a project is: its languages and sizes, folder tree, entry points, scripts, the head of its README, its ' +
    'last commits and most central files. Call it first in an unknown project. For one file or text use search_files.',
  toolset: 'files',
  effect: 'read',
  input: z.strictObject({
    project,
    depth: z.int().min(1).max(8).default(2).describe('Levels of the folder tree (1 to 8)'),
    commits: z.int().min(0).max(20).default(5).describe('Recent commits (0 to 20)'),
    map_tokens: z.int().min(0).max(1500).default(400).describe('Size of the map of central files'),
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
    readme: z.string().optional().describe('The head of readme_file'),
    readme_file: z.string().optional(),
    commits: z.array(z.object({ id: z.string(), date: z.string(), author: z.string(), subject: z.string() })),
    map: z.array(z.object({ path: z.string(), symbols: z.array(z.string()) })).optional(),
    map_incomplete: z.string().optional(),
    other_projects: z.array(z.string()),
    complete: z.boolean().describe('false when a limit cut the walk short and the figures are lower bounds'),
  }),

  async run({ project, depth, commits, map_tokens }, { projects, workers, taskIndexer, job }) {
    const root = await projects.find(project);
    const characters = map_tokens * charactersPerToken;
    const survey = { root, depth, treeCharacters: 2500, readmeCharacters: 800, commits };
    const [found, mapped] = await Promise.all([
      workers.run('survey', survey, job),
      characters > 0 ? taskIndexer.run('mapProject', { root, characters }, job) : undefined,
    ]);
    const others = (await projects.list()).filter(({ id }) => id !== root.id);
    const overview = createOverview(root, found, others);
    const map = mapped && fittingMap(mapped, maxCharacters - JSON.stringify(overview).length);
    const { files, incompleteBecause } = map ?? {};
    const data = {
      ...overview,
      ...(files && { map: [...files] }),
      ...(incompleteBecause && { map_incomplete: incompleteBecause }),
    };
    return { data, text: describeOverview(overview, map) };
  },
});

const maxCharacters = 9500;

function fittingMap({ files, incompleteBecause }: MapProjectOutput, room: number): MapProjectOutput {
  const kept = fitting(files, room, 0);
  const noRoom = kept.length < files.length ? 'no room for more; ask for fewer commits or levels' : '';
  const reason = [incompleteBecause, noRoom].filter(Boolean).join('; ');
  return { files: kept, ...(reason && { incompleteBecause: reason }) };
}
