import { counted, formatBytes } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import type { Project } from './registry.ts';
import type { SurveyOutput } from './survey.ts';

/** What a project is, cut to the size of one answer: the data behind `get_project` and the overview resource. */
export function createOverview(project: Project, found: SurveyOutput, others: readonly Project[]) {
  return {
    project: project.id,
    name: project.name,
    root: project.folder.replaceAll('\\', '/'),
    files: found.files,
    bytes: found.bytes,
    languages: found.languages.slice(0, 8),
    entry_points: found.entryPoints.map((path) => cut(path, 120)),
    scripts: found.scripts.slice(0, 15).map(({ run, command }) => ({ run: cut(run, 60), command: cut(command, 80) })),
    tree: found.tree,
    tree_depth: found.treeDepth,
    ...(found.readme && { readme: found.readme.text, readme_file: found.readme.path }),
    commits: found.commits.map(({ id, date, author, subject }) => {
      return { id: id.slice(0, 10), date: date.slice(0, 10), author: cut(author, 40), subject: cut(subject, 72) };
    }),
    other_projects: others.slice(0, 20).map(({ id }) => id),
    complete: found.cut === undefined,
  };
}

export type Overview = ReturnType<typeof createOverview>;

/** What `get_project` shows of the files that most of a project builds on. */
export interface ProjectMap {
  files: ReadonlyArray<{ path: string; symbols: readonly string[] }>;
  /** Why it may lack something, where it may. */
  incompleteBecause?: string;
}

/** The same facts as text, one a line, the most important first. */
export function describeOverview(overview: Overview, map?: ProjectMap): string {
  const { complete, entry_points, languages, other_projects, readme, readme_file, scripts, commits } = overview;
  const sections = [
    `${overview.name}: project "${overview.project}" at ${overview.root}`,
    `${counted(overview.files, 'file')}, ${formatBytes(overview.bytes)}${complete ? '' : ' or more (the walk was cut short)'}`,
    line(
      'Languages',
      languages.map(({ name, files, bytes }) => `${name} ${files} (${formatBytes(bytes)})`),
    ),
    line('Entry points', entry_points),
    block(
      'Scripts',
      scripts.map(({ run, command }) => (command ? `${run}: ${command}` : run)),
    ),
    `Tree (depth ${overview.tree_depth}):\n${overview.tree}`,
    readme ? `${readme_file} begins:\n${readme}` : '',
    block(
      'Commits',
      commits.map(({ id, date, author, subject }) => `${id} ${date} ${author}: ${subject}`),
    ),
    describeMap(map),
    line('Other projects', other_projects),
  ];
  return sections.filter(Boolean).join('\n');
}

function describeMap(map: ProjectMap | undefined): string {
  if (!map) return '';
  const title = map.incompleteBecause ? `Map (not complete: ${map.incompleteBecause})` : 'Map';
  return block(
    `${title}, the most central files and what they define`,
    map.files.map(({ path, symbols }) => (symbols.length > 0 ? `${path}: ${symbols.join(', ')}` : path)),
  );
}

function line(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}: ${items.join(', ')}`;
}

function block(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : [`${title}:`, ...items.map((item) => `  ${item}`)].join('\n');
}
