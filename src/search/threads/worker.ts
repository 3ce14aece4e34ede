import { hashFiles } from '../../projects/hash-files.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { serveJobs } from '../../projects/job-server.ts';
import { listFiles } from '../../projects/list-files.ts';
import { readFiles } from '../../projects/read-files.ts';
import { readWhole } from '../../projects/read-whole.ts';
import { survey } from '../../projects/survey.ts';
import type { JobMessage } from '../../projects/worker-job.ts';
import { findDamage } from '../../store/find-damage.ts';
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
  listFiles,
  readFiles,
  readWhole,
  survey,
  hashFiles,
  findDamage,
};

/** Inputs and outputs of every job, by name. */
export type Jobs = {
  [Name in keyof typeof jobs]: {
    input: Parameters<(typeof jobs)[Name]>[0];
    output: Awaited<ReturnType<(typeof jobs)[Name]>>;
  };
};

type Message = { [Name in keyof Jobs]: JobMessage<Name, Jobs[Name]['input']> }[keyof Jobs];

serveJobs(run);

function run(message: Message, control: JobControl): unknown {
  switch (message.name) {
    case 'findText':
      return findText(message.input, control);
    case 'siftText':
      return siftText(message.input, control);
    case 'helpSift':
      return helpSift(message.input, control);
    case 'findPaths':
      return findPaths(message.input, control);
    case 'surveySymbols':
      return surveySymbols(message.input, control);
    case 'surveyFuzzySymbols':
      return surveyFuzzySymbols(message.input, control);
    case 'confirmSymbols':
      return confirmSymbols(message.input, control);
    case 'surveyReferences':
      return surveyReferences(message.input, control);
    case 'readUses':
      return readUses(message.input, control);
    case 'listFiles':
      return listFiles(message.input, control);
    case 'readFiles':
      return readFiles(message.input, control);
    case 'readWhole':
      return readWhole(message.input);
    case 'survey':
      return survey(message.input, control);
    case 'hashFiles':
      return hashFiles(message.input, control);
    case 'findDamage':
      return findDamage(message.input);
  }
}
