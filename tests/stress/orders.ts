import { createHash } from 'node:crypto';
import * as z from 'zod';
import { canonicalJson, type Json } from '../../src/text/merge-patch.ts';

/** What a process of a fleet can be told to do, and what it answers. */
export const orderSchema = z.discriminatedUnion('job', [
  /** Changes T-1: every second change adds a comment of its own, the others read the estimate and add one to it. */
  z.object({ job: z.literal('change'), count: z.int() }),
  /** Creates tickets, each under a request id; every tenth call is made twice. */
  z.object({ job: z.literal('create'), count: z.int() }),
  /** Claims the next ready ticket, once or until there is none. */
  z.object({ job: z.literal('claim'), minutes: z.number(), most: z.int(), label: z.string().optional() }),
  /** Claims a ticket of a queue, works on it for a moment and finishes it, until all are done. */
  z.object({ job: z.literal('work'), label: z.string() }),
  /** Claims one named ticket. */
  z.object({ job: z.literal('claim named'), number: z.int(), minutes: z.number() }),
  /** Makes calls for so long, each of which renews what this process holds. */
  z.object({ job: z.literal('stay alive'), ms: z.number() }),
]);
export type Order = z.infer<typeof orderSchema>;

export const outcomeSchema = z.object({
  /** Every change that was acknowledged. */
  acks: z.array(
    z.object({
      number: z.int(),
      version: z.int(),
      /** Of the document as it came back. */
      digest: z.string(),
      mark: z.string(),
      claim: z.int(),
      claimExpiresAt: z.number().optional(),
    }),
  ),
  /** Milliseconds of each call. */
  ms: z.array(z.number()),
  /** Changes that were refused since another came first, and were made again. */
  conflicts: z.int(),
  /** Why there was nothing to claim, or the refusal. */
  reason: z.string().optional(),
});
export type Outcome = z.infer<typeof outcomeSchema>;
export type Ack = Outcome['acks'][number];

export const answerSchema = z.union([z.object({ outcome: outcomeSchema }), z.object({ fault: z.string() })]);

export function digestOf(document: Json | undefined): string {
  return createHash('sha256')
    .update(canonicalJson(document ?? null))
    .digest('base64url');
}
