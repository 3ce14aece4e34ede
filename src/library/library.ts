import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { FolderFile } from '../projects/read-folder.ts';
import type { Project, Projects } from '../projects/registry.ts';
import type { FileWatcher } from '../projects/watch.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { noProject } from '../store/store.ts';
import { withPatience } from '../store/with-patience.ts';
import {
  type Found,
  type Home,
  isOfProject,
  type LibraryPrompt,
  type ListedPrompt,
  mayBeHidden,
  ofStore,
  type PromptList,
  promptFolder,
  rankHomes,
} from './homes.ts';
import { fromMarkdown, type NamedPrompt } from './markdown.ts';
import { readOwnFolder } from './own-folder.ts';
import { ownerIn } from './owner.ts';
import { headOf } from './prompt.ts';
import { type ListedRow, noPrompt, ofFile, ofOctant, type PromptUses, promptKey } from './prompt-rows.ts';
import { allIncluded, type FilledSlot, type Rendered, renderPrompt } from './render.ts';
import { idOf, type SavedPrompts } from './saved-prompts.ts';
import type { Slot } from './template.ts';
import { type LibraryWatch, watchLibrary } from './watch-library.ts';

/** All prompts, of whatever home, as one list. Read anew each time: a file may have been saved a moment ago. */
export interface Library {
  /** Those that can be used in a project; without one, those of everybody. */
  list(project: Project | undefined, job: JobCall): Promise<PromptList>;
  /** Those of the default project, then what other projects have of their own as `shop.name`. */
  listAll(job: JobCall): Promise<ListedAnywhere[]>;
  /** Prompts of a list whole, a part of them at a time, in their order; but for those that cannot be read. */
  read(list: PromptList, prompts: readonly ListedPrompt[]): AsyncGenerator<LibraryPrompt[]>;
  /**
   * @throws UserError `not_found` with the nearest names, `bad_input` for a file of that name that is no prompt, or
   *   `unavailable` where only the store could tell
   */
  find(reference: string, job: JobCall, projectReference?: string): Promise<FoundPrompt>;
  /** The text of a prompt, which counts as a use of it. @throws UserError as `find` and `renderPrompt` */
  render(found: FoundPrompt, values: Readonly<Record<string, string>>, reader: Reader): Promise<Rendered>;
  /** Calls `listener` after a change of the list, by whomever, until it is released. */
  watch(listener: () => void): LibraryWatch;
}

/** A prompt with the list that it is of. */
export interface ListedAnywhere {
  prompt: ListedPrompt;
  list: PromptList;
}

export interface FoundPrompt extends ListedAnywhere {
  prompt: LibraryPrompt;
  /** What a reader should know of it. */
  note?: string;
}

/** For whom a prompt is rendered. */
export interface Reader {
  /** `agent:NAME` */
  actor: string;
  job: JobCall;
}

/** Puts context into a slot, within its tokens. @throws UserError for an operand that names nothing */
export type Fill = (slot: Slot, project: Project, reader: Reader) => Promise<FilledSlot>;

export interface LibraryServices {
  fill: Fill;
  /** Those that come with Octant; asked once, when they are first wanted. */
  shipped(): readonly NamedPrompt[];
  saved: SavedPrompts;
  /** The user's own prompts. */
  ownFolder: string;
  projects: Projects;
  workers: WorkerPool<Jobs>;
  watcher: FileWatcher;
  log: Log;
}

const limits = { maxFiles: 500, maxBytes: 200_000 };
/** Prompts that are in memory whole at a time. */
const mostWhole = 200;

export function createLibrary(services: LibraryServices): Library {
  const { saved, ownFolder, projects, workers, log, fill } = services;
  const watch = watchLibrary(services);
  let builtIn: ReturnType<typeof builtInOf> | undefined;
  let askAgainAt = 0;

  return {
    list: async (project, job) => listOf(project, await readStore(project ? [project] : []), job),

    async listAll(job) {
      const all = await projects.list();
      const stored = await readStore(all);
      const [first, ...others] = await Promise.all(
        (all.length > 0 ? all : [undefined]).map((project) => listOf(project, stored, job)),
      );
      const prompts = first?.prompts.map((prompt) => ({ prompt, list: first })) ?? [];
      const own = others.flatMap((list) =>
        list.prompts.filter(({ home }) => isOfProject(home)).map((prompt) => ({ prompt, list })),
      );
      return [...prompts, ...own].sort((a, b) => (a.prompt.reference < b.prompt.reference ? -1 : 1));
    },

    read,

    async find(reference, job, projectReference) {
      const dot = reference.lastIndexOf('.');
      const named = dot < 0 ? projectReference : reference.slice(0, dot);
      const name = reference.slice(dot + 1);
      const isAny = named === undefined && (await projects.list()).length === 0;
      const project = isAny ? undefined : await projects.find(named);
      const found = await listOf(project, await readStore(project ? [project] : []), job);
      const listed = found.prompts.find((each) => each.name === name);
      if (listed) {
        const prompt = await wholeOf(listed, project);
        return { prompt, list: found, ...(mayBeHidden(prompt, found) && { note: doubt }) };
      }
      const broken = found.faults.find(({ path }) => path.endsWith(`/${name}.md`));
      if (broken)
        throw new UserError('bad_input', `The prompt ${name} cannot be used. ${broken.path}: ${broken.fault}.`);
      if (!found.isComplete) throw storeIsAway(reference);
      throw noPrompt(
        reference,
        found.prompts.map((each) => each.reference),
      );
    },

    async render({ prompt, list }, values, reader) {
      const { prompts, project, isComplete } = list;
      const listed = allIncluded(prompt, (name) => {
        const included = prompts.find((each) => each.name === name);
        if (!included && !isComplete) throw storeIsAway(name);
        return included;
      });
      const included = await Promise.all(listed.map((each) => wholeOf(each, project)));
      const find = (name: string) => included.find((each) => each.name === name);
      const fillSlot = async (slot: Slot) => fill(slot, project ?? (await projects.find(undefined)), reader);
      const rendered = await renderPrompt({ prompt, values, find, fill: fillSlot });
      if (isComplete) await countUse(prompt, project);
      return rendered;
    },

    watch,
  };

  /** @throws UserError `unavailable` for what is stored and no prompt */
  async function wholeOf(listed: ListedPrompt, project: Project | undefined): Promise<LibraryPrompt> {
    const { name, home, version = 0, document } = listed;
    const owner = ownerIn(home, project);
    return { ...listed, document: document ?? (await saved.get(owner ?? 'global', name, version)).document };
  }

  async function* read({ project }: PromptList, prompts: readonly ListedPrompt[]) {
    for (let at = 0; at < prompts.length; at += mostWhole) {
      const part = prompts.slice(at, at + mostWhole);
      const stored = await saved.read(part.flatMap((each) => (each.document ? [] : storedKeyOf(each, project))));
      const known = new Map(stored.map(({ projectId, name, document }) => [promptKey(projectId, name), document]));
      yield part.flatMap((each): LibraryPrompt[] => {
        const [key] = storedKeyOf(each, project);
        const document = each.document ?? (key && known.get(promptKey(key.projectId, key.name)));
        return document ? [{ ...each, document }] : [];
      });
    }
  }

  /** A prompt is rendered whether or not that can be counted. */
  async function countUse({ name, home, version }: ListedPrompt, project: Project | undefined) {
    const owner = isOfProject(home) && project ? project : 'global';
    const counted = version ?? (home === 'built-in' ? ofOctant : ofFile);
    await saved
      .used(owner, name, counted)
      .catch((error) => log.warn({ err: error }, 'a use of a prompt was not counted'));
  }

  async function listOf(
    project: Project | undefined,
    { rows, uses, isAway }: Stored,
    job: JobCall,
  ): Promise<PromptList> {
    const [first] = await projects.list();
    const [ofProject, own] = await Promise.all([
      project ? workers.run('readFolder', { root: project, folder: promptFolder, ending: '.md', ...limits }, job) : [],
      readOwnFolder(ownFolder, limits),
    ]);
    const files = [
      ...ofProject.map(parseAs('project file', promptFolder)),
      ...own.map(parseAs('user file', 'prompts')),
    ];
    builtIn ??= builtInOf(services.shipped());
    const found: Found[] = [
      ...files.flatMap((file) => ('fault' in file ? [] : [file])),
      ...rows.filter(({ projectId }) => projectId === noProject || projectId === project?.id).map(ofStore),
      ...builtIn,
    ];
    return {
      project,
      ...rankHomes(found, { project, isDefault: project?.folder === first?.folder, uses }),
      faults: files.flatMap((file) => ('fault' in file ? [file] : [])),
      isComplete: !isAway,
    };
  }

  /** What lies in files is there even if the store is away. */
  async function readStore(all: readonly Project[]): Promise<Stored> {
    try {
      if (Date.now() < askAgainAt) return withoutStore;
      const ids = all.map(({ id }) => id);
      const { prompts: rows, uses } = await withPatience(saved.list(ids), patienceMs);
      return { rows, uses, isAway: false };
    } catch (error) {
      askAgainAt = Date.now() + coolDownMs;
      log.warn({ err: error }, 'the store cannot tell its prompts; lists are without them for now');
      return withoutStore;
    }
  }
}

const patienceMs = 2000;
const coolDownMs = 10_000;
const doubt = 'The store cannot be reached: a prompt of this name that is saved there would count before this one.';
const withoutStore: Stored = { rows: [], uses: new Map(), isAway: true };

interface Stored {
  rows: readonly ListedRow[];
  uses: PromptUses;
  isAway: boolean;
}

function storeIsAway(reference: string): UserError {
  const shown = JSON.stringify(reference.slice(0, 100));
  return new UserError(
    'unavailable',
    `The store cannot be reached, and no file is a prompt ${shown}. Try again in a moment.`,
  );
}

function storedKeyOf({ home, name, version }: ListedPrompt, project: Project | undefined) {
  const owner = ownerIn(home, project);
  return owner === undefined || version === undefined ? [] : [{ projectId: idOf(owner), name, version }];
}

function parseAs(home: Home, folder: string) {
  return (file: FolderFile): Found | { path: string; fault: string } => {
    const path = `${folder}/${file.name}`;
    const parsed = 'fault' in file ? file : fromMarkdown(file.name, file.text);
    if ('fault' in parsed) return { path, fault: parsed.fault };
    const { name, document } = parsed;
    return { name, document, head: headOf(document), home, path };
  };
}

function builtInOf(shipped: readonly NamedPrompt[]) {
  return shipped.map((prompt) => ({ ...prompt, head: headOf(prompt.document), home: 'built-in' as const }));
}
