import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ElicitRequestSchema,
  PromptListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { cleanEnvironment, program, repository } from './program.ts';

/** The clients that people have: the old package, and the new one in each of its two eras. */
export const clientKinds = ['v1', 'v2-2025', 'v2-2026'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** Where a client finds the server: a running URL, or the arguments and folder to spawn it with. */
export type Place = { person?: Person } & (
  | { url: string; token?: string }
  | { args: readonly string[]; cwd?: string; env?: Record<string, string> }
);

/** Somebody at the client who is shown a form. */
export type Person = (form: { message: string; requestedSchema?: unknown }) => {
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, string>;
};

export interface CallOptions {
  signal?: AbortSignal;
  timeout?: number;
  onprogress?(progress: { progress: number; message?: string | undefined }): void;
}

export interface ToolResult {
  text: string;
  data: Record<string, unknown> | undefined;
  isError: boolean;
}

/** What the tests need of a client, the same for every kind. */
export interface TestClient {
  instructions(): string | undefined;
  listTools(): Promise<Array<{ name: string; inputSchema: object; outputSchema?: object | undefined }>>;
  callTool(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>;
  listResources(cursor?: string): Promise<{
    resources: Array<{ uri: string; name: string; mimeType?: string | undefined }>;
    nextCursor?: string | undefined;
  }>;
  listResourceTemplates(): Promise<Array<{ uriTemplate: string }>>;
  readResource(
    uri: string,
  ): Promise<Array<{ uri: string; mimeType?: string | undefined; text?: string; blob?: string }>>;
  listPrompts(): Promise<
    Array<{ name: string; arguments?: Array<{ name: string; required?: boolean | undefined }> | undefined }>
  >;
  listPromptPage(cursor?: string): Promise<{ prompts: Array<{ name: string }>; nextCursor?: string | undefined }>;
  /** Hears of changes of the list of prompts, however the client's era does that. */
  onPromptsChanged(listener: () => void): Promise<void>;
  getPrompt(name: string, args: Record<string, string>): Promise<string>;
  complete(
    ref: { uri: string } | { prompt: string },
    argument: string,
    value: string,
    known?: Record<string, string>,
  ): Promise<string[]>;
  /** Hears of changes to a resource, however the client's era does that. */
  subscribe(uri: string, onUpdate: (uri: string) => void): Promise<void>;
  close(): Promise<void>;
}

export async function connect(kind: ClientKind, place: Place): Promise<TestClient> {
  return kind === 'v1' ? connectOld(place) : connectModern(kind, place);
}

const clientInfo = { name: 'octant-tests', version: '1.0.0' };

function spawnParameters(place: Extract<Place, { args: readonly string[] }>) {
  return {
    command: process.execPath,
    args: [program, ...place.args],
    cwd: place.cwd ?? repository,
    env: cleanEnvironment(place.env),
    stderr: 'ignore' as const,
  };
}

function requestInit(place: { token?: string }) {
  return place.token === undefined ? {} : { requestInit: { headers: { Authorization: `Bearer ${place.token}` } } };
}

async function connectOld(place: Place): Promise<TestClient> {
  const { person } = place;
  const client = new OldClient(clientInfo, { capabilities: person ? { elicitation: {} } : {} });
  if (person) client.setRequestHandler(ElicitRequestSchema, ({ params }) => person(params));
  const transport =
    'url' in place ? new OldHttp(new URL(place.url), requestInit(place)) : new OldStdio(spawnParameters(place));
  await client.connect(transport as Transport); // v1's own types do not allow for exactOptionalPropertyTypes
  return {
    ...sharedCalls(client),
    callTool: async (name, args, options = {}) =>
      toResult(await client.callTool({ name, arguments: args }, undefined, options)),
    async subscribe(uri, onUpdate) {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => onUpdate(params.uri));
      await client.subscribeResource({ uri });
    },
    async onPromptsChanged(listener) {
      client.setNotificationHandler(PromptListChangedNotificationSchema, listener);
      await client.listPrompts();
    },
  };
}

async function connectModern(kind: ClientKind, place: Place): Promise<TestClient> {
  const mode = kind === 'v2-2026' ? { pin: '2026-07-28' } : 'legacy';
  const { person } = place;
  const capabilities = person ? { elicitation: { form: {} } } : {};
  const client = new ModernClient(clientInfo, { capabilities, versionNegotiation: { mode } });
  if (person) client.setRequestHandler('elicitation/create', ({ params }) => person(params));
  await client.connect(
    'url' in place ? new ModernHttp(new URL(place.url), requestInit(place)) : new ModernStdio(spawnParameters(place)),
  );
  return {
    ...sharedCalls(client),
    callTool: async (name, args, options = {}) => toResult(await client.callTool({ name, arguments: args }, options)),
    async subscribe(uri, onUpdate) {
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => onUpdate(params.uri));
      if (kind === 'v2-2026') await client.listen({ resourceSubscriptions: [uri] });
      else await client.subscribeResource({ uri });
    },
    async onPromptsChanged(listener) {
      client.setNotificationHandler('notifications/prompts/list_changed', listener);
      if (kind === 'v2-2026') await client.listen({ promptsListChanged: true });
      else await client.listPrompts();
    },
  };
}

/** What both packages call by the same names. */
function sharedCalls(
  client: OldClient | ModernClient,
): Omit<TestClient, 'callTool' | 'subscribe' | 'onPromptsChanged'> {
  return {
    instructions: () => client.getInstructions(),
    listTools: async () => (await client.listTools()).tools,
    listResources: (cursor) => client.listResources(cursor === undefined ? {} : { cursor }),
    listResourceTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    readResource: async (uri) => (await client.readResource({ uri })).contents,
    listPrompts: async () => (await client.listPrompts()).prompts,
    listPromptPage: (cursor) => client.listPrompts(cursor === undefined ? {} : { cursor }),
    getPrompt: async (name, args) => promptText(await client.getPrompt({ name, arguments: args })),
    complete: async (ref, name, value, known) =>
      (await client.complete(completion(ref, name, value, known))).completion.values,
    close: () => client.close(),
  };
}

function completion(
  ref: { uri: string } | { prompt: string },
  name: string,
  value: string,
  known: Record<string, string> = {},
) {
  return {
    ref:
      'uri' in ref
        ? { type: 'ref/resource' as const, uri: ref.uri }
        : { type: 'ref/prompt' as const, name: ref.prompt },
    argument: { name, value },
    context: { arguments: known },
  };
}

function toResult(result: Record<string, unknown>): ToolResult {
  const content = Array.isArray(result.content) ? result.content : [];
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join('\n'),
    data: isRecord(result.structuredContent) ? result.structuredContent : undefined,
    isError: result.isError === true,
  };
}

function promptText({ messages }: { messages: Array<{ content: { type: string; text?: string } }> }): string {
  return messages.map(({ content }) => content.text ?? '').join('\n');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
