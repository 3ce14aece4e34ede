import { UserError } from '../../errors.ts';
import { type Root, resolveInside } from '../../projects/door.ts';
import { lookAtFolder, sizeOf } from '../../projects/file-look.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { parseProjectPath } from '../../projects/paths.ts';
import { walk } from '../../projects/walk.ts';
import type { WalkCut } from '../../projects/walk-meter.ts';
import { createPathFilter } from '../../text/globs.ts';
import { type FolderSurvey, surveyFolder } from './folder-survey.ts';
import { addFile, createFolderTree, type FileEntry } from './folder-tree.ts';

export interface SurveyTargetsInput {
  root: Root;
  /** Files, folders and globs as a caller wrote them; none means the project. */
  paths: readonly string[];
  /** Whether to list all files of folders too. */
  listsFolders: boolean;
}

export interface SurveyTargetsOutput {
  folders: FolderSurvey[];
  /** Those of them, where they were to be listed, in path order. */
  inFolders: FileEntry[];
  /** As they were written: what is neither a folder nor a glob, be it there or not. */
  named: string[];
  /** In path order, without those named. */
  matched: FileEntry[];
  cut?: WalkCut;
}

/** Tells folders, files and globs apart; by one walk over the project what the folders hold and what the globs match. */
export function surveyTargets(input: SurveyTargetsInput, control: JobControl): SurveyTargetsOutput {
  const { root, listsFolders } = input;
  const { folders, globs, named } = sortOut(root, input.paths);
  const trees = folders.map(createFolderTree);
  const matches = createPathFilter(globs, named);
  const inFolders: FileEntry[] = [];
  const matched: FileEntry[] = [];
  if (trees.length + globs.length === 0) return { folders: [], inFolders, named, matched };

  const entries = walk(root.folder, control.walkBudget);
  let seen = 0;
  let step = entries.next();
  for (; !step.done; step = entries.next()) {
    const { path, kind } = step.value;
    if (kind !== 'file') continue;
    control.progress(++seen, path);
    const isMatch = globs.length > 0 && matches(path);
    const around = trees.filter((tree) => tree.path === '' || path.startsWith(`${tree.path}/`));
    if (!isMatch && around.length === 0) continue;
    const entry = { path, bytes: sizeOf(root, path) };
    if (isMatch) matched.push(entry);
    if (listsFolders && around.length > 0) inFolders.push(entry);
    for (const tree of around) addFile(tree, entry);
  }
  const { cut } = step.value;
  const surveys = trees.map((tree) => surveyFolder(root, tree, control));
  return { folders: surveys, inFolders, named, matched, ...(cut && { cut }) };
}

function sortOut(root: Root, paths: readonly string[]) {
  const folders: string[] = [];
  const globs: string[] = [];
  const named: string[] = [];
  for (const path of new Set(paths.length > 0 ? paths : ['.'])) {
    const folder = folderAt(root, path);
    if (folder !== undefined) folders.push(folder);
    else if (/[*?[{]/.test(path)) globs.push(path);
    else named.push(path);
  }
  return { folders: [...new Set(folders)], globs, named };
}

function folderAt(root: Root, path: string): string | undefined {
  if (/^\.?\/*$/.test(path)) return '';
  try {
    return lookAtFolder(resolveInside(root, path)) ? parseProjectPath(path).replace(/\/$/, '') : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined; // what is wrong with it is told when it is opened as a file
    throw error;
  }
}
