import { createHmac, randomBytes } from 'node:crypto';
import type { Message, StreamEvent, ToolCall } from './provider.ts';
import { findKnown, findSecrets } from './secrets.ts';

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

async function* restore(
  events: AsyncGenerator<StreamEvent, void>,
  secrets: ReadonlyMap<string, string>,
  asJson: boolean,
): AsyncGenerator<StreamEvent, void> {
  let held = '';
  let heldType: 'text' | 'reasoning' = 'text';
  const plain = (name: string) => secrets.get(name) ?? name;
  const inJson = (name: string) => JSON.stringify(plain(name)).slice(1, -1);
  const show = (text: string) => text.replace(wholeName, asJson ? inJson : plain);

  for await (const event of events) {
    if (held !== '' && event.type !== heldType) {
      yield { type: heldType, text: held };
      held = '';
    }
    if (event.type === 'text' || event.type === 'reasoning') {
      const text: string = held + event.text;
      const end = begunName.exec(text)?.index ?? text.length;
      [held, heldType] = [text.slice(end), event.type];
      if (end > 0) yield { type: event.type, text: show(text.slice(0, end)) };
    } else if (event.type === 'tool_call') {
      yield { ...event, call: { ...event.call, arguments: event.call.arguments.replace(wholeName, inJson) } };
    } else yield event;
  }
}
