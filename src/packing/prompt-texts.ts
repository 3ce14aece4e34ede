import { UserError } from '../errors.ts';
import type { Library } from '../library/library.ts';
import { allArguments } from '../library/render.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';

export interface PromptQuestion {
  project: Project;
  /** By the names of arguments: a prompt that has one of these gets it. */
  values: Readonly<Record<string, string | undefined>>;
  actor: string;
}

/**
 * The texts of saved prompts, rendered.
 *
 * @throws UserError for one that there is not, or that needs what nobody has said
 */
export async function renderPrompts(
  names: readonly string[],
  { project, values, actor }: PromptQuestion,
  library: Library,
  left: () => JobCall,
): Promise<Array<{ name: string; text: string }>> {
  const rendered: Array<{ name: string; text: string }> = [];
  for (const name of new Set(names)) {
    const found = await library.find(name, left(), project.id);
    const declared = allArguments(found.prompt, (other) => found.list.prompts.find((each) => each.name === other));
    const missing = declared.filter((each) => each.required && !values[each.name]).map((each) => each.name);
    if (missing.length > 0) throw needsMore(name, missing);
    const given = Object.fromEntries(
      declared.flatMap((each) => {
        const value = values[each.name];
        return value ? [[each.name, value]] : [];
      }),
    );
    const { text } = await library.render(found, given, { actor, job: left() });
    rendered.push({ name: found.prompt.reference, text });
  }
  return rendered;
}

function needsMore(name: string, missing: readonly string[]): UserError {
  const shown = JSON.stringify(name.slice(0, 120));
  const advice = 'Render it with render_prompt, and give its text as the task.';
  return new UserError('bad_input', `The prompt ${shown} needs ${missing.join(', ')}. ${advice}`);
}
