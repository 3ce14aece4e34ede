import * as z from 'zod';
import type { Listened } from '../resources/subscriptions.ts';

const listenRequest = z.object({
  method: z.literal('subscriptions/listen'),
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
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/**
 * What a 2026-07-28 client wants to hear of when it opens a `subscriptions/listen` stream. The SDK
 * delivers to these streams but does not tell which URIs they name, and only those are worth watching.
 */
export function listenedTo(message: unknown): (Listened & { id: string | number }) | undefined {
  const { data } = listenRequest.safeParse(message);
  if (!data) return undefined;
  const { resourceSubscriptions, promptsListChanged: prompts } = data.params.notifications;
  return { id: data.id, uris: resourceSubscriptions.slice(0, maxWatched), prompts };
}

/** The request that a client gives up, if the message says so. */
export function cancelledId(message: unknown): string | number | undefined {
  return cancelNotice.safeParse(message).data?.params.requestId;
}
