import type { Projects } from '../projects/registry.ts';
import { checkRunId, nameOfRun, type Run } from '../runs/run.ts';
import { runToMarkdown } from '../runs/run-markdown.ts';
import { cut } from '../text/cut.ts';
import { defineResource } from './resource.ts';
import { maxSuggestions, noSuggestions, suggestFrom } from './suggestions.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://runs/{id}';
const mimeType = 'text/markdown';

export const run = defineResource({
  name: 'run',
  title: 'Run',
  description:
    'One run of an agent or another long call: task, steps, result, and a receipt of each call of a model with the files that it was sent.',
  uriTemplate,
  mimeType,

  async read({ id }, { projects, runs }) {
    const found = await runs.get(checkRunId(id), await servedIds(projects));
    return { mimeType, text: runToMarkdown(found, await runs.receipts(found.id)) };
  },

  /** The newest first. */
  async list({ after, limit }, { projects, runs }) {
    const found = await runs.list(await servedIds(projects), { before: after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return { resources: page.map(toWire), ...(found.length > limit && last && { after: last.id }) };
  },

  async watch({ id }, { projects, runs }, notify) {
    const found = await runs.get(id, await servedIds(projects)).catch(() => undefined);
    return found && runs.watch((each) => each === found.id, notify);
  },

  async complete(variable, value, _known, { projects, runs }) {
    if (variable !== 'id') return noSuggestions;
    const last = await runs.list(await servedIds(projects), { limit: maxSuggestions });
    return suggestFrom(
      last.map(({ id }) => id),
      value,
    );
  },
});

async function servedIds(projects: Projects): Promise<string[]> {
  return (await projects.listKept()).map(({ id }) => id);
}

function toWire({ id, status, document }: Run) {
  return {
    uri: expandUri(uriTemplate, { id }),
    name: `${nameOfRun(document)}, ${status}: ${cut(document.task.replace(/\s+/g, ' '), 80)}`,
    mimeType,
  };
}
