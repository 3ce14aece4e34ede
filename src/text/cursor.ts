import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { UserError } from '../errors.ts';

/**
 * Cursors of paged answers. A cursor says where the last page ended and carries a digest of the question, so that it
 * holds no state in the server, stays valid across restarts, and is refused for another question.
 */
export function encodeCursor(question: unknown, position: unknown): string {
  return Buffer.from(JSON.stringify([digest(question), position])).toString('base64url');
}

/** @throws UserError `bad_input` for a cursor that was edited, or that belongs to another question. */
export function decodeCursor<T>(cursor: string, question: unknown, position: z.ZodType<T>): T {
  const [owner, value] = parseCursor(cursor);
  const parsed = position.safeParse(value);
  if (owner !== digest(question) || !parsed.success) {
    throw new UserError('bad_input', 'The cursor does not belong to this question. Leave it out to start again.');
  }
  return parsed.data;
}

function parseCursor(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function digest(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 8);
}
