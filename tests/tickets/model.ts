/*
 * What tickets promise, written a second time and as plainly as possible, without a line of the domain's own: states are
 * whole copies, an undo puts an old copy back, a circle is looked for by walking.
 */

export type Operation = { by: number; request?: number } & Deed;

export type Deed =
  | { kind: 'create'; change: Change; links: LinkWish[]; second?: { change: Change; within?: string } }
  | {
      kind: 'update';
      ticket: number;
      change: Change;
      link: LinkWish[];
      unlink: LinkWish[];
      ifVersion?: number;
      claim?: number;
    }
  | { kind: 'undo'; ticket: number; ifVersion?: number; claim?: number }
  | { kind: 'delete'; ticket: number; ifVersion?: number }
  | { kind: 'claim'; ticket?: number; label?: string; minutes: number }
  | { kind: 'release'; ticket: number; claim?: number; failure?: string }
  | { kind: 'renew'; ticket: number; claim?: number }
  | { kind: 'limit'; label: string; parallel: number; attempts: number; isPaused: boolean };

export interface LinkWish {
  kind: string;
  number: number;
}

export interface Change {
  title?: string;
  overview?: string;
  status?: string;
  priority?: string;
  labels?: string[];
  addLabels?: string[];
  removeLabels?: string[];
  assignee?: string;
  due?: string;
  estimate?: number;
  files?: Array<{ path: string; hash?: string }>;
  prompts?: string[];
  planStep?: string;
  tasks?: TaskWish[];
  acceptance?: ItemWish[];
  comment?: string;
  forceReason?: string;
}

export interface TaskWish {
  task?: number;
  title?: string;
  done?: boolean;
  description?: string;
  estimate?: number;
  dependsOn?: number[];
  position?: number;
  remove?: boolean;
}

export interface ItemWish {
  item?: number;
  text?: string;
  evidence?: string;
  remove?: boolean;
}

interface Task {
  id: number;
  title: string;
  done: boolean;
  description: string;
  estimate: number;
  dependsOn: number[];
}

/** A ticket with every field filled in: what is empty is absent in the store. */
export interface Card {
  title: string;
  overview: string;
  status: string;
  priority: string;
  labels: string[];
  assignee: string;
  due: string;
  estimate: number;
  files: Array<{ path: string; hash?: string }>;
  prompts: string[];
  planStep: string;
  source: string;
  tasks: Task[];
  acceptance: Array<{ id: number; text: string; evidence: string }>;
  comments: Array<{ id: number; at: number; by: string; text: string }>;
  links: string[];
  nextPart: number;
  claim?: { number: number; holder: string; minutes: number };
  attempts: number;
  forced: string;
  isDeleted: boolean;
}

export interface Kept {
  version: number;
  createdAt: number;
  updatedAt: number;
  claimNumber: number;
  expiresAt?: number;
  card: Card;
}

interface Step {
  number: number;
  version: number;
  before?: Card;
  after: Card;
}

interface Queue {
  label: string;
  parallel: number;
  attempts: number;
  isPaused: boolean;
}

export interface World {
  now: number;
  next: number;
  tickets: Map<number, Kept>;
  /** Every change with all that it did. */
  changes: Step[][];
  requests: Map<number, { asked: string; tickets: Seen[] }>;
  queues: Queue[];
  /** By connection and ticket, the number of the claim that was given out over it. */
  held: Map<string, number>;
}

/** What a caller gets to see of a ticket. */
export interface Seen {
  number: number;
  version: number;
  claimNumber: number;
  card: Card;
}

export type Outcome = { refused: string } | { tickets: Seen[] } | { nothing: true };

class Refusal extends Error {}

export function emptyWorld(now: number): World {
  return { now, next: 1, tickets: new Map(), changes: [], requests: new Map(), queues: [], held: new Map() };
}

/** What documents do not tell, to know one world from another. */
export function hidden({ held, requests, tickets, queues, changes }: World): string {
  const claims = [...tickets].map(([number, { claimNumber, expiresAt }]) => [number, claimNumber, expiresAt]);
  const limits = queues.map((queue) => JSON.stringify(queue)).sort();
  const undoable = [...tickets.keys()].map((number) => {
    const last = changes.findLast((steps) => steps.some((step) => step.number === number)) ?? [];
    return last.map((step) => [step.number, step.version]);
  });
  return JSON.stringify([[...held].sort(), [...requests].sort(([a], [b]) => a - b), claims, limits, undoable]);
}

/** The world after an operation, and what its caller is told. A refused one changes nothing. */
export function play(world: World, operation: Operation): { world: World; outcome: Outcome } {
  const draft = structuredClone(world);
  try {
    return { outcome: perform(draft, operation), world: draft };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const kept = structuredClone(world);
    for (const key of forgotten(world, operation)) kept.held.delete(key);
    return { outcome: { refused: error.message }, world: kept };
  }
}

/** A connection that learns that its claim is over forgets it. */
function forgotten(world: World, operation: Operation): string[] {
  if (operation.kind !== 'update' && operation.kind !== 'delete' && operation.kind !== 'undo') return [];
  const kept = world.tickets.get(operation.ticket);
  if (!kept || isKnown(world, operation) || isStale(kept, operation.ifVersion)) return [];
  return isOver(world, operation) ? [heldKey(operation.by, operation.ticket)] : [];
}

function perform(world: World, operation: Operation): Outcome {
  const { request, by } = operation;
  const known = request === undefined ? undefined : world.requests.get(request);
  const listens = operation.kind !== 'renew';
  if (known && listens) {
    if (known.asked !== asked(operation)) throw new Refusal('conflict');
    const [first] = known.tickets;
    if (operation.kind === 'claim' && first) {
      renew(world, { kind: 'renew', ticket: first.number, claim: first.claimNumber, by });
      return { tickets: [see(world, first.number)] };
    }
    if (operation.kind !== 'create' && first) letGo(world, by, first);
    return { tickets: known.tickets };
  }
  const changes = world.changes.length;
  const result = deed(world, operation);
  if ('reason' in result) return { nothing: true };
  const tickets = result.map((number) => see(world, number));
  const [first] = tickets;
  if (endsClaims.has(operation.kind) && first) letGo(world, by, first);
  const isKept = operation.kind !== 'claim' || world.changes.length > changes;
  if (request !== undefined && listens && isKept) world.requests.set(request, { asked: asked(operation), tickets });
  return { tickets };
}

const endsClaims = new Set<Operation['kind']>(['update', 'delete', 'undo', 'release']);

/** Who sees that a claim has ended holds it no more, unless it was given a later one. */
function letGo(world: World, by: number, { number, card, claimNumber }: Seen) {
  const key = heldKey(by, number);
  if (!card.claim && (world.held.get(key) ?? 0) <= claimNumber) world.held.delete(key);
}

export function asked({ by: _, request: __, ...rest }: Operation): string {
  return JSON.stringify(rest);
}

function isKnown(world: World, { request }: Operation): boolean {
  return request !== undefined && world.requests.has(request);
}

function see(world: World, number: number): Seen {
  const { version, claimNumber, card } = find(world, number);
  return { number, version, claimNumber, card: structuredClone(card) };
}

type Result = number[] | { reason: true };

/** The tickets that it changed, the one that it was about first. */
function deed(world: World, operation: Operation): Result {
  switch (operation.kind) {
    case 'create':
      return create(world, operation);
    case 'update':
      return update(world, operation);
    case 'undo':
      return undo(world, operation);
    case 'delete':
      return remove(world, operation);
    case 'claim':
      return claim(world, operation);
    case 'release':
      return release(world, operation);
    case 'renew':
      return renew(world, operation);
    case 'limit': {
      const { label, parallel, attempts, isPaused } = operation;
      world.queues = [
        ...world.queues.filter((queue) => queue.label !== label),
        { label, parallel, attempts, isPaused },
      ];
      return [];
    }
  }
}

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;

const people = (by: number) => (by % 2 === 0 ? 'human' : `agent:a${by}`);

export function sourceOf({ by }: Operation): string {
  return people(by);
}

function create(world: World, { change, links, second, by }: Of<'create'>): number[] {
  const wishes = [change, ...(second ? [second.change] : [])];
  const first = world.next;
  world.next += wishes.length;
  const changed = new Map(
    wishes.map((wish, index) => [first + index, applied(blank(people(by)), wish, world.now, people(by))]),
  );
  for (const link of links) connect(world, changed, first, link);
  if (second?.within !== undefined) connect(world, changed, first, { kind: second.within, number: first + 1 });
  return store(world, changed);
}

function blank(source: string): Card {
  return {
    ...{ title: '', overview: '', status: 'open', priority: 'normal', labels: [], assignee: '', due: '', estimate: 0 },
    ...{ files: [], prompts: [], planStep: '', source, tasks: [], acceptance: [], comments: [], links: [] },
    ...{ nextPart: 1, attempts: 0, forced: '', isDeleted: false },
  };
}

function update(world: World, operation: Of<'update'>): number[] {
  const { ticket: number, change, link, unlink, ifVersion, by } = operation;
  const kept = find(world, number);
  if (isStale(kept, ifVersion)) throw new Refusal('conflict');
  if (isOver(world, operation)) throw new Refusal('conflict');
  if (kept.card.isDeleted) throw new Refusal('conflict');
  const changed = new Map([[number, applied(kept.card, change, world.now, people(by))]]);
  for (const wish of unlink) {
    const card = touched(world, changed, number);
    if (!card.links.includes(`${wish.kind} T-${wish.number}`)) throw new Refusal('not_found');
    card.links = card.links.filter((each) => each !== `${wish.kind} T-${wish.number}`);
    const other = touched(world, changed, wish.number);
    other.links = other.links.filter((each) => each !== `${reverse(wish.kind)} T-${number}`);
  }
  for (const wish of link) connect(world, changed, number, wish);
  return store(world, changed, number);
}

function connect(world: World, changed: Map<number, Card>, from: number, { kind, number }: LinkWish) {
  if (number === from) throw new Refusal('bad_input');
  const [near, far] = [touched(world, changed, from), touched(world, changed, number)];
  if (far.isDeleted) throw new Refusal('not_found');
  near.links = [...new Set([...near.links, `${kind} T-${number}`])];
  far.links = [...new Set([...far.links, `${reverse(kind)} T-${from}`])];
}

function touched(world: World, changed: Map<number, Card>, number: number): Card {
  const card = changed.get(number) ?? structuredClone(find(world, number).card);
  changed.set(number, card);
  return card;
}

const pairs = ['blocks blocked_by', 'parent child', 'related related', 'duplicates duplicated_by'].concat(
  'supersedes superseded_by',
);

export function reverse(kind: string): string {
  for (const pair of pairs) {
    const [one, other] = pair.split(' ');
    if (kind === one) return other ?? '';
    if (kind === other) return one ?? '';
  }
  throw new Error(kind);
}

function undo(world: World, operation: Of<'undo'>): number[] {
  const { ticket: number, ifVersion } = operation;
  const kept = find(world, number);
  if (isStale(kept, ifVersion)) throw new Refusal('conflict');
  if (isOver(world, operation)) throw new Refusal('conflict');
  const last = world.changes.findLast((steps) => steps.some((step) => step.number === number)) ?? [];
  const changed = new Map<number, Card>();
  for (const step of last) {
    if (find(world, step.number).version !== step.version) throw new Refusal('conflict');
    const { claim: _, ...unclaimed } = step.after;
    changed.set(step.number, structuredClone(step.before ?? { ...unclaimed, links: [], isDeleted: true }));
  }
  return store(world, changed, number);
}

function remove(world: World, operation: Of<'delete'>): number[] {
  const { ticket: number, ifVersion } = operation;
  const kept = find(world, number);
  if (isStale(kept, ifVersion)) throw new Refusal('conflict');
  if (isOver(world, operation)) throw new Refusal('conflict');
  if (kept.card.isDeleted) throw new Refusal('not_found');
  const { claim: _, ...card } = kept.card;
  return store(world, new Map([[number, { ...card, isDeleted: true }]]));
}

function claim(world: World, { ticket, label, minutes, by }: Of<'claim'>): Result {
  if (ticket !== undefined) return claimNamed(world, ticket, minutes, by);
  const failed = new Map<number, Card>();
  if (label !== undefined && full(world).includes(label)) return { reason: true };
  for (const number of ready(world, label)) {
    const { card } = find(world, number);
    if (!isWornOut(world, card)) return give(world, number, minutes, by, failed);
    failed.set(number, setAside(card, 'the lease ran out', world.now, people(by)));
  }
  store(world, failed);
  return { reason: true };
}

function claimNamed(world: World, number: number, minutes: number, by: number): Result {
  const kept = find(world, number);
  const { card } = kept;
  if (card.isDeleted) throw new Refusal('not_found');
  if (isActive(world, kept)) {
    if (world.held.get(heldKey(by, number)) !== kept.claimNumber) throw new Refusal('conflict');
    kept.expiresAt = world.now + (card.claim?.minutes ?? 0) * 60_000;
    return [number];
  }
  const isTaken = !['open', 'in_progress'].includes(card.status) || blockers(world, number).length > 0;
  if (isTaken || full(world).some((label) => card.labels.includes(label))) throw new Refusal('conflict');
  if (isWornOut(world, card)) {
    store(world, new Map([[number, setAside(card, 'the lease ran out', world.now, people(by))]]));
    return { reason: true };
  }
  return give(world, number, minutes, by, new Map());
}

function give(world: World, number: number, minutes: number, by: number, failed: Map<number, Card>): number[] {
  const { card, claimNumber } = find(world, number);
  const given = { number: claimNumber + 1, holder: people(by), minutes };
  const taken = { ...structuredClone(card), status: 'in_progress', claim: given, attempts: card.attempts + 1 };
  store(world, new Map([...failed, [number, taken]]), number);
  const kept = find(world, number);
  kept.claimNumber = given.number;
  kept.expiresAt = world.now + minutes * 60_000;
  keep(world, by, number, given.number);
  return [number, ...failed.keys()];
}

function release(world: World, { ticket: number, claim: given, failure, by }: Of<'release'>): number[] {
  const kept = find(world, number);
  if (kept.card.isDeleted) throw new Refusal('not_found');
  const mine = given ?? world.held.get(heldKey(by, number));
  if (mine === undefined || !isHeld(kept, mine)) throw new Refusal('conflict');
  const { claim: _, ...card } = structuredClone(kept.card);
  if (failure === undefined) {
    return store(world, new Map([[number, { ...card, status: 'open', attempts: Math.max(0, card.attempts - 1) }]]));
  }
  if (isWornOut(world, card)) return store(world, new Map([[number, setAside(card, failure, world.now, people(by))]]));
  const text = `Attempt ${card.attempts} failed: ${failure}`;
  return store(
    world,
    new Map([[number, applied({ ...card, status: 'open' }, { comment: text }, world.now, people(by))]]),
  );
}

function renew(world: World, { ticket: number, claim: given, by }: Of<'renew'>): number[] {
  const kept = find(world, number);
  if (kept.card.isDeleted) throw new Refusal('not_found');
  const mine = given ?? world.held.get(heldKey(by, number));
  if (mine === undefined || !isHeld(kept, mine)) throw new Refusal('conflict');
  const isLate = !isActive(world, kept) && full(world).some((label) => kept.card.labels.includes(label));
  if (isLate) throw new Refusal('conflict');
  kept.expiresAt = world.now + (kept.card.claim?.minutes ?? 0) * 60_000;
  keep(world, by, number, mine);
  return [number];
}

function setAside(card: Card, reason: string, now: number, by: string): Card {
  const { claim: _, ...rest } = card;
  const comment = `Set to blocked after ${card.attempts} attempts: ${reason}`;
  return applied(rest, { status: 'blocked', comment }, now, by);
}

/** Keeps what has really changed, and writes the change down. */
function store(world: World, changed: Map<number, Card>, first?: number): number[] {
  const steps: Step[] = [];
  const numbers = [...changed.keys()].sort((a, b) => Number(b === first) - Number(a === first));
  for (const number of numbers) {
    const after = changed.get(number);
    const kept = world.tickets.get(number);
    if (!after || (kept && isSame(kept.card, after))) continue;
    const version = (kept?.version ?? 0) + 1;
    steps.push({ number, version, ...(kept && { before: kept.card }), after });
    world.tickets.set(number, {
      ...{ version, createdAt: kept?.createdAt ?? world.now, updatedAt: world.now, card: after },
      claimNumber: kept?.claimNumber ?? 0,
      ...(after.claim && { expiresAt: expiryOf(world, kept, after.claim.number) }),
    });
  }
  if (hasCircle(world)) throw new Refusal('conflict');
  if (steps.length > 0) world.changes.push(structuredClone(steps));
  return numbers;
}

/** A claim that an undo brings back has run out. */
function expiryOf(world: World, before: Kept | undefined, claim: number): number {
  return before?.card.claim?.number === claim ? (before.expiresAt ?? world.now) : world.now;
}

function isSame(one: Card, other: Card): boolean {
  return toText(one) === toText(other);
}

function applied(card: Card, change: Change, now: number, by: string): Card {
  const next = structuredClone(card);
  const { title, overview, priority, assignee, due, estimate, files, prompts, planStep } = change;
  const given = { title, overview, priority, assignee, due, estimate, files, prompts, planStep };
  Object.assign(next, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  const labels = [...(change.labels ?? card.labels), ...(change.addLabels ?? [])];
  next.labels = [...new Set(labels)].filter((label) => !change.removeLabels?.includes(label));
  if (next.labels.length > 20) throw new Refusal('limit');
  for (const wish of change.tasks ?? []) changeTask(next, wish);
  if (change.tasks && change.tasks.length > 0) checkTasks(next);
  for (const wish of change.acceptance ?? []) changeItem(next, wish);
  if (change.comment) next.comments.push({ id: next.nextPart++, at: now, by, text: change.comment });
  changeStatus(next, change);
  return next;
}

function changeStatus(card: Card, { status = card.status, forceReason }: Change) {
  const isUnproved = status === 'done' && card.acceptance.some(({ evidence }) => evidence === '');
  card.forced = isUnproved ? forceReason || card.forced : '';
  if (isUnproved && !card.forced) throw new Refusal('conflict');
  const isOpened = card.status === 'blocked' && status !== 'blocked';
  card.status = status;
  if (status !== 'in_progress') delete card.claim;
  if (status === 'done' || status === 'cancelled' || isOpened) card.attempts = 0;
}

function changeTask(card: Card, wish: TaskWish) {
  const { task: id, title, done, description, estimate, dependsOn, position, remove: isRemoved } = wish;
  if (id === undefined && (!title || isRemoved)) throw new Refusal('bad_input');
  const fresh = { id: card.nextPart, title: '', done: false, description: '', estimate: 0, dependsOn: [] };
  const task = id === undefined ? fresh : card.tasks.find((each) => each.id === id);
  if (!task) throw new Refusal('not_found');
  if (id !== undefined && isRemoved) {
    card.tasks = card.tasks.filter((each) => each !== task);
    for (const each of card.tasks) each.dependsOn = each.dependsOn.filter((other) => other !== id);
    return;
  }
  task.title = title || task.title;
  task.description = description ?? task.description;
  task.estimate = estimate ?? task.estimate;
  task.dependsOn = [...new Set(dependsOn ?? task.dependsOn)];
  const waits = task.dependsOn.some((other) => card.tasks.some((each) => each.id === other && !each.done));
  if (done && waits) throw new Refusal('conflict');
  task.done = done ?? task.done;
  if (id === undefined) card.tasks.push(task);
  if (id === undefined) card.nextPart++;
  if (position === undefined) return;
  card.tasks = card.tasks.filter((each) => each !== task);
  card.tasks.splice(position - 1, 0, task);
}

function checkTasks({ tasks }: Card) {
  const known = new Set(tasks.map(({ id }) => id));
  const missing = tasks.some(({ dependsOn }) => dependsOn.some((id) => !known.has(id)));
  const edges = tasks.flatMap(({ id, dependsOn }) => dependsOn.map((to): [number, number] => [id, to]));
  if (leadsBack(edges)) throw new Refusal(missing ? 'conflict or not_found' : 'conflict');
  if (missing) throw new Refusal('not_found');
}

function changeItem(card: Card, { item: id, text, evidence, remove: isRemoved }: ItemWish) {
  if (id === undefined && (!text || isRemoved)) throw new Refusal('bad_input');
  if (id === undefined) {
    card.acceptance.push({ id: card.nextPart++, text: text ?? '', evidence: evidence ?? '' });
    return;
  }
  const item = card.acceptance.find((each) => each.id === id);
  if (!item) throw new Refusal('not_found');
  if (isRemoved) card.acceptance = card.acceptance.filter((each) => each !== item);
  item.text = text || item.text;
  item.evidence = evidence ?? item.evidence;
}

function hasCircle(world: World): boolean {
  return ['blocks', 'parent', 'duplicates', 'supersedes'].some((kind) => leadsBack(edges(world, kind)));
}

/** Those of deleted tickets lead nowhere. */
export function edges(world: World, kind: string): Array<[number, number]> {
  return [...world.tickets].flatMap(([number, { card }]) =>
    card.isDeleted
      ? []
      : card.links.flatMap((link): Array<[number, number]> => {
          const [each, id = ''] = link.split(' T-');
          return each === kind ? [[number, Number(id)]] : [];
        }),
  );
}

/** Takes away what nothing leads out of, until nothing is left or only circles are. */
function leadsBack(all: Array<[number, number]>): boolean {
  let left = all;
  for (;;) {
    const starts = new Set(left.map(([from]) => from));
    const next = left.filter(([, to]) => starts.has(to));
    if (next.length === left.length) return left.length > 0;
    left = next;
  }
}

export function blockers(world: World, number: number): number[] {
  return edges(world, 'blocks')
    .filter(([from, to]) => to === number && isUnsettled(world.tickets.get(from)?.card))
    .map(([from]) => from)
    .sort((a, b) => a - b);
}

function isUnsettled(card: Card | undefined): boolean {
  return card !== undefined && !card.isDeleted && ['open', 'in_progress', 'blocked'].includes(card.status);
}

export function isActive({ now }: World, { card, claimNumber, expiresAt = 0 }: Kept): boolean {
  return card.claim?.number === claimNumber && expiresAt > now;
}

export const urgency = ['urgent', 'high', 'normal', 'low'];

/** What could be claimed now, in the order in which it is given out, but for its queues. */
export function free(world: World): number[] {
  return [...world.tickets]
    .filter(([number, kept]) => {
      const { status, claim: own, isDeleted } = kept.card;
      const isFree = status === 'open' || (status === 'in_progress' && own !== undefined && !isActive(world, kept));
      return isFree && !isDeleted && blockers(world, number).length === 0;
    })
    .sort(([a, { card: one }], [b, { card: other }]) => {
      return urgency.indexOf(one.priority) - urgency.indexOf(other.priority) || a - b;
    })
    .map(([number]) => number);
}

export function ready(world: World, label?: string): number[] {
  const closed = full(world);
  return free(world).filter((number) => {
    const { labels } = find(world, number).card;
    return (label === undefined || labels.includes(label)) && !closed.some((each) => labels.includes(each));
  });
}

function full(world: World): string[] {
  return world.queues
    .filter(({ label, parallel, isPaused }) => isPaused || running(world, label) >= parallel)
    .map(({ label }) => label);
}

export function running(world: World, label: string): number {
  return [...world.tickets.values()].filter((kept) => kept.card.labels.includes(label) && isActive(world, kept)).length;
}

function isWornOut({ queues }: World, { labels, attempts }: Omit<Card, 'claim'>): boolean {
  return queues.some((queue) => labels.includes(queue.label) && attempts >= queue.attempts);
}

function find(world: World, number: number): Kept {
  const kept = world.tickets.get(number);
  if (!kept) throw new Refusal('not_found');
  return kept;
}

function isStale({ version }: Kept, ifVersion: number | undefined): boolean {
  return ifVersion !== undefined && ifVersion !== version;
}

/** A holder whose claim is over is told so before it changes anything. */
function isOver(world: World, operation: Of<'update' | 'undo' | 'delete'>): boolean {
  const { ticket: number, by } = operation;
  const mine = ('claim' in operation ? operation.claim : undefined) ?? world.held.get(heldKey(by, number));
  return mine !== undefined && !isHeld(find(world, number), mine);
}

/** The last claim that was given out, unless it was given back. */
function isHeld({ card, claimNumber }: Kept, claim: number | undefined): boolean {
  return claim !== undefined && claim === card.claim?.number && claim === claimNumber;
}

function keep(world: World, by: number, number: number, claimNumber: number) {
  const key = heldKey(by, number);
  world.held.set(key, Math.max(claimNumber, world.held.get(key) ?? 0));
}

function heldKey(by: number, number: number): string {
  return `${by} ${number}`;
}

/** The document that the store keeps of a card, byte for byte. */
export function toText(card: Card): string {
  const { overview, assignee, due, estimate, prompts, planStep, attempts, forced, isDeleted } = card;
  const given = Object.entries({ overview, assignee, due, estimate, plan_step: planStep, attempts, forced });
  return textOf({
    ...{ title: card.title, status: card.status, priority: card.priority, labels: card.labels, files: card.files },
    ...{ source: card.source, next_part: card.nextPart, task_order: card.tasks.map(({ id }) => id) },
    ...Object.fromEntries(given.filter(([, value]) => value)),
    ...(prompts.length > 0 && { prompts }),
    ...(isDeleted && { deleted: true }),
    ...(card.claim && { claim: card.claim }),
    tasks: byId(card.tasks, ({ title, done, description, estimate: hours, dependsOn }) => ({
      ...{ title, done },
      ...(description && { description }),
      ...(hours && { estimate: hours }),
      ...(dependsOn.length > 0 && { depends_on: dependsOn }),
    })),
    acceptance: byId(card.acceptance, ({ text, evidence }) => ({ text, ...(evidence && { evidence }) })),
    comments: byId(card.comments, ({ at, by, text }) => ({ at, by, text })),
    links: Object.fromEntries(card.links.map((link) => [link, true])),
  });
}

function byId<Part extends { id: number }>(parts: readonly Part[], toValue: (part: Part) => object): object {
  return Object.fromEntries(parts.map((part) => [String(part.id), toValue(part)]));
}

/** JSON with the keys of every object in the order of their letters. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${textOf(inner)}`).join()}}`;
}
