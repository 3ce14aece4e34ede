import { UserError } from '../errors.ts';
import type { Database } from './store.ts';

/** A caller's own id of a change, and what it asked under that id. */
export interface ChangeRequest {
  id: string;
  digest: string;
}

/**
 * The event of an earlier request of the same id; `undefined` for a new id.
 *
 * @throws UserError `conflict` when the id was used for something else
 */
export async function findRequest(db: Database, projectId: string, request: ChangeRequest | undefined) {
  if (!request) return undefined;
  const first = await db
    .selectFrom('events')
    .select(['change_id', 'request_digest', 'seq', 'entity', 'entity_id', 'version'])
    .where('project_id', '=', projectId)
    .where('request_id', '=', request.id)
    .executeTakeFirst();
  if (first && first.request_digest !== request.digest) {
    throw new UserError('conflict', 'This request_id was used for another call. Take a new one for each change.');
  }
  return first;
}
