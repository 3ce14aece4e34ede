import { describeModel, describeTiers, nothingSetUp } from '../providers/describe.ts';
import { defineResource } from './resource.ts';

const uriTemplate = 'octant://models';
const mimeType = 'text/plain';
const cachedMs = 10 * 60_000;
const maxModels = 2000;

export const models = defineResource({
  name: 'models',
  title: 'Models',
  description: 'Every language model that this server can ask, with window and price where known, and the tiers.',
  uriTemplate,
  mimeType,

  async read(_variables, { models, job }) {
    const reports = await models.survey(cachedMs, job.signal);
    const lines = reports.flatMap(({ name, models }) =>
      models.map((each) => describeModel(`${name}/${each.id}`, each)),
    );
    const more = lines.length > maxModels ? [`and ${lines.length - maxModels} more`] : [];
    const text = [...describeTiers(models.tiers), ...lines.slice(0, maxModels), ...more].join('\n');
    return { mimeType, text: text || nothingSetUp };
  },

  list: async () => ({ resources: [{ uri: uriTemplate, name: 'Models', mimeType }] }),

  /** Providers tell nobody of a change. */
  watch: async () => undefined,
});
