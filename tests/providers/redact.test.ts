import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message, StreamEvent } from '../../src/providers/provider.ts';
import { redact } from '../../src/providers/redact.ts';

/** Made up, but in the shapes of real ones; put together here, so that no scanner of repositories takes them for real. */
const body = (length: number) => 'aB3dE5gH7jK9mN1pQ3sT5vW7xZ9bC1dE3fG5hJ7kL9nP1qR3'.repeat(6).slice(0, length);
const secrets: Record<string, string> = {
  openai: `sk-proj-${body(60)}`,
  'openai, old': `sk-${body(48)}`,
  anthropic: `sk-ant-api03-${body(90)}`,
  openrouter: `sk-or-v1-${'0123456789abcdef'.repeat(4)}`,
  groq: `gsk_${body(52)}`,
  google: `AIza${body(35)}`,
  huggingface: `hf_${body(34)}`,
  github: `ghp_${body(36)}`,
  'github, fine': `github_pat_${body(60)}`,
  gitlab: `glpat-${body(20)}`,
  'aws id': 'AKIAIOSFODNN7ABCDEFG',
  slack: `xoxb-123456789012-1234567890123-${body(24)}`,
  npm: `npm_${body(36)}`,
  stripe: `sk_live_${body(24)}`,
  jwt: `eyJ${body(30)}.eyJ${body(60)}.${body(43)}`,
  'private key': `-----BEGIN RSA PRIVATE KEY-----\n${body(64)}\n${body(64)}\n-----END RSA PRIVATE KEY-----`,
  'private key in one line': `-----BEGIN PRIVATE KEY-----\\n${body(64)}\\n-----END PRIVATE KEY-----`,
  'private key without end': `-----BEGIN OPENSSH PRIVATE KEY-----\n${body(64)}`,
  sendgrid: `SG.${body(22)}.${body(43)}`,
};

async function hidden(text: string, known: string[] = []) {
  const { messages } = await redact([{ role: 'user', text }], { known, onlyKnown: false });
  return messages[0]?.text ?? '';
}

async function answered(sent: Message[], pieces: (hidden: string) => StreamEvent[], known: string[] = []) {
  const { messages, restore } = await redact(sent, { known, onlyKnown: false });
  const events: StreamEvent[] = [];
  for await (const event of restore(each(pieces(messages.map(({ text }) => text).join(''))))) events.push(event);
  return events;
}

async function* each(events: StreamEvent[]): AsyncGenerator<StreamEvent, void> {
  yield* events;
}

const textOf = (events: StreamEvent[]) => events.map((event) => ('text' in event ? event.text : '')).join('');

describe('A secret', () => {
  it.each(Object.keys(secrets))('of the shape "%s" leaves this machine nowhere in a text', async (name) => {
    const secret = secrets[name] ?? '';
    for (const text of [
      secret,
      `const key = "${secret}";`,
      `# Notes\nThe key is ${secret}\nand so on`,
      `{"a":["${secret}"]}`,
    ]) {
      const shown = await hidden(text);
      expect(shown).toMatch(/REDACTED_[A-Z_]+_[0-9a-f]{8}/);
      for (let start = 0; start + 12 <= secret.length; start++) {
        const window = secret.slice(start, start + 12);
        if (!/^-+(BEGIN|END)|PRIVATE KEY|-----/.test(window)) expect(shown).not.toContain(window);
      }
    }
  });

  it.each([
    ['postgres://bob:hunter22@db.example.com/x', 'hunter22'],
    ['https://bob:hunter22@example.com/', 'hunter22'],
    ['DB_PASSWORD=correct-horse-1', 'correct-horse-1'],
    ['export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY', 'bPxRfiCYzzzzzzzKEY'],
    ['  "password": "correct-horse-1",', 'correct-horse-1'],
    ["const apiKey = 'abcdefgh12345678';", 'abcdefgh12345678'],
  ])('is found by what stands around it: %s', async (text, secret) => {
    expect(await hidden(text)).not.toContain(secret);
  });

  it.each([
    'const token = nextToken(source);',
    'if (password === undefined) throw new Error("password is missing");',
    'API_KEY=$OTHER_KEY',
    'type Token = "identifier" | "keyword";',
    'see https://example.com:8080/path and user@example.com',
    'sk-learn and risk-assessment-of-long-names',
    'commit 8776be8f0e1d2c3b4a5968778695a4b3c2d1e0f9',
  ])('is not what only looks like talk of one: %s', async (text) => {
    expect(await hidden(text)).toBe(text);
  });

  it('that is known is found in any text and in its usual forms, whatever it looks like', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.string(),
        fc.stringMatching(/^[\x21-\x7e]{16,40}$/),
        async (before, after, key) => {
          for (const form of [key, encodeURIComponent(key), Buffer.from(key).toString('base64')]) {
            expect(await hidden(before + form + after, [key])).not.toContain(form);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cannot be let through by a comment in the text', async () => {
    expect(await hidden(`// secretlint-disable\n${secrets.github}`)).not.toContain(body(12));
  });

  it('has one name, for every message', async () => {
    const key = secrets.github ?? '';
    const [one, other] = [await hidden(key), await hidden(`again: ${key}`)];
    expect(other).toBe(`again: ${one}`);
  });

  it('is hidden in calls of tools and what they gave, too', async () => {
    const call = { id: '1', name: 'read_files', arguments: `{"query":"${secrets.github}"}` };
    const { messages } = await redact(
      [
        { role: 'system', text: secrets.npm ?? '' },
        { role: 'assistant', text: '', toolCalls: [call] },
        { role: 'tool', call, text: `found ${secrets.google}` },
      ],
      { known: [], onlyKnown: false },
    );
    expect(JSON.stringify(messages)).not.toMatch(/ghp_|npm_|AIza/);
  });
});

describe('An answer', () => {
  const sent: Message[] = [{ role: 'user', text: `Use ${secrets.github} and ${secrets['private key']}!` }];
  const whole = sent[0]?.text ?? '';

  it('has the secrets again, however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), async (sizes) => {
        const events = await answered(sent, (text) => [
          ...piecesOf(text, sizes),
          { type: 'end', finish: 'stop', usage: undefined },
        ]);
        expect(textOf(events)).toBe(whole);
        expect(events.at(-1)).toEqual({ type: 'end', finish: 'stop', usage: undefined });
      }),
      { numRuns: 40 },
    );
  });

  it('keeps what only begins like a name, and names that nobody gave', async () => {
    const said = 'REDACTED REDACTED_ REDACTED_KEY_12345678 RED';
    const events = await answered(sent, () => [
      ...piecesOf(said, [1]),
      { type: 'end', finish: 'stop', usage: undefined },
    ]);
    expect(textOf(events)).toBe(said);
  });

  it('may use a secret in the call of a tool, which gets it as valid JSON', async () => {
    const events = await answered(sent, (text) => [
      { type: 'tool_call', call: { id: '1', name: 'save', arguments: JSON.stringify({ text }) } },
      { type: 'end', finish: 'tool_calls', usage: undefined },
    ]);
    const [called] = events;
    expect(called?.type === 'tool_call' && JSON.parse(called.call.arguments)).toEqual({ text: whole });
  });

  it('comes in time: hostile text of 200 KB takes no longer than other text', async () => {
    const hostile = [
      '-----BEGIN PRIVATE KEY-----',
      'eyJaaaaaaaaaa.',
      'password="',
      'A_KEY=',
      'a://b:',
      'sk-',
      'https://a:',
      'KEYKEYKEY',
      '-----END',
    ];
    for (const text of hostile) {
      const begun = performance.now();
      await hidden(text.repeat(Math.ceil(200_000 / text.length)));
      expect(performance.now() - begun, text).toBeLessThan(1500);
    }
  });
});

function piecesOf(text: string, sizes: number[]): StreamEvent[] {
  const pieces: StreamEvent[] = [];
  for (let start = 0, turn = 0; start < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push({ type: 'text', text: text.slice(start, start + size) });
    start += size;
  }
  return pieces;
}
