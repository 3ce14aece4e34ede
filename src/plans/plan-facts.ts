import * as z from 'zod';
import type { FileRole } from '../search/files/file-role.ts';

/** What is there at a path that a plan names. `outside` leaves the project; `closed` may hold secrets. */
export type PathState = 'file' | 'folder' | 'missing' | 'outside' | 'closed';

/** What the linter needs to know of the project; gathered before, so that linting reads nothing. */
export interface PlanFacts {
  /** Of every path of the plan, and of the folders of its new files; '' is the project itself. */
  stateOf(path: string): PathState;
  /** What the file is for, or would be. A `generated` one is written by a program, or is another project's. */
  roleOf(path: string): FileRole;
  /** A file that somebody may have meant by a path where none is. */
  nearestTo?(path: string): string | undefined;
  /** Whether the project has any tests at all; without, none are asked for. */
  hasTests: boolean;
}

const rules = [
  'no_steps',
  'missing_file', // edits or deletes what is not there
  'file_exists', // `new`, but it is there
  'missing_folder', // `new` in a folder that neither is there nor is made by a new file of the plan beside it
  'path_outside',
  'secret_file',
  'generated_file',
  'unknown_dependency',
  'cycle',
  'no_acceptance',
  'vague_acceptance',
  'uncovered_requirement',
  'untested_change',
  'too_large',
  'no_files',
  'duplicate_step',
  'unordered_overlap', // two steps touch one file, and neither waits for the other
  'used_after_delete',
] as const;

/** One thing that is wrong with a plan. An `error` must be mended before the plan can be followed. */
export const finding = z.strictObject({
  rule: z.enum(rules),
  severity: z.enum(['error', 'warning']),
  /** Ids of the steps that it concerns; none for the whole plan. */
  steps: z.array(z.int()),
  /** What is wrong, with the value, and what to do. */
  message: z.string(),
});
export type Finding = z.infer<typeof finding>;
export type Rule = Finding['rule'];
