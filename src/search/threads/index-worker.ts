import type { JobControl } from '../../projects/job-control.ts';
import { serveJobs } from '../../projects/job-server.ts';
import type { JobMessage } from '../../projects/worker-job.ts';
import { createTextKeeper } from '../live/text-keeper.ts';

const { keepText, findKeptText, filesHolding } = createTextKeeper();

/** The program of the one thread that keeps the text of projects, to search in it; it runs one job at a time. */
const jobs = { keepText, findKeptText, filesHolding };

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
    case 'keepText':
      return keepText(message.input);
    case 'findKeptText':
      return findKeptText(message.input, control);
    case 'filesHolding':
      return filesHolding(message.input, control);
  }
}
