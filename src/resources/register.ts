import type { McpServer, ServerContext, Resource as WireResource } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Context } from '../context.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { withProtocolErrors } from '../incident.ts';
import { language, mimeType } from '../projects/languages.ts';
import type { JobCall } from '../projects/worker-job.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import type { Resource } from './resource.ts';
import { type Release, subscribe } from './subscriptions.ts';
import { formatUri, parseUri } from './uri.ts';

const pageSize = 100;
const maxSubscriptions = 200;

/** Offers resources to the servers of this process. */
export function createResourceHandlers(resources: readonly Resource[], context: Context): (mcp: McpServer) => void {
  const templates = resources.map(({ kind: _, read: __, ...template }) => template);

  return ({ server }) => {
    server.registerCapabilities({ resources: { subscribe: true, listChanged: false } });
    server.setRequestHandler('resources/list', ({ params }, call) =>
      withProtocolErrors({ log: context.log, during: 'resources/list', signal: call.mcpReq.signal }, () =>
        list(params?.cursor, context, jobOf(call)),
      ),
    );
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: templates }));
    server.setRequestHandler('resources/read', ({ params }, call) =>
      withProtocolErrors({ log: context.log, during: 'resources/read', signal: call.mcpReq.signal }, () =>
        read(params.uri, resources, context, jobOf(call)),
      ),
    );

    const open = new Map<string, Release>();
    server.setRequestHandler('resources/subscribe', ({ params: { uri } }) => {
      if (open.has(uri)) return {};
      if (open.size >= maxSubscriptions) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `One client may have ${maxSubscriptions} subscriptions.`,
        );
      }
      const notify = () => void server.sendResourceUpdated({ uri }).catch(() => {}); // the client has gone
      open.set(uri, subscribe(uri, context, notify));
      return {};
    });
    server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
      open.get(uri)?.();
      open.delete(uri);
      return {};
    });
    server.onclose = () => {
      for (const release of open.values()) release();
      open.clear();
    };
  };
}

function jobOf({ mcpReq }: ServerContext): JobCall {
  return { signal: mcpReq.signal, budgetMs: deadlinesMs.resource };
}

const listPosition = z.object({ project: z.string(), after: z.string() });

/** Each project's overview, tree and files in turn. A page may run over several projects. */
async function list(cursor: string | undefined, { projects, workers }: Context, job: JobCall) {
  const position = cursor === undefined ? undefined : decodeCursor(cursor, 'resources', listPosition);
  const all = projects.list();
  const start = position ? all.findIndex(({ id }) => id === position.project) : 0;
  const page: WireResource[] = [];
  for (const project of start < 0 ? [] : all.slice(start)) {
    const after = project.id === position?.project ? position.after : undefined;
    if (after === undefined) page.push(...ownResources(project.id));
    const { paths, more } = await workers.run(
      'listFiles',
      { root: project, after, limit: Math.max(0, pageSize - page.length) },
      job,
    );
    page.push(...paths.map((path) => fileResource(project.id, path)));
    if (more) {
      const next = { project: project.id, after: paths.at(-1) ?? after ?? '' };
      return { resources: page, nextCursor: encodeCursor('resources', next) };
    }
  }
  return { resources: page };
}

function ownResources(project: string): WireResource[] {
  return [
    { uri: formatUri({ kind: 'overview', project }), name: `${project}: overview`, mimeType: 'text/plain' },
    { uri: formatUri({ kind: 'tree', project }), name: `${project}: tree`, mimeType: 'text/plain' },
  ];
}

function fileResource(project: string, path: string): WireResource {
  return {
    uri: formatUri({ kind: 'file', project, path }),
    name: path,
    mimeType: mimeType(path, language(path) !== undefined),
  };
}

async function read(uri: string, resources: readonly Resource[], context: Context, job: JobCall) {
  const target = parseUri(uri);
  const resource = resources.find(({ kind }) => kind === target?.kind);
  if (!target || !resource) throw new ResourceNotFoundError(uri.slice(0, 300));
  const { projects, workers } = context;
  try {
    const content = await resource.read(target, projects.find(target.project), { projects, workers, job });
    return { contents: [{ uri, ...content }] };
  } catch (error) {
    if (error instanceof UserError && error.code === 'not_found') throw new ResourceNotFoundError(uri.slice(0, 300));
    throw error;
  }
}
