import { createHmac, randomBytes } from 'node:crypto';
import type { Message, StreamEvent, ToolCall } from './provider.ts';
import { findKnown, findSecrets, formsOf } from './secrets.ts';

/** Messages in which a name stands for each secret, and the way back for what is answered. */
export interface Redacted {
  messages: Message[];
  /** How many there were of each kind. */
  counts: Readonly<Record<string, number>>;
  /** @param asJson where the text of the answer is JSON */
  restore(events: AsyncGenerator<StreamEvent, void>, asJson?: boolean): AsyncGenerator<StreamEvent, void>;
}

/** A secret has the same name as long as this process runs, so that a provider can keep what it has seen of a conversation. */
const naming = randomBytes(32);

/** @param secrets `known` are some whatever they look like; others are looked for by their shape, unless `onlyKnown` */
export async function redact(
  messages: readonly Message[],
  { known, onlyKnown }: { known: readonly string[]; onlyKnown: boolean },
): Promise<Redacted> {
  const secrets = new Map<string, string>();
  const counts: Record<string, number> = {};
  const hide = async (text: string) => {
    const pieces: string[] = [];
    let end = 0;
    for (const found of onlyKnown ? findKnown(text, known) : await findSecrets(text, known)) {
      const secret = text.slice(found.start, found.end);
      const name = nameOf(secret, found.kind);
      secrets.set(name, secret);
      counts[found.kind] = (counts[found.kind] ?? 0) + 1;
      pieces.push(text.slice(end, found.start), name);
      end = found.end;
    }
    return [...pieces, text.slice(end)].join('');
  };
  const hidden: Message[] = [];
  for (const message of messages) hidden.push(await hideIn(message, hide));
  return {
    messages: hidden,
    counts,
    restore: (events, asJson = false) => (secrets.size > 0 ? restore(events, secrets, asJson) : events),
  };
}

function nameOf(secret: string, kind: string): string {
  const digest = createHmac('sha256', naming).update(secret).digest('hex').slice(0, 8);
  return `REDACTED_${kind.toUpperCase().replace(/[^A-Z]+/g, '_')}_${digest}`;
}

type Change = (text: string) => Promise<string>;

async function hideIn(message: Message, hide: Change): Promise<Message> {
  const text = await hide(message.text);
  if (message.role === 'tool') return { ...message, text, call: await hideInCall(message.call, hide) };
  if (message.role !== 'assistant' || !message.toolCalls) return { ...message, text };
  return { ...message, text, toolCalls: await Promise.all(message.toolCalls.map((call) => hideInCall(call, hide))) };
}

async function hideInCall(call: ToolCall, hide: Change): Promise<ToolCall> {
  return { ...call, arguments: await hide(call.arguments) };
}

const wholeName = /REDACTED_[A-Z_]+_[0-9a-f]{8}/g;
/** What may become a name with the next piece. */
const begunName = /(?:R|RE|RED|REDA|REDAC|REDACT|REDACTE|REDACTED|REDACTED_[A-Z_]{0,60}[0-9a-f]{0,7})$/;

function restore(
  events: AsyncGenerator<StreamEvent, void>,
  secrets: ReadonlyMap<string, string>,
  asJson: boolean,
): AsyncGenerator<StreamEvent, void> {
  const plain = (name: string) => secrets.get(name) ?? name;
  const inJson = (name: string) => JSON.stringify(plain(name)).slice(1, -1);
  return rewriting(events, {
    inText(text) {
      const end = begunName.exec(text)?.index ?? text.length;
      return [text.slice(0, end).replace(wholeName, asJson ? inJson : plain), text.slice(end)];
    },
    inCall: (call) => ({ ...call, arguments: call.arguments.replace(wholeName, inJson) }),
  });
}

/** An answer without our keys: a provider may say the one that it was asked with. */
export function withoutKeys(
  events: AsyncGenerator<StreamEvent, void>,
  keys: readonly string[],
): AsyncGenerator<StreamEvent, void> {
  const forms = formsOf(keys);
  const hide = (text: string) => forms.reduce((shown, form) => shown.replaceAll(form, 'REDACTED_KEY'), text);
  return rewriting(events, {
    inText(text) {
      const hidden = hide(text);
      const end = hidden.length - Math.max(0, ...forms.map((form) => sharedEnd(hidden, form)));
      return [hidden.slice(0, end), hidden.slice(end)];
    },
    inCall: (call) => ({ id: hide(call.id), name: hide(call.name), arguments: hide(call.arguments) }),
  });
}

/** How many characters at the end of a text may be the beginning of a form. */
function sharedEnd(text: string, form: string): number {
  let length = Math.min(text.length, form.length - 1);
  while (length > 0 && !text.endsWith(form.slice(0, length))) length--;
  return length;
}

interface Rewriting {
  /** The text as it is to be, and of its end what may go on with the next piece. */
  inText(text: string): [shown: string, held: string];
  inCall(call: ToolCall): ToolCall;
}

/** Changes what an answer says, wherever its pieces end. */
async function* rewriting(
  events: AsyncGenerator<StreamEvent, void>,
  { inText, inCall }: Rewriting,
): AsyncGenerator<StreamEvent, void> {
  let held = '';
  let heldType: 'text' | 'reasoning' = 'text';

  for await (const event of events) {
    if (held !== '' && event.type !== heldType) {
      yield { type: heldType, text: held };
      held = '';
    }
    if (event.type === 'text' || event.type === 'reasoning') {
      const [text, rest]: [string, string] = inText(held + event.text);
      [held, heldType] = [rest, event.type];
      if (text !== '') yield { type: event.type, text };
    } else yield event.type === 'tool_call' ? { ...event, call: inCall(event.call) } : event;
  }
}
