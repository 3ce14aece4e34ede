import { UserError } from '../errors.ts';
import type { Write } from '../store/store.ts';
import { isCleanJson } from '../text/clean.ts';
import { readJson } from '../text/json.ts';
import { completePrompt, promptDocument } from './prompt.ts';
import { headText, jsonOf } from './prompt-rows.ts';

/**
 * After the rows of prompts were put into the store from a file that anybody may have edited: they hold nothing that a
 * change would not have let in.
 *
 * @throws UserError `bad_input`
 */
export async function restorePrompts({ db }: Write, owner: string): Promise<void> {
  const rows = await db
    .selectFrom('prompt_versions')
    .select(['name', 'version', 'document'])
    .where('project_id', '=', owner)
    .execute();
  for (const { name, version, document: text } of rows) {
    const document = promptDocument.safeParse(readJson(text)).data;
    const isSound =
      document && isCleanJson(jsonOf(document)) && !('fault' in completePrompt(name, document, document.body));
    if (!isSound) {
      throw new UserError(
        'bad_input',
        `Version ${version} of the prompt ${name} is no prompt that Octant would have made.`,
      );
    }
    await db
      .updateTable('prompts')
      .set({ head: headText(document) })
      .where('project_id', '=', owner)
      .where('name', '=', name)
      .where('version', '=', version)
      .execute();
  }
}
