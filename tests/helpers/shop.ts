import { onTestFinished } from 'vitest';
import { type ClientKind, connect, type TestClient } from './connect.ts';
import type { ModelServer } from './model-server.ts';
import type { Reply } from './model-server-program.ts';
import { tempProject } from './temp-project.ts';

/* A small project with a provider called "shop", for tests of what models do. */

export const shopFiles = {
  'src/cart.ts':
    'export function totalOf(prices: number[]): number {\n  return prices.reduce((sum, each) => sum + each, 0);\n}\n',
  'src/tax.ts': 'export const taxRate = 0.2;\n',
  'README.md': '# Shop\n\nSells things.\n',
};

export interface ShopOptions {
  kind?: ClientKind;
  args?: string[];
  env?: Record<string, string>;
  project?: string;
}

/** A client of a server of its own; the model is `shop/small`, of the tier medium. */
export async function serveShop(server: ModelServer, options: ShopOptions = {}): Promise<TestClient> {
  const { kind = 'v2-2026', args = ['--data-dir', tempProject()], env = shopModels(server) } = options;
  const project = options.project ?? tempProject(shopFiles);
  const client = await connect(kind, { args: ['--project', project, ...args], env });
  onTestFinished(() => client.close());
  return client;
}

export function shopModels(server: ModelServer): Record<string, string> {
  return { OCTANT_PROVIDERS: `shop=${server.url}/v1,lmstudio=off,ollama=off`, OCTANT_MODELS: 'medium=shop/small' };
}

/** Without a tier, and with a key that must show nowhere. */
export function shopProvider({ url }: Pick<ModelServer, 'url'>): Record<string, string> {
  return { OCTANT_PROVIDERS: `shop=${url}/v1,lmstudio=off,ollama=off`, SHOP_API_KEY: 'sk-canary-8888' };
}

export function says(value: unknown): Reply {
  return { kind: 'answer', pieces: [JSON.stringify(value)] };
}

export function calls(...toolCalls: Array<{ name: string; arguments: unknown }>): Reply {
  const written = toolCalls.map((call) => ({ name: call.name, arguments: JSON.stringify(call.arguments) }));
  return { kind: 'answer', pieces: [], toolCalls: written, finish: 'tool_calls' };
}

interface ChatBody {
  model: string;
  messages: Array<{ role: string; content: string; tool_calls?: unknown }>;
  tools?: Array<{ function: { name: string } }>;
  max_tokens?: number;
}

/** What the model was asked, in order. */
export async function chatsOf(server: ModelServer): Promise<ChatBody[]> {
  const chats = (await server.journal()).filter(({ path }) => path.endsWith('/completions'));
  return chats.map(({ body }) => JSON.parse(body));
}

/** Of the agent "researcher". */
export const answer = {
  answer: 'It sums the prices (src/cart.ts:2).',
  files: [{ path: 'src/cart.ts', why: 'totalOf' }],
  open_questions: [],
};
