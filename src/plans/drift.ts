import type { HashedFile } from '../projects/hash-files.ts';
import { currentHashes, type Reading } from '../search/file-hashes.ts';
import type { PlanDocument, Step, StepFile } from './plan.ts';

/**
 * What became of the files of a step since it was planned. `done_elsewhere`: all are as the step was to leave them, though
 * no ticket of it says so; `contradicted`: what it was to edit is gone.
 */
export type Drift = 'untouched' | 'touched' | 'done_elsewhere' | 'contradicted';

export interface StepDrift {
  drift: Drift;
  /** Files that are not as they were, each with what happened to it. */
  files: Array<{ path: string; now: FileNow }>;
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

/** By step. */
export function findDrift(
  { steps }: PlanDocument,
  tickets: readonly StepTicket[],
  now: FilesNow,
): Map<number, StepDrift> {
  return new Map(
    steps.map((step) => [
      step.id,
      driftOf(
        step,
        now,
        tickets.some((each) => isWorkedOn(each, step)),
      ),
    ]),
  );
}

function isWorkedOn({ step, status }: StepTicket, { id }: Step): boolean {
  return step === id && status !== 'open' && status !== 'cancelled';
}

function driftOf({ files }: Step, now: FilesNow, isWorkedOn: boolean): StepDrift {
  const states = files.map((file) => ({ file, path: file.path, now: nowOf(file, now.get(file.path)) }));
  const changed = states.filter((each) => each.now !== 'same' && each.now !== 'not there yet');
  const told = changed.map(({ path, now }) => ({ path, now }));
  if (changed.some(({ file, now }) => file.action === 'edit' && now === 'gone')) {
    return { drift: 'contradicted', files: told };
  }
  if (changed.length === 0) return { drift: 'untouched', files: [] };
  // A change of a file for another reason looks like that of the step; one that came or went for another is unlikely.
  const isTelling = states.some(({ file }) => file.action !== 'edit');
  const isReached = isTelling && states.every((each) => isAsPlanned(each.file, each.now));
  return { drift: isReached && !isWorkedOn ? 'done_elsewhere' : 'touched', files: told };
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
