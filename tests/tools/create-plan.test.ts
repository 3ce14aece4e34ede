import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { clientKinds, connect, type Person, type TestClient } from '../helpers/connect.ts';
import { abortedAfter } from '../helpers/model-server.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { startHttp } from '../helpers/program.ts';
import { sharedHttp, sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { chatsOf, says, shopModels } from '../helpers/shop.ts';
import { tempProject } from '../helpers/temp-project.ts';

const files = {
  'package.json': '{"name":"shop","scripts":{"test":"vitest run","lint":"biome check"}}',
  'AGENTS.md': '# Rules\n\nEach change has a line in CHANGELOG.md.\n',
  'CHANGELOG.md': '# Changelog\n\n## Unreleased\n',
  'src/cart/discount.ts': 'export function applyDiscount(sum: number): number {\n  return sum * 0.9;\n}\n',
  'src/cart/cart.ts':
    "import { applyDiscount } from './discount.ts';\nexport function cartTotal(prices: number[]) {\n  return applyDiscount(prices.length);\n}\n",
  'src/http/page.ts':
    "import { cartTotal } from '../cart/cart.ts';\nexport const cartPageDiscount = () => ['cart total with discount', cartTotal([])];\n",
  'src/mail/invoice.ts': 'export function sendInvoice() {}\n',
  'tests/cart/discount.test.ts':
    "import { applyDiscount } from '../../src/cart/discount.ts';\nit('takes a discount', () => applyDiscount(1));\n",
  '.env': 'KEY=zebra\n',
};
const goal = 'A cart of more than ten prices gets a discount of a fifth. The cart page names the discount.';

/** What a model answers; its paths are right. */
const good = {
  title: 'A fifth off for large carts',
  approach: 'applyDiscount learns how many prices there are.',
  questions: [{ text: 'Do ten prices count as more than ten?', assumed: 'No.' }],
  steps: [
    {
      ...{ number: 1, title: 'Take a fifth off more than ten prices', why: 'It knows the discount.', size: 'small' },
      files: [
        { path: 'src/cart/discount.ts', action: 'edit' },
        { path: 'tests/cart/discount.test.ts', action: 'edit' },
      ],
      depends_on: [],
      acceptance: [{ text: 'A cart of eleven prices gets a discount of a fifth.', check: 'npm test' }],
    },
    {
      ...{ number: 2, title: 'Name the discount on the cart page', why: 'People ask for it.', size: 'small' },
      files: [{ path: 'src/http/page.ts', action: 'edit' }],
      depends_on: [1],
      acceptance: [{ text: 'The cart page names the discount.', check: 'vitest run tests/cart/discount.test.ts' }],
    },
  ],
};
const [firstStep, secondStep] = good.steps;
const wrong = {
  ...good,
  steps: [{ ...firstStep, files: [{ path: 'src/cart/rebate.ts', action: 'edit' }] }, secondStep],
};

const server = sharedModelServer();
beforeEach(() => server.play({}));

const planId = expect.stringMatching(/^P-\d+$/);

const everyWay = clientKinds.flatMap((kind) => (['stdio', 'http'] as const).map((transport) => ({ kind, transport })));
type Way = (typeof everyWay)[number];

const withModel = () => ({ files, env: shopModels(server) });
const http = sharedHttp(withModel);

/** A server with a model for each way to it, where those over HTTP share one. */
function serveEveryWay(person?: Person): (way: Way) => TestClient {
  const clients = everyWay.map(({ kind, transport }) =>
    sharedServer(() => ({
      ...{ kind, ...(person && { person }) },
      ...(transport === 'http' ? { url: http().url } : withModel()),
    })),
  );
  return (way) => {
    const client = clients[everyWay.findIndex((each) => each.kind === way.kind && each.transport === way.transport)];
    if (!client) throw new Error(`no client ${way.kind} over ${way.transport}`);
    return client();
  };
}

const serveWay = serveEveryWay();
const serve = () => serveWay({ kind: 'v2-2026', transport: 'stdio' });

/** How many plans are kept: they are numbered in turn, and the newest is listed first. */
async function planCount(client: TestClient): Promise<number> {
  const [newest] = Object(await client.callTool('list_plans', { limit: 1 })).data.plans;
  return Number(newest?.id.replace('P-', '') ?? 0);
}

describe('create_plan without a model', () => {
  const serveOffline = sharedServer(() => ({ files }));
  const serveNames = sharedServer(() => ({
    files: {
      ...files,
      'src/mail/outgoing.ts': "import { post } from './post.ts';\nexport function sendInvoiceMail() {\n  post();\n}\n",
      'src/mail/calls.ts': "import { sendInvoiceMail } from './outgoing.ts';\n\nsendInvoiceMail();\n",
      'src/http/errors.ts': "export const words = ['no such coupon'];\n",
      'src/flags.ts': 'export const flags = { noCoupons: false };\n',
      'src/coupon-table.ts': "export const name = 'coupon_table';\n",
      'src/uses.ts': "query('coupon_table');\n",
      'net/request_queue.h': 'int queue_request(int size);\n',
      'net/request_queue.c': '#include "request_queue.h"\nint queue_request(int size) { return size; }\n',
    },
  }));

  it('names the likely files, what is imported first, with their tests, and what of the goal each step is for', async () => {
    const client = serveOffline();
    const { data, text } = await client.callTool('create_plan', {
      goal,
      size: 'large',
      constraints: ['No new packages.'],
    });
    expect(data).toMatchObject({
      mode: 'offline',
      plan: {
        ...{ id: planId, revision: 1, mode: 'offline', findings: [], constraints: ['No new packages.'] },
        title: 'A cart of more than ten prices gets a discount of a fifth',
        steps: [
          {
            step: 1,
            title: 'Change cart.ts, discount.ts in src/cart',
            files: expect.arrayContaining(['edit src/cart/discount.ts', 'edit tests/cart/discount.test.ts']),
            acceptance: expect.arrayContaining([
              'A cart of more than ten prices gets a discount of a fifth. => a test in tests/cart/cart.test.ts shows it',
            ]),
          },
          {
            step: 2,
            title: 'Change page.ts in src/http',
            depends_on: [1],
            acceptance: expect.arrayContaining([expect.stringMatching(/^The cart page names the discount\./)]),
          },
          { step: 3, files: ['edit CHANGELOG.md'], depends_on: [1, 2] },
        ],
        test_plan: ['`npm test` passes.', '`npm run lint` finds nothing.'],
      },
      facts: { conventions: ['AGENTS.md'], commands: ['npm test', 'npm run lint'] },
    });
    expect(text).toMatch(/^Made without a model: No model has the tier "planning"/);
    expect(text).toContain('Gathered, in tokens: files ');
    expect((await client.callTool('get_plan', { plan: Object(data?.plan).id })).data).toMatchObject({
      plan: { steps: [{ step: 1 }, {}, {}] },
    });
  });

  it('has the files that the caller names in any case, also those that are not there yet', async () => {
    const client = serveOffline();
    const before = await planCount(client);
    const named = { goal, files: ['./src/mail/invoice.ts', 'src/cart/rebate.ts'], model: 'none' };
    const { data } = await client.callTool('create_plan', named);
    const planned = JSON.stringify(data?.plan);
    expect(planned).toContain('edit src/mail/invoice.ts');
    expect(planned).toContain('new src/cart/rebate.ts');
    const secret = await client.callTool('create_plan', { goal, files: ['.env'] });
    expect([secret.isError, secret.text]).toEqual([true, expect.stringMatching(/^secret: /)]);
    expect(await planCount(client)).toBe(before + 1);
  });

  it.each([
    ['a function', 'sendInvoiceMail has the total.', 'src/mail/outgoing.ts'],
    [
      'a name in backticks',
      'Make `sendInvoiceMail` wait for the cart, the discount and the cart page.',
      'src/mail/outgoing.ts',
    ],
    ['a message', 'The cart page says "no such coupon" and names the discount.', 'src/http/errors.ts'],
    ['an option', 'The discount of a cart obeys --no-coupons.', 'src/flags.ts'],
    ['the name of a file', 'A cart with a discount in coupon_table has no limit.', 'src/coupon-table.ts'],
  ])('begins where the code has the very name in the goal: %s', async (_, goal, path) => {
    const client = serveNames();
    const { data } = await client.callTool('create_plan', { goal, size: 'small' });
    const { steps = [], approach } = Object(data?.plan);
    expect(approach).toContain(`Read ${path} first`);
    expect(JSON.stringify(steps)).toContain(`edit ${path}`);
    expect(JSON.stringify(steps)).toMatch(/which the goal names/);
  });

  it('plans for a ticket, with what the ticket says, and tells of open tickets like the goal', async () => {
    const client = serveOffline();
    const made = { title: 'Discount for carts', acceptance: ['Mails name the invoice.'] };
    const ticket = String((await client.callTool('create_ticket', made)).data?.id);
    onTestFinished(async () => void (await client.callTool('delete_ticket', { ticket })));
    const like = await client.callTool('create_plan', { goal });
    expect(like.text).toContain(`Is this the work of ${ticket}, "Discount for carts" (open)?`);
    const { data } = await client.callTool('create_plan', { goal, ticket });
    expect(data).toMatchObject({ plan: { ticket, goal: expect.stringContaining('Mails name the invoice.') } });
    expect(JSON.stringify(Object(data?.plan).questions ?? [])).not.toContain(ticket);
  });

  it('asks nothing that is answered, and refuses what is no answer', async () => {
    const client = serveOffline();
    const short = { goal: 'Drop the discount' };
    const { data } = await client.callTool('create_plan', short);
    const asked = [{ text: expect.stringMatching(/^May what relies on the old behaviour break/) }, { question: 'Q2' }];
    expect(data?.plan).toMatchObject({ questions: asked });
    const settled =
      'What is to be seen when it is done? Name one case and its result. => cartTotal gives the plain sum';
    const { data: again } = await client.callTool('create_plan', { ...short, answers: [settled] });
    expect(again?.plan).toMatchObject({
      questions: [{ question: 'Q1', answer: 'cartTotal gives the plain sum' }, { question: 'Q2' }],
    });
    expect(JSON.stringify(again?.plan)).toContain('cartTotal gives the plain sum =>');
    const odd = await client.callTool('create_plan', { ...short, answers: ['yes'] });
    expect(odd.text).toBe('bad_input: "yes" is no answer. Write "QUESTION => ANSWER".');
  });

  it('gives its first answer for a repeated request id, and refuses a model that nobody has', async () => {
    const client = serveOffline();
    const before = await planCount(client);
    const request = { goal, request_id: 'one' };
    const first = await client.callTool('create_plan', request);
    const second = await client.callTool('create_plan', request);
    expect(first.data).toMatchObject({
      plan: { id: `P-${before + 1}`, findings: [] },
      facts: { commands: ['npm test', 'npm run lint'] },
    });
    expect(second).toEqual(first);
    await client.callTool('revise_plan', { plan: `P-${before + 1}`, title: 'Another' });
    expect(await client.callTool('create_plan', request)).toEqual(first);
    expect((await client.callTool('create_plan', { goal, model: 'shop/large' })).text).toMatch(
      /^not_found: There is no model/,
    );
    expect(await planCount(client)).toBe(before + 1);
  });

  it('makes no test for a header, which is tested with what defines it', async () => {
    const client = serveNames();
    const asked = { goal: 'queue_request refuses a size below zero.', files: ['net/request_queue.h'] };
    const { text } = await client.callTool('create_plan', asked);
    expect(text).toMatch(/^ +new net\/request_queue_test\.c$/m);
    expect(text).not.toContain('_test.h');
  });

  it('says so where no file has anything of the goal', async () => {
    const client = serveOffline();
    const { data } = await client.callTool('create_plan', { goal: 'Quaternion zyzzyva.' });
    expect(data).toMatchObject({
      plan: { steps: [{ title: 'Find out where this belongs' }, {}], findings: [{ rule: 'no_files' }] },
    });
  });
});

describe('create_plan with a model', () => {
  it.each(everyWay)('asks it once with what was gathered, and keeps its plan: $kind over $transport', async (way) => {
    await server.play({ chat: [says(good)] });
    const client = serveWay(way);
    const progress: string[] = [];
    const onprogress = ({ message }: { message?: string | undefined }) => void progress.push(message ?? '');
    const { data, text } = await client.callTool(
      'create_plan',
      { goal, constraints: ['No new packages.'] },
      { onprogress },
    );
    expect(data).toMatchObject({
      ...{ mode: 'model', model: 'shop/small' },
      plan: {
        ...{ id: planId, revision: 1, mode: 'model', model: 'shop/small', title: good.title, findings: [] },
        questions: [{ question: 'Q1', text: 'Do ten prices count as more than ten?', assumed: 'No.' }],
        steps: [{ step: 1 }, { step: 2, depends_on: [1] }],
        constraints: ['No new packages.'],
      },
    });
    expect(text).toContain(`${Object(data?.plan).id} A fifth off for large carts\nrevision 1, model (shop/small)`);
    expect(progress).toContain('Asking the model for a plan');
    const [chat, ...others] = await chatsOf(server);
    expect(others).toEqual([]);
    const request = chat?.messages.map(({ content }) => content).join('\n') ?? '';
    const mark = /<data-([0-9a-f]{12})>\n# Files that it may concern/.exec(request)?.[1];
    expect(request).toContain(`Everything between <data-${mark}> and </data-${mark}>`);
    expect(request).toContain('src/cart/discount.ts (source, 3 lines');
    expect(request).toContain('1\tfunction applyDiscount(sum: number): number');
    expect(request).toContain('tests: tests/cart/discount.test.ts');
    expect(request).toContain('# AGENTS.md begins');
    expect(request).toContain(`Goal:\n${goal}`);
    expect(request).toContain('Constraints:\n- No new packages.');
    expect(request).not.toContain('zebra');
  });

  it('has what the linter finds mended by a second call', async () => {
    await server.play({ chat: [says(wrong), says(good)] });
    const { data } = await serve().callTool('create_plan', { goal });
    expect(data).toMatchObject({
      mode: 'model',
      plan: { findings: [] },
      note: 'Mended once after the linter had looked at it.',
    });
    const [, second] = await chatsOf(server);
    expect(second?.messages.at(-1)?.content).toMatch(
      /- Step 1: src\/cart\/rebate\.ts is not there, and the step is to edit it\./,
    );
  });

  it('says what is still wrong where the second call mends nothing, and takes nothing worse', async () => {
    const worse = { ...wrong, steps: wrong.steps.map((step) => ({ ...step, acceptance: [] })) };
    await server.play({ chat: [says(wrong), says(worse)] });
    const client = serve();
    const { data, text } = await client.callTool('create_plan', { goal });
    expect(data).toMatchObject({
      plan: { findings: [{ rule: 'missing_file', steps: [1] }, {}] },
      note: 'What the model mended was worse, and is not taken.',
    });
    expect(text).toContain('error missing_file: Step 1: src/cart/rebate.ts is not there');
    const kept = await client.callTool('get_plan', { plan: Object(data?.plan).id });
    expect(kept.text).toContain('done when: A cart of eleven prices');
  });

  it('keeps the first plan where the second call fails', async () => {
    await server.play({ chat: [says(wrong), { kind: 'http', status: 401, body: '{}' }] });
    const { data } = await serve().callTool('create_plan', { goal });
    expect(data).toMatchObject({
      mode: 'model',
      plan: { title: good.title },
      note: expect.stringMatching(/^It could not be mended: /),
    });
  });

  const failures: Array<{ name: string; chat: Reply[]; says: RegExp }> = [
    { name: 'is dead', chat: [{ kind: 'http', status: 401, body: '{}' }], says: /refused the API key/ },
    {
      name: 'breaks off',
      chat: [{ kind: 'answer', pieces: ['{"title":', '"x"'], fault: { at: 1, act: 'cut' } }],
      says: /Made without a model: /,
    },
    {
      name: 'talks garbage',
      chat: [{ kind: 'answer', pieces: ['Certainly! Here is [the plan].'] }],
      says: /in two turns/,
    },
    { name: 'gives a plan without steps', chat: [says({ ...good, steps: [] })], says: /in two turns/ },
    { name: 'refuses', chat: [{ kind: 'answer', pieces: [], finish: 'content_filter' }], says: /held back/ },
  ];
  it.each(failures)('keeps a draft and says why where the model $name', async ({ name, chat, says: reason }) => {
    const model = `shop/${name.replaceAll(' ', '-')}`; // one that failed too often is left alone
    await server.play({ chat });
    const client = serve();
    const before = await planCount(client);
    const { data, text, isError } = await client.callTool('create_plan', { goal, model });
    expect([isError, data?.mode, Object(data?.plan).findings, data?.note]).toEqual([
      false,
      'offline',
      [],
      expect.stringMatching(reason),
    ]);
    expect(text).toMatch(/^Made without a model: /);
    expect(await planCount(client)).toBe(before + 1);
  });

  it('stays within the tokens that it may take, and then drafts', async () => {
    await server.play({ chat: [says(good)] });
    const client = serve();
    const { data } = await client.callTool('create_plan', { goal, max_tokens: 2000 });
    expect(data).toMatchObject({ mode: 'offline', note: expect.stringMatching(/limit|tokens/) });
    expect(await chatsOf(server)).toEqual([]);
  });

  it.each(everyWay)(
    'ends with its caller, down to the provider, and keeps nothing: $kind over $transport',
    async (way) => {
      await server.play({ chat: [{ kind: 'silent' }] });
      const client = serveWay(way);
      const before = await planCount(client);
      const cancel = new AbortController();
      const call = client.callTool('create_plan', { goal }, { signal: cancel.signal }).catch((error) => String(error));
      await asked();
      cancel.abort(new Error('enough'));
      expect(await call).toMatch(/enough|abort|cancel/i);
      expect(await abortedAfter(server)).toBeDefined();
      expect(await planCount(client)).toBe(before);
    },
  );

  it('leaves the store as it was where the server dies while the model thinks', async () => {
    const [dataDir, project] = [tempProject(), tempProject(files)];
    await server.play({ chat: [{ kind: 'silent' }] });
    const http = await startHttp(['--project', project, '--data-dir', dataDir], { env: shopModels(server) });
    const first = await connect('v2-2026', { url: http.url });
    const lost = first.callTool('create_plan', { goal, request_id: 'one' }).catch((error) => String(error));
    await asked();
    http.process.kill('SIGKILL');
    expect(await lost).toEqual(expect.any(String));
    await server.play({ chat: [says(good)] });
    const args = ['--project', project, '--data-dir', dataDir];
    const client = await connect('v2-2026', { args, env: shopModels(server) });
    onTestFinished(() => client.close());
    expect((await client.callTool('list_plans', {})).data?.plans).toEqual([]);
    const { data } = await client.callTool('create_plan', { goal, request_id: 'one' });
    expect(data).toMatchObject({ mode: 'model', plan: { id: 'P-1' } });
  });
});

/** The model has got its question. */
async function asked() {
  for (let tries = 0; tries < 200; tries++) {
    if ((await chatsOf(server)).length > 0) return;
    await delay(25);
  }
  throw new Error('the model was not asked');
}

describe('create_plan with somebody at the client', () => {
  type Form = Parameters<Person>[0];
  let forms: Form[] = [];
  let reply: ReturnType<Person>;
  const person: Person = (form) => {
    forms.push(form);
    return reply;
  };
  beforeEach(() => {
    forms = [];
  });
  const serveAsking = serveEveryWay(person);
  const serveOffline = sharedServer(() => ({ files, person }));

  it.each(everyWay)('asks what would change the plan, and plans anew: $kind over $transport', async (way) => {
    const steps = [
      { ...secondStep, number: 1, depends_on: [] },
      { ...firstStep, number: 2 },
    ];
    await server.play({ chat: [says(good), says({ ...good, title: 'From eleven on', questions: [], steps })] });
    reply = { action: 'accept', content: { Q1: 'No, eleven do.' } };
    const { data } = await serveAsking(way).callTool('create_plan', { goal });
    const { id } = Object(data?.plan);
    expect(id).toMatch(/^P-\d+$/);
    expect(forms).toMatchObject([
      {
        message: `${id}, "A fifth off for large carts", is kept. Answers would change it; leave open what you do not know.`,
        requestedSchema: {
          properties: { Q1: { title: 'Do ten prices count as more than ten?', description: 'Assumed: No.' } },
        },
      },
    ]);
    expect(data?.plan).toMatchObject({
      ...{ revision: 2, title: 'From eleven on', mode: 'model' },
      questions: [{ question: 'Q1', answer: 'No, eleven do.' }],
      steps: [{ step: 2 }, { step: 1 }], // the same files, so the same steps
    });
    const [, second] = await chatsOf(server);
    expect(second?.messages.at(-1)?.content).toContain('- Do ten prices count as more than ten? No, eleven do.');
  });

  it.each(clientKinds)('leaves the plan as it is where nobody answers: %s', async (kind) => {
    await server.play({ chat: [says(good)] });
    reply = { action: 'decline' };
    const { data, isError } = await serveAsking({ kind, transport: 'stdio' }).callTool('create_plan', { goal });
    expect([isError, (await chatsOf(server)).length]).toEqual([false, 1]);
    expect(data?.plan).toMatchObject({ revision: 1, questions: [{ question: 'Q1', assumed: 'No.' }] });
  });

  it('asks at most three of them, also without a model', async () => {
    reply = { action: 'accept', content: { Q1: 'Yes, all of it.' } };
    const { data } = await serveOffline().callTool('create_plan', { goal: 'Drop the stored discount' });
    expect(data?.plan).toMatchObject({
      revision: 2,
      mode: 'offline',
      questions: [{ answer: 'Yes, all of it.' }, {}, {}],
    });
    expect(forms).toHaveLength(1);
    expect(Object.keys(Object(Object(forms[0]?.requestedSchema).properties))).toEqual(['Q1', 'Q2', 'Q3']);
  });
});

describe('revise_plan with replan_from', () => {
  const later = {
    ...good,
    title: 'Something else',
    steps: [
      {
        ...{
          number: 1,
          title: 'Name the discount and its reason',
          why: 'It was asked.',
          size: 'small',
          depends_on: [1, 4],
        },
        files: [{ path: 'src/http/page.ts', action: 'edit' }],
        acceptance: [{ text: 'The cart page names the discount.', check: 'vitest run tests/cart/discount.test.ts' }],
      },
    ],
  };

  it('keeps the steps before, and has the rest made anew under numbers that no step had', async () => {
    await server.play({ chat: [says(good), says(later), says(later)] });
    const client = serve();
    const plan = Object((await client.callTool('create_plan', { goal })).data?.plan).id;
    const { data, isError } = await client.callTool('revise_plan', {
      plan,
      replan_from: 2,
      answers: ['Q1: No.'],
    });
    expect([isError, data]).toMatchObject([false, { revision: 2, mode: 'model', model: 'shop/small', steps: [1, 3] }]);
    expect((await client.callTool('get_plan', { plan })).data?.plan).toMatchObject({
      title: good.title,
      questions: [{ question: 'Q1', answer: 'No.' }],
      steps: [
        { step: 1, title: firstStep?.title },
        { step: 3, title: 'Name the discount and its reason' },
      ],
      next_step: 4,
    });
    const [, second] = await chatsOf(server);
    expect(second?.messages[0]?.content).toContain('Number them from 3 on');
    expect(second?.messages.at(-1)?.content).toContain('"title":"Take a fifth off more than ten prices"');
  });

  it('drafts the rest without a model, and knows no step that there is not', async () => {
    await server.play({ chat: [says(good)] });
    const client = serve();
    const plan = Object((await client.callTool('create_plan', { goal })).data?.plan).id;
    const { data } = await client.callTool('revise_plan', {
      plan,
      replan_from: 2,
      model: 'none',
      dry_run: true,
    });
    expect(data).toMatchObject({ mode: 'offline', steps: [1, 3, 4, 5] });
    const wrongStep = await client.callTool('revise_plan', { plan, replan_from: 7 });
    expect(wrongStep.text).toBe('not_found: The plan has no step 7. Its steps: 1, 2.');
  });
});
