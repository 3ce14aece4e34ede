import { createHash } from 'node:crypto';
import * as z from 'zod';
import { cleanLine } from '../text/clean.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { type Author, sourcePattern } from '../tickets/ticket.ts';
import type { Caller } from './tool.ts';

/** Fields that tools share which change something, and who it is that changes it. */

export const ifVersion = z.int().min(1).optional().describe('Refuse if changed since');
export const source = z
  .string()
  .max(100)
  .transform(cleanLine)
  .pipe(z.string().regex(sourcePattern, 'is "human" or "agent:NAME"'))
  .optional()
  .describe('"human" or "agent:NAME"');
export const requestId = z
  .string()
  .min(1)
  .max(100)
  .regex(/^\P{C}*$/u, 'has only characters that can be seen')
  .optional()
  .describe('Idempotency key');

/** Who changes something; the digest tells whether a repeated request id asks for the same. */
export function authorOf(
  tool: string,
  input: { source?: string | undefined; request_id?: string | undefined },
  caller: Caller,
): Author {
  const { request_id: id, ...rest } = input;
  const digest = () =>
    createHash('sha256')
      .update(canonicalJson(JSON.parse(JSON.stringify([tool, rest]))))
      .digest('base64url');
  return {
    source: input.source ?? caller.source,
    connection: caller.connection,
    calledAt: caller.calledAt,
    ...(id !== undefined && { request: { id, digest: digest() } }),
  };
}
