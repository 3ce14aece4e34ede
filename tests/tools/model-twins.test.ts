import { beforeEach, describe, expect, it } from 'vitest';
import type { TestClient } from '../helpers/connect.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { shopProvider } from '../helpers/shop.ts';
import { tools } from '../helpers/tools.ts';

interface Twin {
  tool: string;
  args(model: string): Record<string, unknown>;
  reply: unknown;
  /** Makes what the call is about, and names it. */
  prepare?(client: TestClient): Promise<Record<string, unknown>>;
  /** What a model wrote before it broke off is kept as far as it came. */
  keepsParts?: boolean;
  /** Nothing that a model says is garbage to it. */
  takesAnyText?: boolean;
}

/** Every tool that can ask a model, with a call that does, and what the model answers to it. */
const twins: readonly Twin[] = [
  {
    tool: 'summarize_files',
    args: (model) => ({ paths: ['src/cart.ts'], model }),
    reply: { purpose: 'Adds up.', responsibilities: [], api: [], gotchas: ['Beware.'], depends_on: [] },
  },
  {
    tool: 'summarize_files',
    args: (model) => ({ model, detail: 'brief' }),
    reply: { purpose: 'Adds up.', responsibilities: ['Sums.'], api: [], gotchas: [], depends_on: [] },
  },
  {
    tool: 'suggest_files',
    args: (model) => ({ task: 'Fix the discount of the cart', model }),
    reply: { chosen: [{ number: 1, why: 'holds the discount' }] },
  },
  {
    tool: 'generate_tasks',
    args: (model) => ({ model }),
    reply: { tasks: [{ title: 'Round the discount', files: ['src/discount.ts'] }], open_questions: [] },
    async prepare(client) {
      const overview = '- Round the discount\n- Show the discount in the cart';
      const { data } = await client.callTool('create_ticket', { title: 'Discounts of the cart', overview });
      return { ticket: data?.id };
    },
  },
  {
    tool: 'create_plan',
    args: (model) => ({ goal: 'A cart may have two discounts, and cartTotal takes both.', model }),
    reply: {
      title: 'Two discounts',
      approach: 'cartTotal takes both.',
      steps: [
        {
          ...{ number: 1, title: 'Take both discounts', why: 'A cart may have two.', size: 'small' },
          files: [{ path: 'src/cart.ts', action: 'edit' }],
          acceptance: [{ text: 'cartTotal takes two discounts of a cart.' }],
        },
      ],
    },
  },
  {
    tool: 'run_agent',
    args: (model) => ({ agent: 'researcher', task: 'What has a discount?', model }),
    reply: { answer: 'The cart has.', files: [], open_questions: [] },
  },
  {
    tool: 'send_message',
    args: (model) => ({ text: 'What is a cart?', model }),
    reply: 'What is bought.',
    takesAnyText: true,
    keepsParts: true,
  },
  {
    tool: 'suggest_prompts',
    args: (model) => ({ task: 'Plan a feature of the cart', model }),
    reply: { chosen: [{ number: 1, why: 'plans it' }] },
  },
  {
    tool: 'improve_prompt',
    args: (model) => ({ prompt: 'Make the cart better somehow.', model }),
    reply: { prompt: 'Round the discount in src/cart.ts.', changes: ['Named the file.'], open_questions: [] },
  },
  {
    tool: 'merge_branch',
    args: (model) => ({ source: 'other', strategy: 'summary', model }),
    async prepare(client) {
      const { data } = await client.callTool('create_conversation', {});
      const conversation = data?.id;
      await client.callTool('create_branch', { conversation, name: 'other' });
      await client.callTool('send_message', { conversation, branch: 'other', text: 'It is a cart.' });
      return { conversation };
    },
    reply: 'What is bought.',
    takesAnyText: true,
  },
  {
    tool: 'compare_branches',
    args: (model) => ({ models: [model] }),
    reply: 'What is bought.',
    takesAnyText: true,
    async prepare(client) {
      const { data } = await client.callTool('send_message', { text: 'What is a cart?', model: 'low' });
      return { conversation: data?.conversation };
    },
  },
  {
    tool: 'ask_models',
    args: (model) => ({ question: 'What is a cart?', models: [model] }),
    reply: 'What is bought.',
    takesAnyText: true,
  },
];

/** Each asks a model of its own, so that none is left alone for what it did to another tool. */
const calls = twins.map((twin, index) => ({ ...twin, number: index + 1, model: `model-${index + 1}` }));
const models = { object: 'list', data: calls.map(({ model }) => ({ id: model, object: 'model' })) };

const project = {
  'README.md': '# Shop\n\nSells.\n',
  'src/cart.ts': 'export function cartTotal(discount: number) {}\n',
  'src/discount.ts': 'export const discount = 3;\n',
};

const server = sharedModelServer();
beforeEach(() => server.play({}));

interface Case {
  is: string;
  mode: 'model' | 'offline';
  url: () => string | undefined;
  replies: (reply: string) => readonly Reply[];
  /** The answer is whole, and no data that was asked for. */
  isText?: boolean;
}

const spoken = (text: string): readonly Reply[] => [{ kind: 'answer', pieces: [text] }];
const cases: readonly Case[] = [
  { is: 'a model that answers', mode: 'model', url: () => server.url, replies: spoken },
  { is: 'no model', mode: 'offline', url: () => undefined, replies: () => [] },
  { is: 'a model that is dead', mode: 'offline', url: () => 'http://127.0.0.1:9', replies: () => [] },
  {
    is: 'a model that answers garbage',
    mode: 'offline',
    url: () => server.url,
    replies: () => spoken('Sure! {"files": 3'),
    isText: true,
  },
  {
    is: 'a model that answers other data',
    mode: 'offline',
    url: () => server.url,
    replies: () => spoken('{"other":[1]}'),
    isText: true,
  },
  {
    is: 'a model that breaks off',
    mode: 'offline',
    url: () => server.url,
    replies: (reply) => [{ kind: 'answer', pieces: [reply.slice(0, 9), reply.slice(9)], fault: { at: 1, act: 'cut' } }],
  },
];

describe.each(cases)('With $is', ({ url, replies, isText, ...expected }) => {
  const client = sharedServer(() => {
    const at = url();
    if (at === undefined) return { files: project };
    return { files: project, flags: ['--models', 'low=shop/model-1'], env: shopProvider({ url: at }) };
  });

  it.each(calls)('$tool answers in one form (call $number)', async ({ tool, args, reply, prepare, ...twin }) => {
    const mode = twin.takesAnyText && isText ? 'model' : expected.mode;
    await server.play({ chat: replies(JSON.stringify(reply)), lists: { '/v1/models': models } });
    const model = url() === undefined ? 'low' : `shop/${twin.model}`;
    const { data, text, isError } = await client().callTool(tool, { ...args(model), ...(await prepare?.(client())) });
    if (twin.keepsParts && data?.status === 'cut') return expect(data.note).toContain('The answer broke off');
    expect(isError, text).toBe(false);
    expect(tools.find(({ name }) => name === tool)?.output.safeParse(data).error).toBeUndefined();
    expect(data).toMatchObject(
      mode === 'model' ? { mode, model } : { mode, note: expect.stringMatching(/\w{3,}.*\./) },
    );
    if (mode === 'offline') expect(text).toContain(data?.note);
    expect(JSON.stringify(data).length).toBeLessThanOrEqual(10_000);
  });
});

describe('A tool that can ask a model', () => {
  it('is in this table', () => {
    const asking = tools.filter(({ effect, output: { shape } }) => /^(?:ask|model)$/.test(effect) && 'mode' in shape);
    expect([...new Set(twins.map(({ tool }) => tool))].sort()).toEqual(asking.map(({ name }) => name).sort());
  });
});
