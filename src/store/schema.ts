import type { Generated } from 'kysely';
import type { ChatTables } from './chat-schema.ts';

/**
 * The tables, as Kysely sees them; the same on SQLite and PostgreSQL. Times are milliseconds since 1970 (UTC). Whole
 * values (documents, patches) are JSON text, so that what comes back is what was written, byte for byte.
 */
export interface Tables extends ChatTables {
  schema_versions: SchemaVersionsTable;
  projects: ProjectsTable;
  tickets: TicketsTable;
  ticket_terms: TicketTermsTable;
  ticket_links: TicketLinksTable;
  queues: QueuesTable;
  events: EventsTable;
  receipts: ReceiptsTable;
  runs: RunsTable;
  plans: PlansTable;
  plan_revisions: PlanRevisionsTable;
  prompts: PromptsTable;
  prompt_versions: PromptVersionsTable;
  prompt_uses: PromptUsesTable;
}

interface SchemaVersionsTable {
  version: number;
  applied_at: number;
}

interface ProjectsTable {
  id: string;
  name: string;
  /** The real path of the folder on the machine that added it. */
  folder: string;
  created_at: number;
  /** 1 for projects that `add_project` added: servers with that toolset offer them to their clients. */
  is_added: number;
  /** Set by `remove_project`: not listed, its data kept. */
  removed_at: number | null;
  /** The number that the next ticket gets; never falls, so that an id never names two tickets. */
  next_ticket: number;
  /** The same of plans. */
  next_plan: Generated<number>;
  /** And of conversations. */
  next_conversation: Generated<number>;
}

/** A row is the document, its version, and what lists filter and sort by. */
export interface TicketsTable {
  /** For the full-text index; of this database alone, never shown or exported. */
  row_id: Generated<number>;
  project_id: string;
  number: number;
  version: number;
  /** Of the document; `deleted` while it is deleted. */
  status: string;
  title: string;
  /** 0 urgent to 3 low. */
  priority: number;
  /** ISO date, or `9999-12-31` where there is none, so that it sorts last. */
  due: string;
  /** A JSON array. */
  labels: string;
  assignee: string | null;
  tasks_total: number;
  tasks_done: number;
  /** Where an imported ticket came from; makes a second import of it change nothing. */
  origin: string | null;
  created_at: number;
  updated_at: number;
  /** The number of the last claim that was given out; never falls, so that a late write of an old holder is known. */
  claim_number: number;
  /** When the present claim ends, unless it is renewed. */
  claim_expires_at: number | null;
  /** The ticket: canonical JSON, checked by the schema of its domain when it is read. */
  document: string;
}

/** What a ticket can be found by: `label:NAME`, `assignee:NAME`. */
interface TicketTermsTable {
  project_id: string;
  term: string;
  number: number;
}

/** Directed links, of the kinds that are stored once: blocks, parent, duplicates, supersedes. */
interface TicketLinksTable {
  project_id: string;
  kind: string;
  from_number: number;
  to_number: number;
}

/** A queue is a label with limits. */
interface QueuesTable {
  project_id: string;
  label: string;
  /** How many of its tickets may be claimed at once. */
  parallel: number;
  /** How many claims of a ticket may fail before it is set aside. */
  attempts: number;
  is_paused: number;
}

/** What happened, in the order in which it was committed on SQLite, and within a project on PostgreSQL. */
interface EventsTable {
  seq: Generated<number>;
  /** The events of one change share it; a UUID version 7. */
  change_id: string;
  at: number;
  project_id: string;
  entity: string;
  entity_id: string;
  /** Of the ticket after the change; projects and queues have none, which is told as 1. */
  version: number;
  action: string;
  /** `human` or `agent:NAME`. */
  actor: string;
  /** A caller's own id of the change; on its first event only. */
  request_id: string | null;
  /** What the caller asked under that id, to refuse the id for anything else. */
  request_digest: string | null;
  /** JSON merge patches (RFC 7396) from the new state to the old one and back. */
  before: string;
  after: string;
}

/** A row is what lists show of the newest revision. */
interface PlansTable {
  project_id: string;
  number: number;
  revision: number;
  title: string;
  steps: number;
  /** The ticket that it is for. */
  ticket: string | null;
  created_at: number;
  updated_at: number;
}

/** Each revision of each plan, whole: canonical JSON, checked by the schema of its domain when it is read. */
interface PlanRevisionsTable {
  project_id: string;
  number: number;
  revision: number;
  at: number;
  document: string;
}

/** Saved prompts, those of no project too. */
interface PromptsTable {
  project_id: string;
  name: string;
  /** The newest. */
  version: number;
  is_deleted: number;
  created_at: number;
  updated_at: number;
  /** What lists tell of the newest version, as JSON; null where it was written before lists asked for it. */
  head: string | null;
}

/** Each version of each prompt, whole: canonical JSON, checked by the schema of its domain when it is read. */
interface PromptVersionsTable {
  project_id: string;
  name: string;
  version: number;
  at: number;
  /** `human` or `agent:NAME`. */
  actor: string;
  document: string;
}

/** How often a prompt was asked for, wherever it is kept. */
interface PromptUsesTable {
  project_id: string;
  name: string;
  /** In the store; 0 for a file, and -1 for what ships with Octant. */
  version: number;
  uses: number;
  used_at: number;
}

/**
 * What was sent to a model, and what it cost. A row is there before anything is sent, so that it outlives a crash, and it
 * is the ledger of what is spent: what a call may still take is held by its row until it ends, or until it cannot go on.
 */
export interface ReceiptsTable {
  /** A UUID version 7. */
  id: string;
  run_id: string | null;
  project_id: string | null;
  at: number;
  /** ISO date of `at`, UTC. */
  day: string;
  /** `agent:NAME`, for whom it was asked. */
  actor: string;
  purpose: string;
  /** The model or tier that was asked for. */
  asked: string;
  /** `provider/model` that answered, or that was tried last. */
  model: string | null;
  /** `open` until it has ended; for good where a process did not live to see it. */
  outcome: 'open' | 'ok' | 'failed' | 'cancelled';
  /** What went wrong, in one word. */
  failure: string | null;
  /** JSON: paths with ranges and hashes. */
  files: string;
  /** JSON: estimated tokens by the parts of the question. */
  parts: string;
  /** JSON: secrets that were replaced, by kind. */
  redactions: string;
  input_tokens: number;
  output_tokens: number;
  /** 1 where a provider did not count them. */
  is_estimate: number;
  retries: number;
  ms: number;
  /** US dollars; null where no price is known. */
  cost: number | null;
  held_tokens: number;
  held_cost: number;
  held_until: number;
}

/** What agents were asked, and how far they are. */
export interface RunsTable {
  /** Sorts by the time of the start. */
  id: string;
  project_id: string;
  status: string;
  created_at: number;
  /** The process that does it, and its last sign of life: one that is still `running` long after that was left. */
  owner: string;
  beat_at: number;
  /** 1 where somebody wants it to end. */
  is_cancelled: number;
  /** Canonical JSON, checked by the schema of its domain when it is read. */
  document: string;
}
