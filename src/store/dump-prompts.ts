import { rows } from './dump-rows.ts';
import type { Database } from './store.ts';

type Row = Readonly<Record<string, string | number>>;

/** All that the store keeps of the prompts of a project, or of none, in the order of an export. */
export async function promptRows(
  db: Database,
  owner: string,
): Promise<Array<readonly ['prompts' | 'prompt_versions' | 'prompt_uses', Row]>> {
  const prompts = await db
    .selectFrom('prompts')
    .select(rows.prompts.keyof().options)
    .where('project_id', '=', owner)
    .orderBy('name')
    .execute();
  const versions = await db
    .selectFrom('prompt_versions')
    .select(rows.prompt_versions.keyof().options)
    .where('project_id', '=', owner)
    .orderBy('name')
    .orderBy('version')
    .execute();
  const uses = await db
    .selectFrom('prompt_uses')
    .select(rows.prompt_uses.keyof().options)
    .where('project_id', '=', owner)
    .orderBy('name')
    .orderBy('version')
    .execute();
  return [
    ...prompts.map((row) => ['prompts', row] as const),
    ...versions.map((row) => ['prompt_versions', row] as const),
    ...uses.map((row) => ['prompt_uses', row] as const),
  ];
}
