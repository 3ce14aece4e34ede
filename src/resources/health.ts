import { describeCalls, describeProvider, nothingSetUp } from '../providers/describe.ts';
import { defineResource } from './resource.ts';

const uriTemplate = 'octant://health';
const mimeType = 'text/plain';
/** So that a client which asks all the time costs the providers little. */
const cachedMs = 15_000;

export const health = defineResource({
  name: 'health',
  title: 'Health',
  description: 'Whether each provider of models answers now, how fast, whether it has a key, and how calls fare.',
  uriTemplate,
  mimeType,

  async read(_variables, { models, job }) {
    const reports = await models.survey(cachedMs, job.signal);
    return {
      mimeType,
      text: reports.flatMap((each) => [describeProvider(each), ...describeCalls(each)]).join('\n') || nothingSetUp,
    };
  },

  list: async () => ({ resources: [{ uri: uriTemplate, name: 'Health', mimeType }] }),

  watch: async () => undefined,
});
