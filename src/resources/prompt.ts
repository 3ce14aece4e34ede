import { deadlinesMs } from '../deadlines.ts';
import type { LibraryPrompt } from '../library/homes.ts';
import { toMarkdown } from '../library/markdown.ts';
import { defineResource, type ResourceServices } from './resource.ts';
import { noSuggestions, suggestPrompts } from './suggestions.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://prompts/{name}';
const mimeType = 'text/markdown';

export const prompt = defineResource({
  name: 'prompt',
  title: 'Prompt',
  description:
    'One saved prompt as a Markdown file, its template not filled in: NAME, or shop.NAME of another project.',
  uriTemplate,
  mimeType,

  async read({ name }, { library, job }) {
    return { mimeType, text: textOf((await library.find(name, job)).prompt) };
  },

  async list({ after, limit }, { library, job }) {
    const all = (await library.listAll(job)).map(({ prompt }) => prompt);
    const saved = all.filter(({ home }) => home !== 'built-in'); // those come as prompts
    const left = saved.filter(({ reference }) => after === undefined || reference > after);
    const page = left.slice(0, limit);
    const last = page.at(-1);
    const resources = page.map(({ reference, head }) => ({
      ...{ uri: expandUri(uriTemplate, { name: reference }), name: reference, title: head.title, mimeType },
    }));
    return { resources, ...(last && left.length > limit && { after: last.reference }) };
  },

  /** Of one that is not there yet, its coming is a change. */
  async watch({ name }, services, notify) {
    let seen = await textNow(name, services);
    const { watched, release } = services.library.watch(() => {
      void textNow(name, services).then((now) => {
        if (now !== seen) notify();
        seen = now;
      });
    });
    await watched;
    return release;
  },

  complete: async (variable, value, _known, call) =>
    variable === 'name' ? suggestPrompts(value, call) : noSuggestions,
});

function textOf({ name, document, home }: LibraryPrompt): string {
  return toMarkdown(name, document, home === 'global' ? 'global' : 'project');
}

/** Empty for one that is not there, or cannot be read now. */
async function textNow(name: string, { library }: ResourceServices): Promise<string> {
  const job = { signal: new AbortController().signal, budgetMs: deadlinesMs.resource };
  return library.find(name, job).then(
    (found) => textOf(found.prompt),
    () => '',
  );
}
