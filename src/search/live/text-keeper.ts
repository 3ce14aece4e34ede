import { totalmem } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import type { Root } from '../../projects/door.ts';
import { createJobControl, type JobControl } from '../../projects/job-control.ts';
import { ArenaFull } from '../engine/arena.ts';
import type { FindTextInput } from '../text/find-text.ts';
import { createLookHelper, type LookHelper } from './helper-threads.ts';
import { createIndexCache } from './index-cache.ts';
import { createLiveText, type LiveText, type WantedName } from './live-text.ts';

export interface KeptAnswer<Found> {
  /** Missing where there is no index that can answer. */
  found?: Found;
}

const maxTextBytes = Math.min(512 * 1024 * 1024, totalmem() / 8);
/** Of all projects together, text and index. */
const maxArenaBytes = maxTextBytes * 1.15;
const maxListingMs = 20_000;
const firstPauseMs = 20;
/** Without a question for so long, an index is read anew if much has changed. */
const usualQuietMs = 20_000;
/** For two at a time, and what searches need. */
const roomToRenew = 1.5;
/** Most of the time that may be spent on that. */
const renewalShare = 0.02;

interface Kept {
  text: LiveText;
  state: 'building' | 'ready' | 'refused';
  /** Until it is known whether there is a stored index that is right; that is soon. */
  opening?: Promise<void>;
  /** Whether it is being stored, or read anew. */
  isBusy: boolean;
  /** When it may be read anew, in milliseconds of performance.now(). */
  renewAt: number;
  timer?: NodeJS.Timeout;
}

/** Keeps the text of projects that are searched, in a thread that lives long. */
export function createTextKeeper(quietMs = usualQuietMs) {
  const projects = new Map<string, Kept>();
  let jobs = 0;
  let helper: LookHelper | undefined;

  return {
    /** Begins to read a project, unless that was done before; no answer waits for it. */
    keepText({ root, indexFolder }: { root: Root; indexFolder: string }): void {
      const key = keyOf(root);
      if (projects.has(key) || isBuilding()) return;
      const spare = makeRoom();
      const budget = { textBytes: maxTextBytes, arenaBytes: spare };
      helper ??= createLookHelper();
      const text = createLiveText(root, budget, createIndexCache(indexFolder), helper);
      const kept: Kept = { text, state: 'building', isBusy: false, renewAt: 0 };
      projects.set(key, kept);
      kept.opening = restore(key, kept);
    },

    findKeptText: (input: FindTextInput, control: JobControl) => ask(input.root, (text) => text.find(input, control)),

    filesHolding: (input: WantedName & { root: Root }, control: JobControl) =>
      ask(input.root, (text) => text.holding(input, control)),

    listingOf: ({ root }: { root: Root }, control: JobControl) => ask(root, (text) => text.listing(control)),

    /** Whether the thread has still to do what would be begun anew by the next one. */
    isAtWork: (_input: object): boolean => isBuilding() || [...projects.values()].some(({ isBusy }) => isBusy),
  };

  async function ask<Found>(
    root: Root,
    find: (text: LiveText) => Promise<Found | 'stale' | undefined>,
  ): Promise<KeptAnswer<Found>> {
    const key = keyOf(root);
    const kept = projects.get(key);
    await kept?.opening;
    if (kept?.state !== 'ready' || projects.get(key) !== kept) return {};
    projects.delete(key);
    projects.set(key, kept); // the one used last comes last
    jobs++;
    try {
      const found = await find(kept.text);
      if (found === 'stale') forget(key, kept);
      return found === undefined || found === 'stale' ? {} : { found };
    } catch (error) {
      if (error instanceof ArenaFull) return {};
      if (!(error instanceof UserError)) refuse(kept);
      throw error;
    } finally {
      jobs--;
      renewLater(key, kept);
    }
  }

  function renewLater(key: string, kept: Kept) {
    clearTimeout(kept.timer);
    kept.timer = setTimeout(() => void renew(key, kept), Math.max(quietMs, kept.renewAt - performance.now())).unref();
  }

  async function renew(key: string, kept: Kept) {
    if (projects.get(key) !== kept || kept.state !== 'ready') return;
    if (kept.isBusy || isBuilding()) return renewLater(key, kept);
    if (spareBytes() < kept.text.usedBytes() * roomToRenew) return; // it goes on as it is, until it is stale
    const begin = performance.now();
    await work(kept, () => kept.text.renew(quietControl(), pauseFor(key, kept), spareBytes()));
    const end = performance.now();
    kept.renewAt = end + (end - begin) / renewalShare;
  }

  /** What no answer depends on, and may fail as on a full disk. */
  async function work(kept: Kept, task: () => Promise<void>) {
    kept.isBusy = true;
    await task().catch(() => {});
    kept.isBusy = false;
  }

  /** One after the other: the next search asks again. */
  function isBuilding(): boolean {
    return [...projects.values()].some(({ state }) => state === 'building');
  }

  async function restore(key: string, kept: Kept) {
    const isRestored = await kept.text.restore(quietControl()).catch(() => false);
    if (isRestored) {
      kept.state = 'ready';
      kept.isBusy = true;
      setTimeout(() => void settle(kept, pauseFor(key, kept)), firstPauseMs); // first whoever waits for an answer
    } else setTimeout(() => void build(key, kept), firstPauseMs);
  }

  async function build(key: string, kept: Kept) {
    const pause = pauseFor(key, kept);
    try {
      const result = await kept.text.build(quietControl(), pause);
      if (result === 'ready') kept.state = result;
      else if (result === 'refused') refuse(kept);
      else forget(key, kept);
    } catch {
      refuse(kept); // as where the system has no memory for it; a search finds all the same
    }
    if (kept.state === 'ready') await settle(kept, pause);
  }

  function settle(kept: Kept, pause: () => Promise<boolean>) {
    return work(kept, () => kept.text.settle(quietControl(), pause, kept.text.usedBytes() + spareBytes()));
  }

  /** Waits until nobody has a question; then tells whether a project is still wanted. */
  function pauseFor(key: string, kept: Kept): () => Promise<boolean> {
    return async () => {
      do await setImmediate();
      while (jobs > 0);
      return projects.get(key) === kept;
    };
  }

  /** Until this thread ends. */
  function refuse(kept: Kept) {
    kept.state = 'refused';
    kept.text.close();
  }

  function forget(key: string, kept: Kept) {
    if (projects.get(key) === kept) projects.delete(key);
    clearTimeout(kept.timer);
    kept.text.close();
  }

  /** Gives up what was used longest ago until half of the budget is left, and returns what is. */
  function makeRoom(): number {
    for (const [key, kept] of projects) {
      if (spareBytes() >= maxArenaBytes / 2) break;
      if (kept.state !== 'refused') forget(key, kept);
    }
    return spareBytes();
  }

  function spareBytes(): number {
    return [...projects.values()].reduce((spare, { text }) => spare - text.usedBytes(), maxArenaBytes);
  }
}

function keyOf({ folder, refuseHardLinks }: Root): string {
  return `${folder}\0${refuseHardLinks}`;
}

function quietControl(): JobControl {
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  return createJobControl({ budgetMs: maxListingMs, stopFlag, report() {} });
}
