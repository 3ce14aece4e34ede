import { systemCode } from '../errors.ts';

/** What went wrong, by who can act on it and how. */
export type FailureKind =
  // the operator
  | 'key' // missing, wrong, or not allowed to do this
  | 'quota' // the account has no credit
  | 'certificate' // of the server, not to be trusted
  | 'withheld' // a file that the operator keeps from it
  // the caller
  | 'unknown_model'
  | 'too_long' // for the model's window
  | 'refused' // the request, for another reason
  // time
  | 'rate_limited'
  | 'overloaded' // or broken, on their side
  | 'loading' // the model, which takes up to minutes
  | 'unreachable'
  | 'timeout' // nothing came, or nothing more
  | 'overdue' // it was answering when the time of the call was over
  | 'cut' // the connection, before the end of the answer
  | 'busy' // so many requests wait here already
  | 'resting' // it failed too often, and is left alone for a while
  // nobody here
  | 'bad_response'; // no answer in the form that was agreed, or one that is too large

const sentences: Record<FailureKind, string> = {
  key: 'refused the API key or has none',
  quota: 'says that the account has no credit left',
  withheld: 'must not get a file of this request',
  certificate: 'has a TLS certificate that is not to be trusted',
  unknown_model: 'does not know this model',
  too_long: 'says that the request is too long for the model',
  refused: 'refused the request',
  rate_limited: 'limits the rate of requests',
  overloaded: 'is overloaded or broken',
  loading: 'is still loading the model',
  unreachable: 'cannot be reached',
  timeout: 'does not answer in time',
  overdue: 'was not ready in the time of this call',
  cut: 'broke off in the middle of the answer',
  busy: 'has too many requests waiting',
  resting: 'failed too often, and is left alone for a while',
  bad_response: 'answered in a form that makes no sense',
};

/**
 * An error of a provider. Its message is ours: what a provider writes can hold a key or orders to a model, and goes
 * nowhere.
 */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  readonly kind: FailureKind;
  /** How long the provider asked us to wait. */
  readonly retryAfterMs: number | undefined;
  readonly detail: string | undefined;

  constructor(
    kind: FailureKind,
    options: { detail?: string | undefined; retryAfterMs?: number | undefined; by?: string } = {},
  ) {
    const { detail, retryAfterMs, by = 'The provider' } = options;
    super(`${by} ${sentences[kind]}${detail === undefined ? '' : ` (${detail})`}.`);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
    this.detail = detail;
  }
}

/** The same, as the failure of a provider or model that is named. */
export function failureBy(by: string, { kind, detail, retryAfterMs }: ProviderFailure): ProviderFailure {
  return new ProviderFailure(kind, { detail, retryAfterMs, by });
}

/** Of an answer with an HTTP status that is no success, or of an error object with such a code within a stream. */
export function failureOfStatus(status: number, code: string, headers?: Headers): ProviderFailure {
  const detail = `status ${status}`;
  if (/context_length|context_window|too_long|exceed_context/.test(code)) return new ProviderFailure('too_long');
  if (/model_not_found|model_not_exist|invalid_model/.test(code)) return new ProviderFailure('unknown_model');
  if (status === 503 && code === 'model_loading') return new ProviderFailure('loading');
  const retryAfterMs = headers && readRetryAfter(headers);
  return new ProviderFailure(kindOfStatus(status, code), { detail, retryAfterMs });
}

function kindOfStatus(status: number, code: string): FailureKind {
  if (status === 429 || status === 498) return code === 'insufficient_quota' ? 'quota' : 'rate_limited';
  if (status === 401 || status === 403) return 'key';
  if (status === 402) return 'quota';
  if (status === 404) return 'unknown_model';
  if (status === 413) return 'too_long';
  if (status === 408 || status === 409 || status === 425 || status >= 500) return 'overloaded';
  return status >= 400 ? 'refused' : 'bad_response';
}

/** Seconds, a date, or milliseconds in a header of OpenAI's; nothing where it makes no sense. */
function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? '';
  const candidates = [
    numberOf(headers.get('retry-after-ms') ?? ''),
    numberOf(text) * 1000,
    /[a-z]/i.test(text) ? Date.parse(text) - Date.now() : Number.NaN,
  ];
  return candidates.find((ms) => Number.isFinite(ms) && ms >= 0);
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/**
 * Whatever was thrown while a request ran, as a failure. SDKs wrap errors of their `fetch`, so that ours may lie below.
 *
 * @throws what is no error of the wire, since then it is a fault of ours
 */
export function failureOf(error: unknown): ProviderFailure {
  for (const each of causesOf(error).reverse()) {
    if (each instanceof ProviderFailure) return each;
    const kind = kindOfSystemCode(systemCode(each) ?? '') ?? kindOfFetchError(each);
    if (kind) return new ProviderFailure(kind);
  }
  throw error;
}

/** What `fetch` and the parsers of SDKs throw without a code. */
function kindOfFetchError(error: unknown): FailureKind | undefined {
  if (error instanceof SyntaxError) return 'bad_response';
  if (!(error instanceof TypeError)) return undefined;
  if (error.message === 'terminated') return 'cut';
  return error.message === 'fetch failed' ? 'unreachable' : undefined;
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = error; each !== undefined && chain.length < 8; ) {
    chain.push(each);
    each = each instanceof Error ? each.cause : undefined;
  }
  return chain;
}

function kindOfSystemCode(code: string): FailureKind | undefined {
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|^ERR_(SSL|TLS)/.test(code)) return 'certificate';
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) {
    return 'unreachable';
  }
  if (/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code)) return 'timeout';
  if (/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code)) return 'cut';
  return code.startsWith('HPE_') || code.startsWith('UND_ERR_') ? 'bad_response' : undefined;
}
