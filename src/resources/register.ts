import type { McpServer, ServerContext, Resource as WireResource } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Context } from '../context.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { withProtocolErrors } from '../incident.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import {
  findResource,
  type Page,
  type PageRequest,
  type Resource,
  type ResourceCall,
  resourceCall,
} from './resource.ts';
import { type Subscription, subscribe } from './subscriptions.ts';

const pageSize = 100;
const maxSubscriptions = 200;

/** Offers resources to the servers of this process. */
export function createResourceHandlers(resources: readonly Resource[], context: Context): (mcp: McpServer) => void {
  const listed = { resourceTemplates: resources.filter(({ uriTemplate }) => uriTemplate.includes('{')).map(toWire) };

  return ({ server }) => {
    server.registerCapabilities({ resources: { subscribe: true, listChanged: false } });
    server.setRequestHandler('resources/list', ({ params }, call) =>
      answer('resources/list', context, call, (own) => list(params?.cursor, resources, own)),
    );
    server.setRequestHandler('resources/templates/list', () => listed);
    server.setRequestHandler('resources/read', ({ params }, call) =>
      answer('resources/read', context, call, (own) => read(params.uri, resources, own)),
    );

    const open = new Map<string, Subscription>();
    server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
      if (!open.has(uri) && open.size >= maxSubscriptions) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `One client may have ${maxSubscriptions} subscriptions.`,
        );
      }
      const notify = () => void server.sendResourceUpdated({ uri }).catch(() => {}); // the client has gone
      const subscription = open.get(uri) ?? subscribe(uri, resources, context, notify);
      open.set(uri, subscription);
      await subscription.watched;
      return {};
    });
    server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
      open.get(uri)?.release();
      open.delete(uri);
      return {};
    });
    const { onclose } = server;
    server.onclose = () => {
      onclose?.();
      for (const { release } of open.values()) release();
      open.clear();
    };
  };
}

function toWire({ name, title, uriTemplate, description, mimeType }: Resource) {
  return { name, title, description, uriTemplate, ...(mimeType !== undefined && { mimeType }) };
}

function answer<T>(during: string, context: Context, call: ServerContext, action: (own: ResourceCall) => Promise<T>) {
  const { signal } = call.mcpReq;
  return withProtocolErrors({ log: context.log, during, signal }, () =>
    action(resourceCall(context, call, deadlinesMs.resource)),
  );
}

const question = 'resources';

/** Kind by kind; a page may run over several. Without `after` a cursor stands before the first of its kind. */
async function list(cursor: string | undefined, resources: readonly Resource[], call: ResourceCall) {
  const names = resources.map(({ name }) => name);
  const position = z.object({ kind: z.enum(names), after: z.string().optional() });
  const start = cursor === undefined ? undefined : decodeCursor(cursor, question, position);
  const page: WireResource[] = [];
  let after = start?.after;
  for (const kind of resources.slice(start && names.indexOf(start.kind))) {
    if (page.length < pageSize) {
      const more = await listKind(kind, { after, limit: pageSize - page.length }, call);
      page.push(...more.resources);
      after = more.after;
      if (after === undefined) continue;
    }
    return { resources: page, nextCursor: encodeCursor(question, { kind: kind.name, after }) };
  }
  return { resources: page };
}

/** Nothing of what lies in a store that cannot be reached: files are listed all the same. */
async function listKind(kind: Resource, page: PageRequest, call: ResourceCall): Promise<Page> {
  try {
    return await kind.list(page, call);
  } catch (error) {
    if (error instanceof UserError && error.code === 'unavailable') return { resources: [] };
    throw error;
  }
}

async function read(uri: string, resources: readonly Resource[], call: ResourceCall) {
  const found = findResource(resources, uri);
  if (!found) throw new ResourceNotFoundError(uri.slice(0, 300));
  try {
    const content = await found.resource.read(found.variables, call);
    return { contents: [{ uri, ...content }] };
  } catch (error) {
    if (error instanceof UserError && error.code === 'not_found') throw new ResourceNotFoundError(uri.slice(0, 300));
    throw error;
  }
}
