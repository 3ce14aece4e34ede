import { ProviderFailure } from './failure.ts';
import type { StreamEvent } from './provider.ts';

/** More than any model can write in one answer. */
const maxCharacters = 2_000_000;

/** The bytes of a stream are bounded at the door, by far more: an event is much longer than the word that it brings. */
export async function* withinSize(events: AsyncGenerator<StreamEvent, void>): AsyncGenerator<StreamEvent, void> {
  let size = 0;
  for await (const event of events) {
    if ('text' in event) size += event.text.length;
    if (size > maxCharacters) throw new ProviderFailure('bad_response', { detail: 'too large' });
    yield event;
  }
}

/** What a provider counts is added up for days: one that says more than this does not know. */
export const mostTokens = 1_000_000_000;
/** In US dollars. */
export const mostCost = 10_000;
