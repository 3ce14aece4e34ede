import { describe, expect, it } from 'vitest';
import { createCommitIndex } from '../../../src/search/task/commit-index.ts';
import { createImportGraph } from '../../../src/search/task/import-graph.ts';
import { rankForTask } from '../../../src/search/task/rank-task.ts';
import { createDocumentReader } from '../../../src/search/task/task-document.ts';
import { taskWeights } from '../../../src/search/task/task-weights.ts';

interface Past {
  subject: string;
  files: string[];
}

function rank(
  files: Record<string, string>,
  task: string,
  { past = [], near = [] }: { past?: Past[]; near?: string[] } = {},
) {
  const reader = createDocumentReader();
  const documents = Object.entries(files).map(([path, text]) => reader.read(path, text, 'TypeScript'));
  const commits = createCommitIndex();
  commits.add(
    past.map(({ subject, files }, at) => ({ id: `${at}`, subject, message: subject, time: 1_700_000_000 - at, files })),
  );
  const places = new Map(documents.map(({ path }, place) => [path, place]));
  const knowledge = { documents, places, graph: createImportGraph(documents), commits };
  return rankForTask(knowledge, { task, near, passes: () => true, limit: 10 }, taskWeights);
}

const filler = Object.fromEntries(
  Array.from({ length: 20 }, (_, at) => [`src/other${at}.ts`, `export const other${at} = ${at};\n`]),
);

function order(...args: Parameters<typeof rank>): string[] {
  return rank(...args).map(({ path }) => path);
}

describe('The ranking for a task', () => {
  it('puts the file that defines a thing before the one that mentions it', () => {
    const files = {
      ...filler,
      'src/mention.ts': 'run(discountOf(cart));\nrun(1);\n',
      'src/price.ts': 'export function discountOf(cart: Cart) {\n  return 1;\n}\n',
    };
    expect(order(files, 'the discount of a cart is wrong')[0]).toBe('src/price.ts');
  });

  it('prefers sources to tests and documents, unless the task speaks of these', () => {
    const text = 'export function renderInvoice() {}\n';
    const files = { ...filler, 'src/invoice.ts': text, 'tests/invoice.test.ts': text, 'docs/invoice.md': text };
    expect(order(files, 'render the invoice')[0]).toBe('src/invoice.ts');
    const [first, second] = rank(files, 'the test that renders the invoice is flaky');
    expect([first?.path, second?.path]).toEqual(['src/invoice.ts', 'tests/invoice.test.ts']);
  });

  it('learns from the commits whose messages resemble the task', () => {
    const past = [
      { subject: 'Refund orders twice no more', files: ['src/other7.ts'] },
      { subject: 'Paint it blue', files: ['src/other3.ts'] },
    ];
    const [best] = rank(filler, 'orders are refunded twice', { past });
    expect(best?.path).toBe('src/other7.ts');
    expect(best?.why).toContain('commit "Refund orders twice no more"');
  });

  it('prefers the folder where such work happened', () => {
    const text = 'export function refund() {}\n';
    const files = { ...filler, 'a/refund.ts': text, 'b/refund.ts': text, 'b/order.ts': '\n' };
    const past = [{ subject: 'Refund orders twice no more', files: ['b/order.ts'] }];
    expect(order(files, 'refund', { past })[0]).toBe('b/refund.ts');
    expect(order(files, 'refund')[0]).toBe('a/refund.ts');
  });

  it('counts words less that most commits speak of', () => {
    const files = { ...filler, 'src/a.ts': 'support();\n', 'src/b.ts': 'refund();\n' };
    const past = Array.from({ length: 30 }, (_, at) => ({ subject: `support ${at}`, files: [`gone${at}.ts`] }));
    expect(order(files, 'support a refund', { past })[0]).toBe('src/b.ts');
    expect(order(files, 'support a refund')[0]).toBe('src/a.ts');
  });

  it('brings along what the best file imports and what changes with it', () => {
    const files = { ...filler, 'src/checkout.ts': "import './other5.ts';\nexport function checkout() {}\n" };
    const past = [1, 2, 3].map((round) => ({ subject: `round ${round}`, files: ['src/checkout.ts', 'src/other9.ts'] }));
    const ranked = rank(files, 'checkout', { past });
    expect(ranked.slice(0, 3).map(({ path }) => path)).toEqual(['src/checkout.ts', 'src/other9.ts', 'src/other5.ts']);
    expect(ranked.flatMap(({ why }) => why)).toEqual(
      expect.arrayContaining(['changes with src/checkout.ts', 'linked by imports to src/checkout.ts']),
    );
  });

  it('takes a path in the task at its word', () => {
    expect(order(filler, 'look at other4.ts and src/other2.ts').slice(0, 2).sort()).toEqual([
      'src/other2.ts',
      'src/other4.ts',
    ]);
  });

  it('takes a name at its word that the task writes as the code does', () => {
    const apart = 'const retry = 1;\nlog(count);\nwhen(retry, then(count));\n';
    const files = { ...filler, 'src/apart.ts': apart, 'src/together.ts': 'sleep(1);\nif (retryCount > 3) stop();\n' };
    expect(order(files, 'stop when `retryCount` is too high')[0]).toBe('src/together.ts');
    expect(order(files, 'retryCount of sleepers')[0]).toBe('src/together.ts');
  });

  it('prefers the file that says all of it in one place to one that says it here and there', () => {
    const pause = 'log(1);\n'.repeat(200);
    const words = ['refund();\n', 'voucher();\n', 'expired();\n'];
    const files = { ...filler, 'src/apart.ts': words.join(pause), 'src/place.ts': `${words.join('')}${pause}${pause}` };
    expect(order(files, 'refund an expired voucher').slice(0, 2)).toEqual(['src/place.ts', 'src/apart.ts']);
  });

  it('counts a word in the name of a file more than many in its text', () => {
    const files = { ...filler, 'src/voucher.ts': 'voucher();\n', 'src/log.ts': 'voucher();\n'.repeat(50) };
    expect(order(files, 'the voucher')[0]).toBe('src/voucher.ts');
  });

  it('raises what lies near the paths that are given', () => {
    const files = { ...filler, 'app/a/cart.ts': 'cart', 'app/b/cart.ts': 'cart' };
    expect(order(files, 'cart', { near: ['app/b/'] })[0]).toBe('app/b/cart.ts');
    expect(order(files, 'cart', { near: ['app/a/page.ts'] })[0]).toBe('app/a/cart.ts');
  });

  it.each(['', 'the of and', '\u0000\u001b[31m', '.*+?^$()|[]\\{}', '🎉', '設定', 'x'.repeat(100_000)])(
    'says nothing rather than something wrong of %j',
    (task) => {
      expect(rank(filler, task)).toEqual([]);
    },
  );

  it('finds names in scripts without spaces', () => {
    const files = { ...filler, 'src/settings.ts': '// 設定ファイルを読む\n' };
    expect(order(files, '設定が読めない')).toEqual(['src/settings.ts']);
  });

  it('takes a long task in little time', () => {
    const started = performance.now();
    const words = Array.from({ length: 50_000 }, (_, at) => `other${at % 900} fooBar${at}`).join(' ');
    expect(rank(filler, words).length).toBe(10);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
