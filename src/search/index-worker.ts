import type { JobControl } from '../projects/job-control.ts';
import { serveJobs } from '../projects/job-server.ts';
import type { JobMessage } from '../projects/worker-job.ts';
import { createFileSuggester, type SuggestFilesInput, type SuggestFilesOutput } from './suggest-files.ts';

/** The program of the one thread that keeps what it has learned of projects; it runs one job at a time. */
const suggestFiles = createFileSuggester();

/** Inputs and outputs of every job, by name. */
export type IndexJobs = {
  suggestFiles: { input: SuggestFilesInput; output: SuggestFilesOutput };
};

serveJobs((message: JobMessage<'suggestFiles', SuggestFilesInput>, control: JobControl) =>
  suggestFiles(message.input, control),
);
