import { UserError } from '../errors.ts';
import type { Write } from '../store/store.ts';
import { isCleanJson } from '../text/clean.ts';
import { readJson } from '../text/json.ts';
import { planDocument, planId } from './plan.ts';
import { columnsOf, listRows } from './plan-rows.ts';

/**
 * After the rows of a project's plans were put into the store from a file that anybody may have edited: what lists show is
 * made anew from the documents, and these hold nothing that a change would not have let in.
 *
 * @throws UserError `bad_input`
 */
export async function restorePlans({ db }: Write, projectId: string): Promise<void> {
  const { rows } = await listRows(db, projectId, { limit: Number.MAX_SAFE_INTEGER - 1 });
  for (const { number, revision } of rows) {
    const stored = await db
      .selectFrom('plan_revisions')
      .select(['revision', 'document'])
      .where('project_id', '=', projectId)
      .where('number', '=', number)
      .execute();
    for (const each of stored) {
      const document = planDocument.safeParse(readJson(each.document)).data;
      if (!document || !isCleanJson(document)) throw noPlanOfOurs(projectId, number, each.revision);
      if (each.revision !== revision) continue;
      const query = db.updateTable('plans').set(columnsOf(document));
      await query.where('project_id', '=', projectId).where('number', '=', number).execute();
    }
  }
}

function noPlanOfOurs(projectId: string, number: number, revision: number): UserError {
  return new UserError(
    'bad_input',
    `Revision ${revision} of ${projectId}.${planId(number)} is no plan that Octant would have made.`,
  );
}
