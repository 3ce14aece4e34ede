import type { JobControl } from '../../projects/job-control.ts';
import { serveJobs } from '../../projects/job-server.ts';
import type { JobMessage } from '../../projects/worker-job.ts';
import { createProjectMapper } from '../task/map-project.ts';
import { createFileSuggester } from '../task/suggest-files.ts';
import { createTaskIndexes } from '../task/task-indexes.ts';

const indexes = createTaskIndexes();
const suggestFiles = createFileSuggester(indexes);
const mapProject = createProjectMapper(indexes);

/** The program of the one thread that knows what the files of projects are about; it runs one job at a time. */
const jobs = { suggestFiles, mapProject };

/** Inputs and outputs of every job, by name. */
export type TaskJobs = {
  [Name in keyof typeof jobs]: {
    input: Parameters<(typeof jobs)[Name]>[0];
    output: Awaited<ReturnType<(typeof jobs)[Name]>>;
  };
};

type Message = { [Name in keyof TaskJobs]: JobMessage<Name, TaskJobs[Name]['input']> }[keyof TaskJobs];

serveJobs(run);

function run(message: Message, control: JobControl): unknown {
  switch (message.name) {
    case 'suggestFiles':
      return suggestFiles(message.input, control);
    case 'mapProject':
      return mapProject(message.input, control);
  }
}
