import type { ServerContext, Resource as WireResource } from '@modelcontextprotocol/server';
import type { Context } from '../context.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { Suggestions } from './suggestions.ts';
import { matchUri, type VariableOf } from './uri.ts';

/**
 * One kind of resource. Like a tool it is a value, and it owns all that is particular to it: the form of its URIs, what
 * a client reads, lists and completes, and how a change is heard of. `register.ts`, `subscriptions.ts` and
 * `completions.ts` only go through the kinds.
 */
export interface Resource<Template extends string = string> {
  /** Also what a cursor calls the kind. */
  name: string;
  title: string;
  description: string;
  uriTemplate: Template;
  /** Where all resources of the kind have the same. */
  mimeType?: string;
  /** @throws UserError `not_found` for what the variables do not name. */
  read(variables: Variables<Template>, call: ResourceCall): Promise<Content>;
  list(page: PageRequest, call: ResourceCall): Promise<Page>;
  /**
   * Calls `notify` after each change until it is released. Gives nothing for what is not there to be watched: a client
   * may subscribe to any URI, so only a fault of ours is thrown.
   */
  watch(variables: Variables<Template>, services: ResourceServices, notify: () => void): Promise<Release | undefined>;
  /** Suggests values for a variable. `known` holds what the client has of the others. */
  complete?(
    variable: string,
    value: string,
    known: Readonly<Record<string, string>>,
    call: ResourceCall,
  ): Promise<Suggestions>;
}

export type Variables<Template extends string> = Record<
  string extends Template ? string : VariableOf<Template>,
  string
>;

/** Text or base64 bytes, and what they are. */
export type Content = { mimeType: string } & ({ text: string } | { blob: string });

export interface PageRequest {
  /** Where the page before ended; a string of the kind's own that lasts across restarts. */
  after: string | undefined;
  /** At least 1. */
  limit: number;
}

export interface Page {
  resources: WireResource[];
  /** Where to go on; left out when the kind has no more. */
  after?: string;
}

/** Ends a subscription; more than one call does no harm. */
export type Release = () => void;

/** What a resource may use of the server. */
export type ResourceServices = Pick<
  Context,
  | 'projects'
  | 'plans'
  | 'chats'
  | 'tickets'
  | 'workers'
  | 'pathSearch'
  | 'watcher'
  | 'models'
  | 'ledger'
  | 'agents'
  | 'runs'
  | 'library'
>;

/** The same with the time budget and cancellation of one request, to hand to `workers.run`. */
export interface ResourceCall extends ResourceServices {
  job: JobCall;
}

/** Lets `read` and `watch` know the variables by the names in the template. */
export function defineResource<Template extends string>(resource: Resource<Template>): Resource<Template> {
  return resource;
}

export function resourceCall(context: Context, { mcpReq }: ServerContext, budgetMs: number): ResourceCall {
  return { ...context, job: { signal: mcpReq.signal, budgetMs } };
}

/** The kind whose form a URI has, and the variables in it. */
export function findResource(resources: readonly Resource[], uri: string) {
  for (const resource of resources) {
    const variables = matchUri(resource.uriTemplate, uri);
    if (variables) return { resource, variables };
  }
  return undefined;
}
