import { readConventions } from '../../projects/conventions.ts';
import { findMoved } from '../../projects/find-moved.ts';
import { hashFiles } from '../../projects/hash-files.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { type JobTableOf, serveJobs } from '../../projects/job-server.ts';
import { listFiles } from '../../projects/list-files.ts';
import { readFiles } from '../../projects/read-files.ts';
import { readFolder } from '../../projects/read-folder.ts';
import { readWhole } from '../../projects/read-whole.ts';
import { survey } from '../../projects/survey.ts';
import { findDamage } from '../../store/find-damage.ts';
import { lookUpCommits } from '../files/look-up-commits.ts';
import { lookUpFiles } from '../files/look-up-files.ts';
import { type OutlineFilesInput, outlineFiles as outlineFilesWith } from '../outlines/outline-files.ts';
import { surveyTargets } from '../outlines/survey-targets.ts';
import { createPathFinder } from '../paths/find-paths.ts';
import { type ConfirmSymbolsInput, confirmSymbols as confirmSymbolsWith } from '../symbols/confirm-symbols.ts';
import { readUses, surveyReferences } from '../symbols/find-references.ts';
import { surveyFuzzySymbols, surveySymbols } from '../symbols/find-symbols.ts';
import { createSyntax } from '../symbols/syntax.ts';
import { findText } from '../text/find-text.ts';
import { createTextSifter } from '../text/sift-text.ts';

const findPaths = createPathFinder();
const { siftText, helpSift } = createTextSifter();
const syntax = createSyntax();
const confirmSymbols = (input: ConfirmSymbolsInput, control: JobControl) => confirmSymbolsWith(input, syntax, control);
const outlineFiles = (input: OutlineFilesInput, control: JobControl) => outlineFilesWith(input, syntax, control);

/** The program of a worker thread, which runs one job at a time. */
const jobs = {
  findText,
  siftText,
  helpSift,
  findPaths,
  surveySymbols,
  surveyFuzzySymbols,
  confirmSymbols,
  surveyReferences,
  readUses,
  outlineFiles,
  surveyTargets,
  lookUpFiles,
  lookUpCommits,
  listFiles,
  readFiles,
  readFolder,
  readWhole,
  survey,
  readConventions,
  hashFiles,
  findMoved,
  findDamage,
};

export type Jobs = JobTableOf<typeof jobs>;

serveJobs(jobs);
