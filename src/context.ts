import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAgents } from './agents/agent-folder.ts';
import { type Agents, createAgents } from './agents/agents.ts';
import { createPanel, type Panel } from './agents/panel.ts';
import { modelOf } from './agents/work.ts';
import { purgeChats } from './chats/changes/removal.ts';
import { type Chats, createChats } from './chats/chats.ts';
import { createModelRooms, modelHabits } from './chats/context/model-room.ts';
import { createSummarizer } from './chats/context/summarize.ts';
import { createAnswerer } from './chats/turns/answer.ts';
import { createDialogue, type Dialogue } from './chats/turns/dialogue.ts';
import type { Settings } from './config.ts';
import { deadlinesMs } from './deadlines.ts';
import { createLibrary, type Library } from './library/library.ts';
import { loadPrompts } from './library/prompt-file.ts';
import { createPromptRanker, type PromptRanker } from './library/prompt-ranker.ts';
import { purgePrompts } from './library/prompt-rows.ts';
import { createSavedPrompts, type SavedPrompts } from './library/saved-prompts.ts';
import type { Log } from './log.ts';
import { type Asker, createAsker } from './models/asker.ts';
import { createLedger, type Ledger } from './models/ledger.ts';
import { purgeReceipts } from './models/receipts.ts';
import { packageFolder } from './package.ts';
import { type Contexts, createContexts } from './packing/contexts.ts';
import { createFill } from './packing/fill-slot.ts';
import type { PackJobs, PackSetup } from './packing/pack-worker.ts';
import { createSources, type Sources } from './packing/sources.ts';
import { purgePlans } from './plans/plan-rows.ts';
import { createPlanner, type Planner, type PlannerWords } from './plans/planner.ts';
import { createPlans, type Plans } from './plans/plans.ts';
import { type Digest, digestSchema } from './projects/hash-files.ts';
import { createProjects, type Projects } from './projects/registry.ts';
import { createFileWatcher, type FileWatcher } from './projects/watch.ts';
import { createWorkerPool, type JobTable, type WorkerPool } from './projects/worker-pool.ts';
import { createModels, listingSchema, type Models } from './providers/models.ts';
import { createRunner, type Runner } from './runs/runner.ts';
import { createRuns, purgeRuns, type Runs } from './runs/runs.ts';
import { createNameSearch, type NameSearch } from './search/name-search.ts';
import { createPathSearch, type PathSearch } from './search/path-search.ts';
import { createTextSearch, type TextSearch } from './search/text-search.ts';
import type { IndexJobs } from './search/threads/index-worker.ts';
import type { TaskJobs } from './search/threads/task-worker.ts';
import type { Jobs } from './search/threads/worker.ts';
import { type Cache, type Caches, createCaches } from './store/caches.ts';
import { createPostgresStore } from './store/postgres.ts';
import { createSqliteStore } from './store/sqlite.ts';
import type { Store, Write } from './store/store.ts';
import type { SummaryWords } from './summaries/ask-summary.ts';
import { storedSchema } from './summaries/model-answer.ts';
import { createFileRanker, type FileRanker } from './summaries/rank-files.ts';
import { createSummaries, type Summaries } from './summaries/summaries.ts';
import { createSummaryCache } from './summaries/summary-cache.ts';
import { purgeTickets } from './tickets/rows.ts';
import { createTickets, type Tickets } from './tickets/tickets.ts';

/** The services that tools, resources and prompts work with; built once a process. */
export interface Context {
  log: Log;
  settings: Settings;
  /** What people and agents made. */
  store: Store;
  projects: Projects;
  tickets: Tickets;
  plans: Plans;
  chats: Chats;
  /** Asks models in them. */
  dialogue: Dialogue;
  /** Makes plans with a model. */
  planner: Planner;
  /** Hashes of files, by their folder and path. */
  digests: Cache<Digest>;
  /** Runs everything that reads a project's files. */
  workers: WorkerPool<Jobs>;
  /** Finds lines, with the help of one thread that keeps the text of projects. */
  textSearch: TextSearch;
  nameSearch: NameSearch;
  pathSearch: PathSearch;
  /** One thread that keeps what it knows of the files of projects, to suggest some for a task. */
  taskIndexer: WorkerPool<TaskJobs>;
  summaries: Summaries;
  /** Texts for models, within a number of tokens. */
  sources: Sources;
  /** What a model should read, within a budget. */
  contexts: Contexts;
  /** Lets a model put files that were found in order. */
  fileRanker: FileRanker;
  watcher: FileWatcher;
  /** The models that the operator has. */
  models: Models;
  /** Asks them. */
  asker: Asker;
  /** What that has cost. */
  ledger: Ledger;
  agents: Agents;
  /** Does what may take longer than a caller waits. */
  runner: Runner;
  /** All that was begun so, by any server on the store. */
  runs: Runs;
  /** Asks several models the same. */
  panel: Panel;
  /** All prompts, wherever they are kept. */
  library: Library;
  /** Those in the store. */
  savedPrompts: SavedPrompts;
  /** Lets a model choose among them. */
  promptRanker: PromptRanker;
  /** What clients tell their model about this server. */
  instructions: string;
  close(): Promise<void>;
}

const workerIdleMs = 60_000;
const monthMs = 30 * 24 * 60 * 60_000;

/** @throws StartError for a project or a prompt file that cannot be served. */
export function createContext(settings: Settings, startFolder: string, log: Log): Context {
  const { project: named, refuseHardLinks } = settings;
  const indexIdleMs = settings.indexMinutes * 60_000;
  const idleMs = Math.min(workerIdleMs, indexIdleMs);
  const workers = createWorkerPool<Jobs>({ entry: threadEntry('worker'), log, idleMs });
  const textIndexer = createIndexer<IndexJobs>('index-worker', log, indexIdleMs, { isAtWork: 'isAtWork' });
  const taskIndexer = createIndexer<TaskJobs>('task-worker', log, indexIdleMs);
  const where = { url: settings.cache, folder: settings.dataDir };
  const packer = createIndexer<PackJobs>('pack-worker', log, idleMs, { setup: where satisfies PackSetup });
  const store = createStore(settings, workers, log);
  const projects = createProjects(
    { named, startFolder, refuseHardLinks, offersAdded: settings.toolsets.includes('projects') },
    { store, log, purge },
  );
  const watcher = createFileWatcher(log);
  const savedPrompts = createSavedPrompts(store);
  const caches = createCaches({ ...where, log });
  const promptFolder = join(packageFolder, 'prompts');
  const indexFolder = join(settings.dataDir, 'cache', 'index');
  const textSearch = createTextSearch({ workers, indexer: textIndexer, indexFolder, log });
  const indexed = { workers, indexer: textIndexer, log, keep: textSearch.keep };
  const models = createModels({
    endpoints: settings.endpoints,
    tiers: settings.tiers,
    parallel: settings.parallel,
    listings: caches.open('models', { schema: listingSchema, ttlMs: monthMs }),
  });
  const ledger = createLedger(store, settings.caps);
  const words = (name: string) => readFileSync(join(promptFolder, 'server', `${name}.md`), 'utf8').trim();
  const dataWords = { answerAsData: words('answer-as-data'), correctAnswer: words('correct-answer') };
  const asker = createAsker({ models, ledger, caps: settings.caps, log, words: dataWords });
  const digests = caches.open('digests', { schema: digestSchema, ttlMs: monthMs });
  const runs = createRuns(store);
  const runner = createRunner({ runs, log });
  const agents = createAgents({
    ...{ asker, runner, tiers: settings.tiers },
    known: loadAgents(join(promptFolder, 'agents'), settings.agentFolder),
    words: {
      ...{ ...dataWords, rules: words('agent-rules'), lastTurn: words('agent-last-turn') },
      ...{ talk: words('agent-talk'), correctTalk: words('correct-talk') },
    },
  });
  const tickets = createTickets(store);
  const plans = createPlans(store);
  const summaries = createSummaries({
    ...{ workers, taskIndexer, digests, models, asker },
    words: readSummaryWords(promptFolder),
    cache: createSummaryCache(caches.open('summaries', { schema: storedSchema, ttlMs: monthMs })),
    ...(settings.parallel !== undefined && { parallel: settings.parallel }),
  });
  const sources = createSources({ packer, projects, tickets, plans, summaries });
  const chats = createChats(store);
  const contexts = createContexts({
    ...{ sources, packer, taskIndexer, workers, projects, tickets, plans, chats },
    library: () => library,
  });
  const library: Library = createLibrary({
    ...{ saved: savedPrompts, projects, workers, watcher, log },
    shipped: () => loadPrompts(promptFolder),
    ownFolder: settings.promptFolder,
    fill: createFill({ sources, contexts }),
  });
  const dialogue = createChatDialogue({ chats, asker, agents, models, caches, log, promptFolder });
  return {
    log,
    settings,
    store,
    projects,
    tickets,
    plans,
    chats,
    dialogue,
    planner: createPlanner({ asker, words: readPlannerWords(promptFolder) }),
    digests,
    workers,
    textSearch,
    nameSearch: createNameSearch(indexed),
    pathSearch: createPathSearch(indexed),
    taskIndexer,
    fileRanker: createFileRanker({
      asker,
      workers,
      words: readFileSync(join(promptFolder, 'summaries', 'rank-files.md'), 'utf8'),
    }),
    summaries,
    sources,
    contexts,
    watcher,
    models,
    asker,
    ledger,
    agents,
    runner,
    runs,
    panel: createPanel({ asker, tiers: settings.tiers, words: words('judge') }),
    savedPrompts,
    promptRanker: createPromptRanker({
      asker,
      words: readFileSync(join(promptFolder, 'library', 'rank-prompts.md'), 'utf8'),
    }),
    library,
    instructions: words('instructions'),
    async close() {
      await Promise.all([runner.close(), dialogue.close()]);
      watcher.close();
      const threads = [workers, textIndexer, taskIndexer, packer];
      await Promise.all([...threads.map((pool) => pool.close()), caches.close(), store.close()]);
    },
  };
}

function readSummaryWords(promptFolder: string): SummaryWords {
  const read = (name: string) => readFileSync(join(promptFolder, 'summaries', name), 'utf8');
  return { file: read('file.md'), merge: read('merge.md'), folder: read('folder.md') };
}

function readPlannerWords(promptFolder: string): PlannerWords {
  const read = (name: string) => readFileSync(join(promptFolder, 'plans', `${name}.md`), 'utf8');
  return { plan: read('plan'), goal: read('goal'), repair: read('repair-plan') };
}

function createChatDialogue({
  promptFolder,
  caches,
  ...services
}: Pick<Context, 'chats' | 'asker' | 'agents' | 'models' | 'log'> & {
  caches: Caches;
  promptFolder: string;
}): Dialogue {
  const { asker, agents, models } = services;
  const read = (name: string) => readFileSync(join(promptFolder, 'chats', `${name}.md`), 'utf8');
  const words = { earlier: read('earlier'), merged: read('merged'), continue: read('continue') };
  const summarizerWords = { summarize: read('summarize'), mergeBranch: read('merge-branch') };
  const rooms = createModelRooms({
    models,
    habits: caches.open('model-habits', { schema: modelHabits, ttlMs: monthMs }),
  });
  const summarizer = createSummarizer({ asker, words: summarizerWords });
  const answerer = createAnswerer({ asker, agents, rooms, summarizer, words });
  return createDialogue({
    ...{ ...services, answerer, summarizer, words: { attached: read('attached') } },
    defaultModel: modelOf({ tier: 'medium' }, models.tiers),
  });
}

/** Of all domains, inside the change that removes a project. */
async function purge(write: Write, projectId: string) {
  await purgeTickets(write, projectId);
  await purgePlans(write, projectId);
  await purgePrompts(write, projectId);
  await purgeChats(write, projectId);
  await purgeReceipts(write, projectId);
  await purgeRuns(write, projectId);
}

function createStore({ store: url, dataDir }: Settings, workers: WorkerPool<Jobs>, log: Log): Store {
  if (url !== undefined) return createPostgresStore({ url, log });
  const call = { signal: new AbortController().signal, budgetMs: deadlinesMs.damageCheck };
  return createSqliteStore({
    path: join(dataDir, 'octant.db'),
    log,
    findDamage: (path) => workers.run('findDamage', { path }, call),
  });
}

/**
 * One thread that keeps what it has learned from call to call, and gives it up when nobody asks. It lives long and reads much
 * at its start; what it throws away then would stay with it as memory that it does not use.
 */
function createIndexer<Jobs extends JobTable>(
  name: ThreadName,
  log: Log,
  idleMs: number,
  further: { isAtWork?: keyof Jobs & string; setup?: unknown } = {},
): WorkerPool<Jobs> {
  return createWorkerPool({ entry: threadEntry(name), log, size: 1, idleMs, youngMb: 12, ...further });
}

/** A thread's program lies beside the bundle, or in the sources when these are run as they are. */
function threadEntry(name: ThreadName): URL {
  const source = name === 'pack-worker' ? `./packing/${name}.ts` : `./search/threads/${name}.ts`;
  return new URL(import.meta.url.endsWith('.ts') ? source : `./${name}.js`, import.meta.url);
}

type ThreadName = 'worker' | 'index-worker' | 'task-worker' | 'pack-worker';
