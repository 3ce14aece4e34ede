import * as z from 'zod';
import { UserError } from '../errors.ts';
import { describeHome } from '../library/homes.ts';
import { findOwner } from '../library/owner.ts';
import { authorOf, ifVersion, requestId, source } from './change-params.ts';
import { project } from './params.ts';
import * as fields from './prompt-params.ts';
import { defineTool } from './tool.ts';

export const deletePrompt = defineTool({
  name: 'delete_prompt',
  title: 'Delete prompt',
  description: 'Take a saved prompt out of all lists. Nothing is lost: save_prompt with restore brings it back.',
  toolset: 'prompts',
  effect: 'destructive',
  input: z.strictObject({
    name: fields.name.describe('"review-sql"'),
    scope: fields.scope.describe('Default: project, if it is there'),
    if_version: ifVersion,
    source,
    request_id: requestId,
    project,
  }),
  output: z.object({ name: z.string(), scope: z.string(), version: z.int(), note: z.string().optional() }),

  async run(input, call) {
    const { library, savedPrompts, projects, caller, job } = call;
    const { name } = input;
    const found = await fields.projectOf(input.project, projects);
    const owner = await findOwner(name, input.scope, found, savedPrompts);
    const { prompts } = await library.list(found, job);
    if (!(await savedPrompts.head(owner, name))) {
      const elsewhere = prompts.find((each) => each.name === name);
      const where = elsewhere ? `it is ${describeHome(elsewhere)}` : 'find others with list_prompts';
      throw new UserError('not_found', `The store has no prompt ${name} there; ${where}.`);
    }
    const author = { ...authorOf('delete_prompt', input, caller), ifVersion: input.if_version };
    const { version } = await savedPrompts.remove(owner, name, author);
    const next = (await library.list(found, job)).prompts.find((each) => each.name === name);
    const note = next && `The name now means ${describeHome(next)}.`;
    const data = { name, scope: owner === 'global' ? owner : owner.id, version, ...(note && { note }) };
    const text = `${name} (${data.scope}) is deleted. save_prompt with "restore": ${version} brings it back.`;
    return { data, text: [text, note].filter(Boolean).join('\n') };
  },
});
