import * as z from 'zod';
import type { Listened } from '../resources/subscriptions.ts';

const listenRequest = z.object({
  id: z.union([z.string(), z.number()]),
  params: z.object({
    notifications: z.object({
      resourceSubscriptions: z.array(z.string()).default([]),
      promptsListChanged: z.boolean().default(false),
    }),
  }),
});

/** Of one stream; what it names beyond is accepted and never changes. */
const maxWatched = 1000;

const cancelNotice = z.object({
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/**
 * What a 2026-07-28 client wants to hear of when it opens a `subscriptions/listen` stream. The SDK
 * delivers to these streams but does not tell which URIs they name, and only those are worth watching.
 */
export function listenedTo(message: unknown): (Listened & { id: string | number }) | undefined {
  const data = asksFor(message, 'subscriptions/listen') ? listenRequest.safeParse(message).data : undefined;
  if (!data) return undefined;
  const { resourceSubscriptions, promptsListChanged: prompts } = data.params.notifications;
  return { id: data.id, uris: resourceSubscriptions.slice(0, maxWatched), prompts };
}

/** The request that a client gives up, if the message says so. */
export function cancelledId(message: unknown): string | number | undefined {
  if (!asksFor(message, 'notifications/cancelled')) return undefined;
  return cancelNotice.safeParse(message).data?.params.requestId;
}

/** Most messages are neither; only the others are looked at closely. */
function asksFor(message: unknown, method: string): boolean {
  return typeof message === 'object' && message !== null && 'method' in message && message.method === method;
}
