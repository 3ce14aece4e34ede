import type { Tiers } from '../endpoints.ts';
import { counted } from '../text/count.ts';
import type { ProviderReport } from './models.ts';
import type { ModelInfo } from './provider.ts';

/* What people and models read of providers, one line each. */

export const nothingSetUp =
  'No provider is set up, and no Ollama or LM Studio answers on this machine. All tools work without one. To add one, the ' +
  'operator sets OPENAI_API_KEY, OPENROUTER_API_KEY or GROQ_API_KEY, starts Ollama, or names another with --providers.';

export function describeProvider({ name, isLocal, hasKey, failure, latencyMs, models }: ProviderReport): string {
  const notes = [isLocal ? 'local' : 'remote', ...(hasKey ? ['has a key'] : isLocal ? [] : ['has no key'])];
  const about = `${name} (${notes.join(', ')})`;
  if (failure === undefined) return `${about}: ok, ${counted(models.length, 'model')}, listed in ${latencyMs} ms`;
  return `${about}: ${failure}${models.length > 0 ? `; ${counted(models.length, 'model')} when it last answered` : ''}`;
}

/** How the calls of this process fare; nothing where there is nothing to tell. */
export function describeCalls({ name, calls }: ProviderReport): string[] {
  const { running, waiting, resting, lastFailure } = calls;
  return [
    ...(running > 0 ? [`  ${counted(running, 'call')} running, ${waiting} waiting`] : []),
    ...resting.map(
      ({ model, leftMs }) => `  ${name}/${model} is left alone for ${seconds(leftMs)}: it failed too often`,
    ),
    ...(lastFailure
      ? [`  last failure ${seconds(lastFailure.agoMs)} ago: ${name}/${lastFailure.model}, ${lastFailure.kind}`]
      : []),
  ];
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}

export function describeTiers(tiers: Tiers): string[] {
  return Object.entries(tiers).flatMap(([tier, names]) =>
    names.length > 0 ? [`${tier}: ${names.join(', then ')}`] : [],
  );
}

export function describeModel(name: string, { window, maxOutput, price }: Omit<ModelInfo, 'id'>): string {
  const facts = [
    ...(window === undefined ? [] : [`window ${window}`]),
    ...(maxOutput === undefined ? [] : [`answers up to ${maxOutput}`]),
    ...(price ? [`$${price.input} in, $${price.output} out`] : []),
  ];
  return facts.length > 0 ? `${name}: ${facts.join(', ')}` : name;
}
