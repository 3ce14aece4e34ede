import { addPath, createTree, drawTree } from '../text/tree.ts';
import type { Root } from './door.ts';
import { sizeOf } from './file-look.ts';
import { findGitDirectory, isOwnRepository } from './git-directory.ts';
import { type Commit, recentCommits } from './git-log.ts';
import type { JobControl } from './job-control.ts';
import { language } from './languages.ts';
import { manifestNames, readEntryPoints, readScripts, type Script } from './manifest.ts';
import { readHead } from './read-head.ts';
import { walk } from './walk.ts';
import type { WalkCut } from './walk-meter.ts';

export interface SurveyInput {
  root: Root;
  /** Levels of the tree to draw. */
  depth: number;
  treeCharacters: number;
  readmeCharacters: number;
  commits: number;
}

export interface SurveyOutput {
  files: number;
  bytes: number;
  /** By bytes, largest first. */
  languages: Array<{ name: string; files: number; bytes: number }>;
  tree: string;
  /** Levels that the drawn tree has, where fewer fitted than were asked for. */
  treeDepth: number;
  entryPoints: string[];
  scripts: Script[];
  /** The head of the README, and where that is. */
  readme?: { path: string; text: string };
  commits: Commit[];
  /** Why the figures are lower bounds, where they are. */
  cut?: WalkCut;
}

const maxManifestBytes = 256 * 1024;
const conventionalEntry =
  /^(src\/|app\/|cmd\/[^/]+\/|bin\/|lib\/)?(index|main|app|server|cli|manage|lib|mod|program|__main__)\.(ts|tsx|js|jsx|mjs|cjs|py|go|rs|java|kt|rb|php|c|cpp|cs|swift|html)$/i;

/** What a project is, from one walk over it and a few small files at its root. */
export function survey(input: SurveyInput, control: JobControl): SurveyOutput {
  const tree = createTree();
  const languages = new Map<string, { name: string; files: number; bytes: number }>();
  const rootNames: string[] = [];
  const conventional: string[] = [];
  let files = 0;
  let bytes = 0;

  const entries = walk(input.root.folder, control.walkBudget);
  let step = entries.next();
  for (; !step.done; step = entries.next()) {
    const { path, kind } = step.value;
    addPath(tree, kind === 'repository' ? `${path}/(a repository of its own)` : path);
    if (kind === 'repository') continue;
    files++;
    control.progress(files, path);
    const size = kind === 'file' ? sizeOf(input.root, path) : 0;
    bytes += size;
    countLanguage(languages, path, size);
    if (!path.includes('/')) rootNames.push(path);
    if (conventional.length < 8 && conventionalEntry.test(path)) conventional.push(path);
  }

  const { text, depth } = drawTree(tree, input.depth, input.treeCharacters);
  const manifests = readManifests(input.root, rootNames);
  const readme = readReadme(input.root, rootNames, input.readmeCharacters);
  const git = findGitDirectory(input.root.folder);
  const { cut } = step.value;
  return {
    files,
    bytes,
    languages: [...languages.values()].sort((a, b) => b.bytes - a.bytes || b.files - a.files),
    tree: text,
    treeDepth: depth,
    entryPoints: [...new Set([...manifests.entryPoints, ...conventional])].slice(0, 12),
    scripts: manifests.scripts,
    ...(readme && { readme }),
    commits: git && isOwnRepository(git) ? recentCommits(git, input.commits) : [],
    ...(cut && { cut }),
  };
}

function countLanguage(
  languages: Map<string, { name: string; files: number; bytes: number }>,
  path: string,
  size: number,
) {
  const name = language(path)?.name ?? 'Other';
  const row = languages.get(name) ?? { name, files: 0, bytes: 0 };
  row.files++;
  row.bytes += size;
  languages.set(name, row);
}

function readManifests(root: Root, rootNames: readonly string[]) {
  const scripts: Script[] = [];
  const entryPoints: string[] = [];
  for (const name of manifestNames.filter((name) => rootNames.includes(name))) {
    const text = readHead(root, name, maxManifestBytes);
    scripts.push(...readScripts(name, text));
    if (name === 'package.json') entryPoints.push(...readEntryPoints(text));
  }
  return { scripts, entryPoints };
}

function readReadme(root: Root, rootNames: readonly string[], maxCharacters: number): SurveyOutput['readme'] {
  const path = rootNames.find((name) => /^readme(\.(md|markdown|rst|txt|adoc))?$/i.test(name));
  const text = path && maxCharacters > 0 ? readHead(root, path, maxCharacters * 4).slice(0, maxCharacters) : '';
  return path && text ? { path, text } : undefined;
}
