import type { HashedFile } from '../projects/hash-files.ts';
import { currentHashes, type Reading } from '../search/file-hashes.ts';
import type { CommitOnFiles } from '../search/files/look-up-commits.ts';
import type { Plan, PlanDocument, Step, StepFile } from './plan.ts';
import { likeness } from './requirements.ts';

/**
 * What became of the files of a step since it was planned. `done_elsewhere`: all are as the step was to leave them, though
 * no ticket of it says so; `contradicted`: what it was to edit is gone.
 */
export type Drift = 'untouched' | 'touched' | 'done_elsewhere' | 'contradicted';

export interface StepDrift {
  drift: Drift;
  /** Files that are not as they were, each with what happened to it. */
  files: Array<{ path: string; now: FileNow }>;
  /** Commits since then that changed these, the newest first. */
  commits: CommitOnFiles[];
}

/** `made` where a file that was to be made is there. */
export type FileNow = 'same' | 'changed' | 'gone' | 'made' | 'not there yet' | 'unreadable';

/** A ticket that was made of a step. */
export interface StepTicket {
  step: number;
  /** `T-12` */
  id: string;
  status: string;
}

/** The tickets that cite steps of a plan, as the store of tickets knows them. */
export function toStepTickets(
  tickets: ReadonlyArray<{ planStep: string; number: number; status: string }>,
): StepTicket[] {
  return tickets.map(({ planStep, number, status }) => {
    return { step: Number(planStep.slice(planStep.indexOf('/') + 1)), id: `T-${number}`, status };
  });
}

/** What there is now of each file that some plans name. */
export type FilesNow = ReadonlyMap<string, HashedFile | undefined>;

export async function readFilesNow(documents: readonly PlanDocument[], reading: Reading): Promise<FilesNow> {
  const files = documents.flatMap(({ steps }) => steps).flatMap((step) => step.files);
  const paths = [...new Set(files.map(({ path }) => path))];
  const found = await currentHashes(paths, reading);
  return new Map(paths.map((path, index) => [path, found[index]]));
}

/** The commits since a plan was made that changed its files. */
export async function readCommits(
  { document, createdAt }: Pick<Plan, 'document' | 'createdAt'>,
  { project, workers, job }: Reading,
): Promise<CommitOnFiles[]> {
  const paths = document.steps.flatMap(({ files }) => files).map(({ path }) => path);
  if (document.commit === undefined || paths.length === 0) return [];
  const input = { root: project, since: document.commit, after: Math.floor(createdAt / 1000), paths };
  return workers.run('lookUpCommits', input, job);
}

/** By step. */
export function findDrift(
  { steps }: PlanDocument,
  tickets: readonly StepTicket[],
  now: FilesNow,
  commits: readonly CommitOnFiles[] = [],
): Map<number, StepDrift> {
  return new Map(
    steps.map((step) => {
      const isWorked = tickets.some((each) => isWorkedOn(each, step));
      const own = commits.filter(({ files }) => step.files.some(({ path }) => files.includes(path)));
      return [step.id, { ...driftOf(step, now, { isWorked, commits: own }), commits: own }];
    }),
  );
}

/** The share of words that the subject of a commit has in common with a step that it does. */
const sameWork = 0.5;

function isWorkedOn({ step, status }: StepTicket, { id }: Step): boolean {
  return step === id && status !== 'open' && status !== 'cancelled';
}

interface Known {
  isWorked: boolean;
  commits: readonly CommitOnFiles[];
}

function driftOf({ title, files }: Step, now: FilesNow, { isWorked, commits }: Known): Omit<StepDrift, 'commits'> {
  const states = files.map((file) => ({ file, path: file.path, now: nowOf(file, now.get(file.path)) }));
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

/** `3 of 5 steps done, 1 in progress`: what the tickets of the steps say. */
export interface Progress {
  steps: number;
  done: number;
  in_progress: number;
  /** Steps that have tickets. */
  with_tickets: number;
}

export function progressOf({ steps }: PlanDocument, tickets: readonly StepTicket[]): Progress {
  const states = steps.map(({ id }) => stateOf(tickets.filter(({ step }) => step === id)));
  const count = (state: string) => states.filter((each) => each === state).length;
  return {
    ...{ steps: steps.length, done: count('done'), in_progress: count('in_progress') },
    with_tickets: states.filter((state) => state !== 'none').length,
  };
}

/** Steps that can be worked on now: not done, nobody is at them, and all that they wait for is done. */
export function readySteps({ steps }: PlanDocument, tickets: readonly StepTicket[]): number[] {
  const state = new Map(steps.map(({ id }) => [id, stateOf(tickets.filter(({ step }) => step === id))]));
  const isDone = (id: number) => !state.has(id) || state.get(id) === 'done';
  const open = steps.filter(({ id }) => state.get(id) === 'none' || state.get(id) === 'open');
  return open.filter(({ depends_on }) => depends_on.every(isDone)).map(({ id }) => id);
}

/** Of a step, by its tickets; a cancelled one tells nothing. */
export function stateOf(tickets: readonly StepTicket[]): 'none' | 'open' | 'in_progress' | 'done' {
  const live = tickets.filter(({ status }) => status !== 'cancelled');
  if (live.length === 0) return 'none';
  if (live.every(({ status }) => status === 'done')) return 'done';
  return live.some(({ status }) => status === 'in_progress' || status === 'done') ? 'in_progress' : 'open';
}
