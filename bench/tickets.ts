/** Stores of tickets as a team of some years has them, made through the domain: the same ones in each run. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLog } from '../src/log.ts';
import type { ProjectName } from '../src/projects/records.ts';
import { createSqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import type { Author, Priority, Status } from '../src/tickets/ticket.ts';
import type { NewTicket } from '../src/tickets/ticket-changes.ts';
import { createTickets } from '../src/tickets/tickets.ts';
import { createRandom } from '../tests/helpers/random.ts';

export const author: Author = { source: 'agent:bench', connection: 'bench' };

/** What lists are asked for. Rare is what exactly `rareCount` tickets have in a store of any size. */
export const rare = { label: 'rare-label', word: 'heliotrope' };
export const rareCount = 60;
export const common = { label: 'backend', word: 'deployment', assignee: 'ana' };

const perChange = 500;
const dayMs = 24 * 60 * 60_000;
export const firstDay = Date.UTC(2024, 0, 1);

export function projectIn(folder: string): ProjectName {
  return { id: 'shop', name: 'shop', folder: join(folder, 'shop') };
}

/** Without the check for damage, which runs beside the program and only once. */
export function openStore(folder: string, clock?: () => number): Store {
  const log = createLog('error');
  return createSqliteStore({
    path: join(folder, 'octant.db'),
    log,
    findDamage: async () => undefined,
    ...(clock && { clock }),
  });
}

/** Makes a store of `count` tickets in a folder; the times of their last change are spread over three years. */
export async function makeStore(folder: string, count: number): Promise<void> {
  const project = projectIn(folder);
  mkdirSync(project.folder, { recursive: true });
  const random = createRandom(count);
  const store = openStore(folder, () => firstDay + Math.floor(random() * 1000 * dayMs));
  const tickets = createTickets(store);
  try {
    for (let made = 0; made < count; made += perChange) {
      const batch = Array.from({ length: Math.min(perChange, count - made) }, (_, index) => {
        return inventTicket(random, made + index, count, index);
      });
      await tickets.create(project, batch, author);
    }
    if (count === 0) await tickets.create(project, [], author);
  } finally {
    await store.close();
  }
}

/** Each value with its part of the whole. */
type Shares<Value> = readonly [readonly [Value, number], ...ReadonlyArray<readonly [Value, number]>];

const statusShares: Shares<Status> = [
  ['done', 0.78],
  ['open', 0.12],
  ['in_progress', 0.03],
  ['blocked', 0.02],
  ['cancelled', 0.05],
];
const priorityShares: Shares<Priority> = [
  ['urgent', 0.03],
  ['high', 0.17],
  ['normal', 0.6],
  ['low', 0.2],
];
const labelShares = { [common.label]: 0.4, frontend: 0.3, bug: 0.25, security: 0.05, flaky: 0.01, 'release-7': 0.003 };
const people = [common.assignee, 'ben', 'chloe', 'dmitri', 'eva', 'farid', 'grace', 'hiro'];

function inventTicket(random: () => number, index: number, count: number, inBatch: number): NewTicket {
  const isRare = index % Math.max(1, Math.floor(count / rareCount)) === 0 && index < count - (count % rareCount);
  const status = pick(random, statusShares);
  const labels = Object.entries(labelShares).flatMap(([label, share]) => (random() < share ? [label] : []));
  const words = [...(random() < 0.6 ? [common.word] : []), ...(isRare ? [rare.word] : [])];
  const tasks = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    return { title: sentence(random, 6), done: status === 'done' || random() < 0.3 };
  });
  return {
    change: {
      title: sentence(random, 7),
      overview: `${[sentence(random, 25), sentence(random, 40), ...words].join(' ')}.\n\n${sentence(random, 30)}.`,
      status,
      priority: pick(random, priorityShares),
      labels: isRare ? [...labels, rare.label] : labels,
      ...(random() < 0.8 && { assignee: people[Math.floor(random() * people.length)] }),
      ...(random() < 0.3 && { due: isoDay(firstDay + Math.floor(random() * 1200) * dayMs) }),
      tasks,
    },
    ...(inBatch > 0 && random() < 0.15 && { linksWithin: [{ kind: 'blocked_by', index: inBatch - 1 }] }),
  };
}

/** Words whose frequencies fall as those of a language do. */
function sentence(random: () => number, length: number): string {
  return Array.from({ length }, () => wordAt(Math.floor(vocabulary ** random()) - 1)).join(' ');
}

const vocabulary = 8000;
const syllables = ['ra', 'ti', 'on', 'ser', 've', 'con', 'fi', 'gu', 'pa', 'lo', 'ad', 'be', 'que', 'ry', 'sta', 'te'];

function wordAt(rank: number): string {
  const digits = (rank + syllables.length).toString(syllables.length);
  return [...digits].map((digit) => syllables[Number.parseInt(digit, syllables.length)]).join('');
}

/** The first takes what the others leave. */
function pick<Value>(random: () => number, [first, ...others]: Shares<Value>): Value {
  let left = random();
  for (const [value, share] of others) {
    left -= share;
    if (left < 0) return value;
  }
  return first[0];
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
