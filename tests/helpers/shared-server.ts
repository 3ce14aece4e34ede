import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { type ClientKind, connect, type Person, type TestClient } from './connect.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { startHttp } from './program.ts';
import type { Backend } from './stores.ts';
import { makeTempFolder, removeFolder, writeFiles } from './temp-project.ts';

/*
 * What the tests of a file or of a describe block share, since a start of a server costs most of what a test does. Each of these
 * is made before the first test and gone after the last, in reverse order; options are asked for when it is made.
 */

interface Home {
  /** A folder that is there already, in place of one of its own. */
  project?: string;
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** The flags of the store, where it is not an empty folder of its own. */
  store?: readonly string[];
  /** What the user's config folder has beside an empty config file; without it there is none. */
  config?: Readonly<Record<string, string>>;
  flags?: readonly string[];
  env?: Record<string, string>;
}

export interface SharedOptions extends Home {
  kind?: ClientKind;
  person?: Person;
  /** Of a server that runs already; otherwise one is spawned over stdio. */
  url?: string;
}

interface Place {
  project: string;
  config: string;
  /** The flags of its store. */
  store: readonly string[];
  /** What leads another process to the same project and store. */
  flags: readonly string[];
}

export type SharedServer = TestClient & Place;

/** A client of a server of its own, or of the one at `url`. */
export function sharedServer(options: () => SharedOptions = () => ({})): () => SharedServer {
  return shared(async () => {
    const { kind = 'v2-2026', person, url, flags = [], env = {}, ...home } = options();
    const { remove, ...place } = makeHome(home);
    const where = url === undefined ? { args: [...place.flags, ...flags], env } : { url };
    const client = await connect(kind, { ...where, ...(person && { person }) });
    const end = async () => {
      await client.close();
      remove();
    };
    return { made: { ...client, ...place }, end };
  });
}

/** A server over HTTP for any number of clients. */
export function sharedHttp(options: () => Home = () => ({})): () => Place & { url: string } {
  return shared(async () => {
    const { flags = [], env = {}, ...home } = options();
    const { remove, ...place } = makeHome(home);
    const http = await startHttp([...place.flags, ...flags], { env });
    const end = async () => {
      await http.stop();
      remove();
    };
    return { made: { ...place, url: http.url }, end };
  });
}

/**
 * One server for many projects: each call, made where tests are collected, adds a project and gives a client that asks of
 * it alone.
 */
export function sharedProjects(options: () => Omit<SharedOptions, 'files' | 'project'> = () => ({})) {
  const projects: Array<NonNullable<Home['files']>> = [];
  const root = sharedFolder();
  const folderOf = (index: number) => join(root(), `project-${index + 1}`);
  const served = sharedServer(() => {
    const { flags = [], ...rest } = options();
    for (const [index, files] of projects.entries()) {
      mkdirSync(folderOf(index));
      writeFiles(folderOf(index), files);
    }
    return { ...rest, flags: [...flags, ...projects.flatMap((_, index) => ['--project', folderOf(index)])] };
  });
  return (files: NonNullable<Home['files']>) => {
    const index = projects.push(files) - 1;
    return (): Pick<SharedServer, 'callTool' | 'project'> => ({
      project: folderOf(index),
      callTool: (name, args, more) => served().callTool(name, { project: `project-${index + 1}`, ...args }, more),
    });
  };
}

export function sharedFolder(): () => string {
  return shared(async () => {
    const folder = makeTempFolder();
    return { made: folder, end: async () => removeFolder(folder) };
  });
}

/** A provider that says what it is told to. */
export function sharedModelServer(): ModelServer {
  const server = shared(async () => {
    const made = await startModelServer();
    return { made, end: made.stop };
  });
  return {
    get url() {
      return server().url;
    },
    play: (script) => server().play(script),
    journal: () => server().journal(),
    stop: () => server().stop(),
  };
}

export function sharedBackend(create: () => Promise<Backend>): () => Backend {
  return shared(async () => {
    const backend = await create();
    return { made: backend, end: backend.remove };
  });
}

function makeHome({ project: given, files = {}, store: givenStore, config: own }: Omit<Home, 'flags' | 'env'>) {
  const folders = [makeTempFolder(), makeTempFolder(), makeTempFolder()] as const;
  const [ownProject, data, config] = folders;
  const project = given ?? ownProject;
  writeFiles(project, files);
  if (own) writeFiles(config, { 'octant.config.json': '{}', ...own });
  const store = givenStore ?? ['--data-dir', data];
  const flags = ['--project', project, ...store];
  if (own) flags.push('--config', join(config, 'octant.config.json'));
  return { project, config, store, flags, remove: () => folders.forEach(removeFolder) };
}

/** Anything else that is costly to make. */
export function shared<T>(make: () => Promise<{ made: T; end(): Promise<void> }>): () => T {
  let made: { value: T } | undefined;
  beforeAll(async () => {
    const { made: value, end } = await make();
    made = { value };
    return end;
  });
  return () => {
    if (!made) throw new Error('What tests share is made before them, and not there while they are collected.');
    return made.value;
  };
}
