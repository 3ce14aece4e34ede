import { type JobTableOf, serveJobs } from '../../projects/job-server.ts';
import { createFileLinker } from '../task/link-files.ts';
import { createProjectMapper } from '../task/map-project.ts';
import { createFileSuggester } from '../task/suggest-files.ts';
import { createTaskIndexes } from '../task/task-indexes.ts';

const indexes = createTaskIndexes();
const suggestFiles = createFileSuggester(indexes);
const mapProject = createProjectMapper(indexes);
const linkFiles = createFileLinker(indexes);

/** The program of the one thread that knows what the files of projects are about; it runs one job at a time. */
const jobs = { suggestFiles, mapProject, linkFiles };

export type TaskJobs = JobTableOf<typeof jobs>;

serveJobs(jobs);
