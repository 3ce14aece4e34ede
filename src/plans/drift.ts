import type { HashedFile } from '../projects/hash-files.ts';
import type { CommitOnFiles } from '../search/files/look-up-commits.ts';
import type { FilesNow } from './files-now.ts';
import type { PlanDocument, Step, StepFile } from './plan.ts';
import type { StepTicket } from './progress.ts';
import { likeness } from './requirements.ts';

/**
 * What became of the files of a step since it was planned. `done_elsewhere`: all are as the step was to leave them, though
 * no ticket of it says so; `contradicted`: what it was to edit is gone.
 */
export type Drift = 'untouched' | 'touched' | 'done_elsewhere' | 'contradicted';

export interface StepDrift {
  drift: Drift;
  /** Files that are not as they were, each with what happened to it. */
  files: ChangedFile[];
  /** Commits since then that changed these, the newest first. */
  commits: CommitOnFiles[];
}

interface ChangedFile {
  path: string;
  now: FileNow;
}

/** `made` where a file that was to be made is there; `renamed to` where one that is gone is under another path, unchanged. */
export type FileNow = 'same' | 'changed' | 'gone' | 'made' | 'not there yet' | 'unreadable' | `renamed to ${string}`;

/** By step. */
export function findDrift(
  { steps, commit }: PlanDocument,
  tickets: readonly StepTicket[],
  now: FilesNow,
  commits: readonly CommitOnFiles[] = [],
): Map<number, StepDrift> {
  return new Map(
    steps.map((step) => {
      const isWorked = tickets.some((each) => isWorkedOn(each, step));
      const own = commits.filter(({ files }) => step.files.some(({ path }) => files.includes(path)));
      return [step.id, { ...driftOf(step, statesOf(step, commit, now), { isWorked, commits: own }), commits: own }];
    }),
  );
}

/** The share of words that the subject of a commit has in common with a step that it does. */
const sameWork = 0.5;

function isWorkedOn({ step, status }: StepTicket, { id }: Step): boolean {
  return step === id && status !== 'open' && status !== 'cancelled';
}

interface FileState extends ChangedFile {
  file: StepFile;
}

function statesOf({ files }: Step, commit: string | undefined, now: FilesNow): FileState[] {
  return files.map((file) => {
    const { path } = file;
    const place = now.renamed(commit, path);
    return { file, path, now: place === undefined ? nowOf(file, now.at(path)) : `renamed to ${place}` };
  });
}

interface Known {
  isWorked: boolean;
  commits: readonly CommitOnFiles[];
}

function driftOf(
  { title }: Step,
  states: readonly FileState[],
  { isWorked, commits }: Known,
): Omit<StepDrift, 'commits'> {
  const changed = states.filter((each) => each.now !== 'same' && each.now !== 'not there yet');
  const told = changed.map(({ path, now }) => ({ path, now }));
  if (changed.some(({ file, now }) => file.action === 'edit' && now === 'gone')) {
    return { drift: 'contradicted', files: told };
  }
  if (changed.length === 0) return { drift: 'untouched', files: [] };
  // A change of a file for another reason looks like that of the step; one that came or went for another is unlikely.
  const isTelling =
    states.some(({ file }) => file.action !== 'edit') ||
    commits.some(({ subject }) => likeness(subject, title) >= sameWork);
  const isReached = isTelling && states.every((each) => isAsPlanned(each.file, each.now));
  return { drift: isReached && !isWorked ? 'done_elsewhere' : 'touched', files: told };
}

function nowOf({ action, hash }: StepFile, found: HashedFile | undefined): FileNow {
  if (found?.state === 'refused') return 'unreadable';
  if (found?.state !== 'hashed') return hash === undefined ? 'not there yet' : 'gone';
  if (hash === undefined) return 'made';
  return found.digest.hash === hash ? 'same' : action === 'new' ? 'made' : 'changed';
}

function isAsPlanned({ action }: StepFile, now: FileNow): boolean {
  if (action === 'delete') return now === 'gone';
  return action === 'new' ? now === 'made' : now === 'changed' || now === 'made';
}
