import type { JobControl } from '../projects/job-control.ts';
import { serveJobs } from '../projects/job-server.ts';
import type { JobMessage } from '../projects/worker-job.ts';
import { createFileSuggester } from './suggest-files.ts';
import { createTextKeeper } from './text-keeper.ts';

const suggestFiles = createFileSuggester();
const { keepText, findKeptText } = createTextKeeper();

/** The program of the one thread that keeps what it has learned of projects; it runs one job at a time. */
const jobs = { suggestFiles, keepText, findKeptText };

/** Inputs and outputs of every job, by name. */
export type IndexJobs = {
  [Name in keyof typeof jobs]: {
    input: Parameters<(typeof jobs)[Name]>[0];
    output: Awaited<ReturnType<(typeof jobs)[Name]>>;
  };
};

type Message = { [Name in keyof IndexJobs]: JobMessage<Name, IndexJobs[Name]['input']> }[keyof IndexJobs];

serveJobs(run);

function run(message: Message, control: JobControl): unknown {
  switch (message.name) {
    case 'suggestFiles':
      return suggestFiles(message.input, control);
    case 'keepText':
      return keepText(message.input);
    case 'findKeptText':
      return findKeptText(message.input, control);
  }
}
