import { describeSpending } from '../models/describe-spending.ts';
import { describeCalls, describeProvider, nothingSetUp } from '../providers/describe.ts';
import { defineResource } from './resource.ts';

const uriTemplate = 'octant://health';
const mimeType = 'text/plain';
/** So that a client which asks all the time costs the providers little. */
const cachedMs = 15_000;

export const health = defineResource({
  name: 'health',
  title: 'Health',
  description:
    'Whether each provider of models answers now, how fast, whether it has a key, how calls fare, and what was spent today.',
  uriTemplate,
  mimeType,

  async read(_variables, { models, ledger, job }) {
    const [reports, spending] = await Promise.all([models.survey(cachedMs, job.signal), ledger.report()]);
    const providers = reports.flatMap((each) => [describeProvider(each), ...describeCalls(each)]);
    return {
      mimeType,
      text: [
        ...(reports.length > 0 ? providers : [nothingSetUp]),
        ...(spending ? [describeSpending(spending)] : []),
      ].join('\n'),
    };
  },

  list: async () => ({ resources: [{ uri: uriTemplate, name: 'Health', mimeType }] }),

  watch: async () => undefined,
});
