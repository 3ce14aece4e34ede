import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { type ModelServer, startModelServer } from '../helpers/model-server.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

let server: ModelServer;
let client: TestClient;
const [folder, dataDir] = [makeTempFolder(), makeTempFolder()];

beforeAll(async () => {
  writeFiles(folder, {
    'src/cart.ts': '/** Adds up a cart. */\nexport function cartTotal(discount: number) {}\n',
    'src/discount.ts': 'export function discount(cart: Cart) {}\n',
    'src/mail.ts': '// about the discount of a cart\nexport function mail() {}\n',
    '.env': 'DISCOUNT=secret-canary\n',
    ...Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`other/discount-${at}.ts`, `export const cart${at} = 1;\n`]),
    ),
  });
  server = await startModelServer();
  client = await connect('v2-2026', {
    args: ['--project', folder, '--data-dir', dataDir, '--models', 'low=shop/small'],
    env: { OCTANT_PROVIDERS: `shop=${server.url}/v1,lmstudio=off,ollama=off`, SHOP_API_KEY: 'sk-canary-9999' },
  });
});
afterAll(async () => {
  await client.close();
  await server.stop();
  for (const each of [folder, dataDir]) removeFolder(each);
});
beforeEach(() => server.play({}));

interface File {
  path: string;
  why: string[];
}

async function suggest(args: Record<string, unknown>) {
  const { data, text, isError } = await client.callTool('suggest_files', {
    task: 'Mend the discount of the cart',
    ...args,
  });
  const files: File[] = Array.isArray(data?.files) ? data.files : [];
  return { data, text, isError, files, paths: files.map(({ path }) => path) };
}

const asked = async () => (await server.journal()).filter(({ path }) => path.endsWith('/completions'));
const play = (chosen: unknown) => server.play({ chat: [{ kind: 'answer', pieces: [JSON.stringify({ chosen })] }] });

describe('suggest_files', () => {
  it('asks no model where none is named, though one is set up', async () => {
    expect((await suggest({})).data).toMatchObject({ mode: 'offline' });
    expect(await asked()).toEqual([]);
  });

  it('lets a model put the best 30 in order, says why, and has the others after them', async () => {
    const { paths: before } = await suggest({ limit: 30 });
    await play([
      { number: 3, why: 'holds what is mended' },
      { number: 1, why: 'calls `inventedHelper` of it' },
    ]);
    const { data, files, text } = await suggest({ model: 'low', limit: 5 });
    expect(data).toMatchObject({ mode: 'model', model: 'shop/small', complete: true });
    expect(files.map(({ path }) => path)).toEqual([before[2], before[0], before[1], before[3], before[4]]);
    expect(files[0]?.why[0]).toBe('holds what is mended');
    expect(JSON.stringify(files)).not.toContain('inventedHelper');
    expect(text).toContain('5 files of ');
    expect(text).toContain('best first (shop/small):');
  });

  it('shows the model what the files are for, and no secret file', async () => {
    await play([{ number: 1, why: '' }]);
    await suggest({ model: 'shop/small' });
    const [request] = await asked();
    const { messages } = JSON.parse(request?.body ?? '{}');
    expect(messages[1].content).toMatch(/^<data-\w{12}>\nTask: Mend the discount of the cart\n\n1\. /);
    expect(messages[1].content).toContain('src/cart.ts: cartTotal: Adds up a cart.; defines cartTotal\n');
    expect(messages[1].content).toContain('\n30. ');
    expect(messages[1].content).not.toMatch(/\n31\. |\.env|canary/);
  });

  it('leaves out what was not offered, each file once', async () => {
    const { paths: before } = await suggest({ limit: 30 });
    await play([{ number: 99 }, { number: 0 }, { number: -1 }, { number: 2 }, { number: 2 }]);
    const { data, paths } = await suggest({ model: 'low', limit: 30 });
    expect(paths).toEqual([before[1], before[0], ...before.slice(2)]);
    expect(data).toMatchObject({
      mode: 'model',
      note: 'shop/small named 3 that it was not offered; these are left out.',
    });
  });

  it('keeps its own order where the model names nothing of use, and says so', async () => {
    const { paths: before } = await suggest({});
    for (const chosen of [[], [{ number: 400 }]]) {
      await play(chosen);
      const { data, paths } = await suggest({ model: 'low' });
      expect(paths).toEqual(before);
      expect(data).toMatchObject({
        ...{ mode: 'offline', complete: true },
        note: 'Made without a model: shop/small named none of the files that it was offered.',
      });
    }
  });

  it('asks nothing where no file was found, and refuses a model that nobody has', async () => {
    expect((await suggest({ task: 'zebra giraffe', model: 'low' })).data).toMatchObject({ mode: 'offline', files: [] });
    expect(await asked()).toEqual([]);
    const { text, isError } = await suggest({ model: 'shpo/small' });
    expect(isError).toBe(true);
    expect(text).toMatch(/^not_found: There is no model "shpo\/small"/);
  });
});
