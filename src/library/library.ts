import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { FolderFile } from '../projects/read-folder.ts';
import type { Project, Projects } from '../projects/registry.ts';
import type { FileWatcher } from '../projects/watch.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { withPatience } from '../store/with-patience.ts';
import {
  type Found,
  type Home,
  isOfProject,
  type LibraryPrompt,
  mayBeHidden,
  ofStore,
  type PromptList,
  promptFolder,
  rankHomes,
} from './homes.ts';
import { fromMarkdown, type NamedPrompt } from './markdown.ts';
import { readOwnFolder } from './own-folder.ts';
import { noPrompt } from './prompt-rows.ts';
import { type FilledSlot, type Rendered, renderPrompt } from './render.ts';
import type { SavedPrompts } from './saved-prompts.ts';
import type { Slot } from './template.ts';
import { type LibraryWatch, watchLibrary } from './watch-library.ts';

/** All prompts, of whatever home, as one list. Read anew each time: a file may have been saved a moment ago. */
export interface Library {
  /** Those that can be used in a project; without one, those of everybody. */
  list(project: Project | undefined, job: JobCall): Promise<PromptList>;
  /** Those of the default project, then what other projects have of their own as `shop.name`. */
  listAll(job: JobCall): Promise<LibraryPrompt[]>;
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

export interface FoundPrompt {
  prompt: LibraryPrompt;
  list: PromptList;
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
  shipped: readonly NamedPrompt[];
  saved: SavedPrompts;
  /** The user's own prompts. */
  ownFolder: string;
  projects: Projects;
  workers: WorkerPool<Jobs>;
  watcher: FileWatcher;
  log: Log;
}

const limits = { maxFiles: 500, maxBytes: 200_000 };

export function createLibrary(services: LibraryServices): Library {
  const { shipped, saved, ownFolder, projects, workers, log, fill } = services;
  const watch = watchLibrary(services);
  let askAgainAt = 0;

  return {
    list,

    async listAll(job) {
      const [first, ...others] = await projects.list();
      const { prompts } = await list(first, job);
      const lists = await Promise.all(others.map((project) => list(project, job)));
      const own = lists.flatMap((each) => each.prompts.filter(({ home }) => isOfProject(home)));
      return [...prompts, ...own].sort((a, b) => (a.reference < b.reference ? -1 : 1));
    },

    async find(reference, job, projectReference) {
      const dot = reference.lastIndexOf('.');
      const named = dot < 0 ? projectReference : reference.slice(0, dot);
      const name = reference.slice(dot + 1);
      const isAny = named === undefined && (await projects.list()).length === 0;
      const found = await list(isAny ? undefined : await projects.find(named), job);
      const prompt = found.prompts.find((each) => each.name === name);
      if (prompt) return { prompt, list: found, ...(mayBeHidden(prompt, found) && { note: doubt }) };
      const broken = found.faults.find(({ path }) => path.endsWith(`/${name}.md`));
      if (broken)
        throw new UserError('bad_input', `The prompt ${name} cannot be used. ${broken.path}: ${broken.fault}.`);
      if (!found.isComplete) throw storeIsAway(reference);
      throw noPrompt(
        reference,
        found.prompts.map((each) => each.reference),
      );
    },

    async render({ prompt, list: { prompts, project, isComplete } }, values, reader) {
      const find = (name: string) => {
        const included = prompts.find((each) => each.name === name);
        if (!included && !isComplete) throw storeIsAway(name);
        return included;
      };
      const fillSlot = async (slot: Slot) => fill(slot, project ?? (await projects.find(undefined)), reader);
      const rendered = await renderPrompt({ prompt, values, find, fill: fillSlot });
      if (isComplete) await countUse(prompt, project);
      return rendered;
    },

    watch,
  };

  /** A prompt is rendered whether or not that can be counted. */
  async function countUse({ name, home }: LibraryPrompt, project: Project | undefined) {
    const owner = isOfProject(home) && project ? project : 'global';
    await saved.used(owner, name).catch((error) => log.warn({ err: error }, 'a use of a prompt was not counted'));
  }

  async function list(project: Project | undefined, job: JobCall): Promise<PromptList> {
    const [first] = await projects.list();
    const [ofProject, own, stored] = await Promise.all([
      project ? workers.run('readFolder', { root: project, folder: promptFolder, ending: '.md', ...limits }, job) : [],
      readOwnFolder(ownFolder, limits),
      readStore(project),
    ]);
    const files = [
      ...ofProject.map(parseAs('project file', promptFolder)),
      ...own.map(parseAs('user file', 'prompts')),
    ];
    const found: Array<Found & { version?: number }> = [
      ...files.flatMap((file) => ('fault' in file ? [] : [file])),
      ...stored.prompts.map(ofStore),
      ...shipped.map((prompt) => ({ ...prompt, home: 'built-in' as const })),
    ];
    const { uses, isAway } = stored;
    return {
      project,
      ...rankHomes(found, { project, isDefault: project?.folder === first?.folder, uses }),
      faults: files.flatMap((file) => ('fault' in file ? [file] : [])),
      isComplete: !isAway,
    };
  }

  /** What lies in files is there even if the store is away. */
  async function readStore(project: Project | undefined) {
    try {
      if (Date.now() < askAgainAt) return withoutStore;
      return { ...(await withPatience(saved.list(project ? [project.id] : []), patienceMs)), isAway: false };
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
const withoutStore = { prompts: [], uses: new Map<string, never>(), isAway: true };

function storeIsAway(reference: string): UserError {
  const shown = JSON.stringify(reference.slice(0, 100));
  return new UserError(
    'unavailable',
    `The store cannot be reached, and no file is a prompt ${shown}. Try again in a moment.`,
  );
}

function parseAs(home: Home, folder: string) {
  return (file: FolderFile): Found | { path: string; fault: string } => {
    const path = `${folder}/${file.name}`;
    const parsed = 'fault' in file ? file : fromMarkdown(file.name, file.text);
    if ('fault' in parsed) return { path, fault: parsed.fault };
    return { name: parsed.name, document: parsed.document, home, path };
  };
}
