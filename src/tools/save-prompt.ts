import * as z from 'zod';
import { UserError } from '../errors.ts';
import { changePrompt, type PromptChange } from '../library/change-prompt.ts';
import { readPromptFile } from '../library/foreign.ts';
import { hiddenNote, hidesNote } from '../library/homes.ts';
import { missingIncludes, refuseCircle } from '../library/includes.ts';
import { findOwner, homeOf } from '../library/owner.ts';
import { headOf, maxBody } from '../library/prompt.ts';
import { requestedChange } from '../library/requested-change.ts';
import { authorOf, ifVersion, requestId, source } from './change-params.ts';
import { project } from './params.ts';
import * as fields from './prompt-params.ts';
import { type Call, defineTool } from './tool.ts';

const input = z.strictObject({
  name: fields.name.describe('"review-sql"'),
  body: z
    .string()
    .max(maxBody * 2)
    .optional()
    .describe(
      'Text with {{argument}}, {{#if argument}}, {{/if}}, {{include:prompt}}, and slots {{file:PATH|TOKENS}}, files:TASK, summary:PATH, ticket:ID, plan:ID, diff; or a whole file',
    ),
  from: z
    .string()
    .min(1)
    .max(1100)
    .optional()
    .describe('Take it from ".claude/commands/fix.md", a Cursor rule or a file'),
  title: fields.shape.title.describe('Default: of the name'),
  description: fields.shape.description.describe('Default: its first line'),
  arguments: fields.shape.arguments.describe('Default: those that the body names'),
  tags: fields.shape.tags.describe('["sql"]'),
  favourite: fields.shape.favourite.describe('Listed first'),
  scope: fields.scope.describe('Default: project'),
  restore: z.int().min(1).optional().describe('Version to bring back, whole'),
  if_version: ifVersion,
  source,
  request_id: requestId,
  project,
});
type Input = z.output<typeof input>;

export const savePrompt = defineTool({
  name: 'save_prompt',
  title: 'Save prompt',
  description:
    'Keep a prompt for later, as a new version where there is one; only what is given changes. Clients offer it by its name. ' +
    'With restore an earlier version, also of a deleted prompt, is the newest again.',
  toolset: 'prompts',
  effect: 'write',
  input,
  output: z.object({
    name: z.string(),
    scope: z.string(),
    version: z.int(),
    arguments: z.array(z.string()),
    note: z.string().optional(),
  }),

  async run(asked, call) {
    const { library, savedPrompts, projects, caller, job } = call;
    const { name } = asked;
    const found = await fields.projectOf(asked.project, projects);
    const imported = asked.from === undefined ? undefined : await readFrom(asked.from, found, call);
    const { change, scope } = requestedChange(name, givenIn(asked), asked.scope, imported);
    const owner = await findOwner(name, scope, found, savedPrompts);
    const author = authorOf('save_prompt', asked, caller);
    const saved = await save();
    const list = await library.list(found, job);
    const find = (other: string) => list.prompts.find((each) => each.name === other);
    const { version, document } = saved;
    const missing = missingIncludes({ name, head: headOf(document) }, find).map(
      (other) => `There is no prompt ${other} to include yet.`,
    );
    const taken = (imported?.notes ?? []).map((each) => `${each}.`);
    const home = homeOf(owner);
    const note = [hiddenNote(name, list, home), hidesNote(name, list, home), ...missing, ...taken]
      .filter(Boolean)
      .join(' ');
    const data = {
      ...{ name, scope: owner === 'global' ? owner : owner.id, version },
      arguments: document.arguments.map((each) => each.name),
      ...(note && { note }),
    };
    return { data, text: describe(data) };

    async function save() {
      if (asked.restore !== undefined) return savedPrompts.restore(owner, name, asked.restore, author);
      if (change.body !== undefined) refuseCircle(name, change.body, (await library.list(found, job)).prompts);
      return savedPrompts.save(owner, name, (before) => changePrompt(name, before, change), {
        ...author,
        ifVersion: asked.if_version,
      });
    }
  },
});

const whole = ['body', 'from', 'title', 'description', 'arguments', 'tags', 'favourite'] as const;

function givenIn(asked: Input): PromptChange {
  if (asked.restore !== undefined && whole.some((field) => asked[field] !== undefined)) {
    throw new UserError('bad_input', `"restore" brings a version back whole: leave out ${whole.join(', ')}.`);
  }
  const { title, description, arguments: declared, tags, favourite, body } = asked;
  return { title, description, arguments: declared, tags, favourite, body };
}

type Imported = Exclude<NonNullable<ReturnType<typeof readPromptFile>>, { fault: string }>;

/** A file of the project. */
async function readFrom(path: string, root: fields.MaybeProject, { workers, job }: Call): Promise<Imported> {
  if (!root) throw new UserError('no_project', 'This server has no project to take a file from.');
  const file = await workers.run('readWhole', { root, path, maxBytes: 2 * maxBody }, job);
  if (file.kind !== 'text') throw new UserError('bad_input', `${path} is no text.`);
  const made = readPromptFile(path, file.text);
  if (made && !('fault' in made)) return made;
  const fault = made
    ? made.fault
    : 'it is no prompt: no Claude Code command, Cursor rule, or Markdown with a name in its front matter';
  throw new UserError('bad_input', `${path}: ${fault}.`);
}

function describe({
  name,
  scope,
  version,
  arguments: declared,
  note,
}: {
  name: string;
  scope: string;
  version: number;
  arguments: readonly string[];
  note?: string;
}): string {
  const takes = declared.length > 0 ? ` It takes ${declared.join(', ')}.` : '';
  return [`Saved ${name} (${scope}) as version ${version}.${takes}`, note].filter(Boolean).join('\n');
}
