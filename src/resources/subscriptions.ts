import type { Context } from '../context.ts';
import { deadlinesMs } from '../deadlines.ts';
import { findResource, type Release, type Resource } from './resource.ts';

/*
 * How a change reaches a client. `projects/watch.ts` hears of it from the system, and the `watch` of a kind of resource
 * makes of it a change of one resource. `subscribe` turns that into a notice for one URI. A 2025 client subscribes by a
 * request that `register.ts` answers, and its own server sends the notice. A 2026-07-28 client opens a
 * `subscriptions/listen` stream, which the SDK serves: the transports read from that message which URIs it names
 * (`transports/listened.ts`), share one subscription a URI, and hand the notices to the SDK, which delivers them to
 * every stream that asked.
 */

export interface Subscription {
  /** Kept once changes are heard of. A client is answered then, so that none after the answer escapes it. */
  watched: Promise<void>;
  /** More than one call does no harm. */
  release: Release;
}

const nothing: Subscription = { watched: Promise.resolve(), release: () => {} };

/**
 * Calls `notify` after each change of what the URI names. Any URI is accepted, as the protocol asks; one that names
 * nothing of ours never changes. The watch begins once its target is found, unless it was released before.
 */
export function subscribe(
  uri: string,
  resources: readonly Resource[],
  context: Context,
  notify: () => void,
): Subscription {
  const found = findResource(resources, uri);
  if (!found) return nothing;
  let isOpen = true;
  let release: Release | undefined;
  const watched = found.resource.watch(found.variables, context, notify).then(
    (started) => {
      if (isOpen) release = started;
      else started?.();
    },
    (error) => context.log.error({ err: error, kind: found.resource.name }, 'a resource cannot be watched'),
  );
  return {
    watched: atMost(watched, deadlinesMs.subscribe),
    release() {
      isOpen = false;
      release?.();
      release = undefined;
    },
  };
}

function atMost(work: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** What one stream wants to hear of. */
export interface Listened {
  uris: readonly string[];
  /** Whether the list of prompts is among it. */
  prompts: boolean;
}

/** How a change is told to every stream that wants it. */
export interface Notify {
  updated(uri: string): void;
  promptsChanged(): void;
}

/** Among the URIs, the list of prompts. */
const listOfPrompts: unique symbol = Symbol('prompts');
type Topic = string | typeof listOfPrompts;

/** What the transports need of the subscriptions of modern clients. */
export interface SharedSubscriptions {
  open(wanted: Listened): Subscription;
  closeAll(): void;
}

/**
 * Keeps one subscription a URI, and one of the list of prompts, however many streams ask for it, for transports where one notice reaches every stream
 * that wants it.
 */
export function createSharedSubscriptions(
  resources: readonly Resource[],
  context: Context,
  notify: Notify,
): SharedSubscriptions {
  const open = new Map<Topic, Subscription & { count: number }>();

  return {
    open({ uris, prompts }) {
      const unique = new Set<Topic>(uris);
      if (prompts) unique.add(listOfPrompts);
      const all = [...unique].map((topic) => {
        const shared = open.get(topic) ?? { count: 0, ...start(topic) };
        shared.count++;
        open.set(topic, shared);
        return shared.watched;
      });
      let isOpen = true;
      return {
        watched: Promise.all(all).then(() => {}),
        release() {
          if (isOpen) for (const topic of unique) close(topic);
          isOpen = false;
        },
      };
    },
    closeAll() {
      for (const { release } of open.values()) release();
      open.clear();
    },
  };

  function start(topic: Topic): Subscription {
    if (topic === listOfPrompts) return context.library.watch(notify.promptsChanged);
    return subscribe(topic, resources, context, () => notify.updated(topic));
  }

  function close(topic: Topic) {
    const shared = open.get(topic);
    if (!shared || --shared.count > 0) return;
    open.delete(topic);
    shared.release();
  }
}
