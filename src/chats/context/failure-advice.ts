import { UserError } from '../../errors.ts';
import { UnusableAnswer } from '../../models/question.ts';
import { SpendingLimit } from '../../models/spending-limit.ts';
import { type FailureKind, ProviderFailure } from '../../providers/failure.ts';
import { NoModel } from '../../providers/models.ts';

/** Why no model answered, and whether it makes sense to ask again. */
export interface Failure {
  kind: FailureKind | 'no_model' | 'spending' | 'unusable' | UserError['code'];
  /** One sentence. */
  why: string;
  /** `later`: it may pass by itself; `no`: somebody has to change something first. */
  again: 'now' | 'later' | 'no';
  /** Seconds, where somebody has said when. */
  after?: number;
}

/** What has to change, or what passes. */
const advice: Record<FailureKind, Pick<Failure, 'again'> & { usualWait?: number }> = {
  key: { again: 'no' },
  quota: { again: 'no' },
  certificate: { again: 'no' },
  withheld: { again: 'no' },
  unknown_model: { again: 'no' },
  too_long: { again: 'no' },
  refused: { again: 'no' },
  rate_limited: { again: 'later', usualWait: 30 },
  overloaded: { again: 'later', usualWait: 30 },
  loading: { again: 'later', usualWait: 10 },
  unreachable: { again: 'later', usualWait: 60 },
  timeout: { again: 'later', usualWait: 30 },
  overdue: { again: 'now' },
  cut: { again: 'now' },
  busy: { again: 'later', usualWait: 10 },
  resting: { again: 'later', usualWait: 60 },
  bad_response: { again: 'now' },
};

/** @returns nothing for what is no failure of a model, but a fault or a mistake of the caller */
export function failureFrom(error: unknown): Failure | undefined {
  if (error instanceof NoModel) return { kind: 'no_model', why: error.message, again: 'no' };
  if (error instanceof SpendingLimit) return { kind: 'spending', why: error.message, again: 'no' };
  if (error instanceof UnusableAnswer) return { kind: 'unusable', why: error.message, again: 'now' };
  if (error instanceof UserError && (error.code === 'unavailable' || error.code === 'storage_full')) {
    return { kind: error.code, why: error.message, again: 'later' };
  }
  if (!(error instanceof ProviderFailure)) return undefined;
  const { again, usualWait } = advice[error.kind];
  const waitMs = error.retryAfterMs ?? (usualWait === undefined ? undefined : usualWait * 1000);
  return {
    ...{ kind: error.kind, why: error.message, again },
    ...(again === 'later' && waitMs !== undefined && { after: Math.ceil(waitMs / 1000) }),
  };
}

/** When to ask again, or who has to do something before. */
export function describeAdvice({ kind, again, after }: Failure): string {
  if (again === 'now') return 'It can be asked again at once.';
  if (again === 'later') return after === undefined ? 'Ask again later.' : `Ask again in ${after} s, not before.`;
  return `Asking again changes nothing: ${remedies.get(kind) ?? 'another model may answer'}.`;
}

const remedies: ReadonlyMap<Failure['kind'], string> = new Map<Failure['kind'], string>([
  ['no_model', 'the operator sets a model up first, see list_models'],
  ['key', 'the operator has to give another API key'],
  ['quota', 'the account needs credit'],
  ['certificate', 'the operator has to see to the certificate'],
  ['withheld', 'the operator keeps a file of it from this provider; take another model'],
  ['unknown_model', 'take a model that list_models has'],
  ['too_long', 'send less, clear_context, or take a model with a larger window'],
  ['spending', 'a limit of the operator is reached; it may have room tomorrow (UTC)'],
]);
