import type { Project, Projects } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Jobs } from '../search/worker.ts';
import type { Target } from './uri.ts';

/** One kind of resource, by its template. Like a tool it is a value; `register.ts` does the rest. */
export interface Resource {
  kind: Target['kind'];
  name: string;
  title: string;
  description: string;
  uriTemplate: string;
  /** Where all resources of the kind have the same. */
  mimeType?: string;
  read(target: Target, project: Project, call: ResourceCall): Promise<Content>;
}

/** Text or base64 bytes, and what they are. */
export type Content = { mimeType: string } & ({ text: string } | { blob: string });

export interface ResourceCall {
  projects: Projects;
  workers: WorkerPool<Jobs>;
  job: JobCall;
}
