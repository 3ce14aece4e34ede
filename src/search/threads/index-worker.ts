import { type JobTableOf, serveJobs } from '../../projects/job-server.ts';
import { createTextKeeper } from '../live/text-keeper.ts';

const { keepText, findKeptText, filesHolding, listingOf, isAtWork } = createTextKeeper();

/** The program of the one thread that keeps the text of projects, to search in it; it runs one job at a time. */
const jobs = { keepText, findKeptText, filesHolding, listingOf, isAtWork };

export type IndexJobs = JobTableOf<typeof jobs>;

serveJobs(jobs);
