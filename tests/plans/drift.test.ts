import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StepFile } from '../../src/plans/plan.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { planOf } from './good-plans.ts';
import { storePlans } from './stored-plans.ts';

function git(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=a@b'];
  return execFileSync('git', [...who, ...args], { cwd, env: cleanEnvironment(), encoding: 'utf8' }).trim();
}

function commit(folder: string, message: string, files: Record<string, string>): string {
  writeFiles(folder, files);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', message);
  return git(folder, 'rev-parse', 'HEAD');
}

const step = { why: '', acceptance: [{ text: '1 is 1' }], depends_on: [] };
const edit = (path: string): StepFile[] => [{ path, action: 'edit' }];
const remove = (path: string): StepFile[] => [{ path, action: 'delete' }];
const steps = [
  { ...step, title: 'Round the total of the cart', files: edit('cart.ts') },
  { ...step, title: 'Tax rates of France', files: edit('tax.ts') },
  { ...step, title: 'Other things', files: edit('other.ts') },
  { ...step, title: 'Coins', files: edit('src/coins.ts') },
  { ...step, title: 'Notes', files: edit('src/notes.ts') },
  { ...step, title: 'Bills', files: remove('src/bills.ts') },
  { ...step, title: 'Cheques', files: edit('src/cheques.ts') },
  { ...step, title: 'Stamps', files: edit('src/stamps.ts') },
  { ...step, title: 'Seals', files: edit('src/seals.ts') },
];

/** The project is a folder of its repository. */
let folder: string;
let first: string;
let client: TestClient;
let backend: Backend;

beforeAll(async () => {
  const repository = makeTempFolder();
  folder = `${repository}/shop`;
  git(repository, 'init', '-q', '-b', 'main');
  const files = steps.flatMap((each) => each.files).map(({ path }) => [path, `export const of = '${path}';\n`]);
  first = commit(folder, 'Round the cart total', Object.fromEntries(files));
  const [sqlite] = backends;
  if (!sqlite) throw new Error('no backend');
  backend = await sqlite.create();
  await storePlans(backend, folder, [planOf({ goal: 'Round totals', constraints: [], commit: first, steps })]);
  client = await connect('v2-2026', { args: ['--project', folder, ...backend.flags] });
  await client.callTool('revise_plan', { plan: 'P-1', approach: 'With hashes.' });
});
afterAll(async () => {
  await client.close();
  await backend.remove();
  removeFolder(`${folder}/..`);
});

it('names the commits since a plan was made that changed the files of a step, and sees by their subject that it is done', async () => {
  await delay(1100); // commits have whole seconds
  const second = commit(folder, 'fix: round the cart total to cents', { 'cart.ts': '2\n' });
  const third = commit(folder, 'Reformat everything', { 'tax.ts': '2\n' });
  commit(folder, 'Unrelated', { 'new.ts': '2\n' });
  const { data, text } = await client.callTool('get_plan', { plan: 'P-1' });
  expect(data?.plan).toMatchObject({
    commit: first.slice(0, 12),
    steps: [
      { drift: 'done_elsewhere', commits: [`${second.slice(0, 10)} fix: round the cart total to cents`] },
      { drift: 'touched', commits: [`${third.slice(0, 10)} Reformat everything`] },
      { step: 3 },
      ...steps.slice(3).map(() => ({})),
    ],
  });
  expect(text).toContain(`    since: ${third.slice(0, 10)} Reformat everything`);
  expect(JSON.stringify(data)).not.toContain('Unrelated');
});

it('knows a file again that was renamed, committed or not, where its content is the same', async () => {
  git(folder, 'mv', 'src/coins.ts', 'src/money.ts');
  git(folder, 'commit', '-q', '-m', 'Money');
  writeFiles(folder, { 'src/money.md': 'committed on top\n' });
  renameSync(`${folder}/src/notes.ts`, `${folder}/paper.ts`);
  renameSync(`${folder}/src/bills.ts`, `${folder}/src/old-bills.ts`);
  rmSync(`${folder}/src/cheques.ts`);
  writeFiles(folder, { 'src/cheque.ts': 'renamed and changed\n' });
  const seals = `export const of = 'src/seals.ts';\n`;
  rmSync(`${folder}/src/seals.ts`);
  writeFiles(folder, { 'src/seal-one.ts': seals, 'src/seal-two.ts': seals });
  cpSync(`${folder}/src/stamps.ts`, `${folder}/src/stamp-one.ts`);
  mkdirSync(`${folder}/post`);
  renameSync(`${folder}/src/stamps.ts`, `${folder}/post/stamps.ts`);

  const { data, text } = await client.callTool('get_plan', { plan: 'P-1' });
  expect(data?.plan).toMatchObject({
    steps: [
      ...[{ step: 1 }, { step: 2 }, { step: 3 }],
      { drift: 'touched', changed: ['src/coins.ts renamed to src/money.ts'] },
      { drift: 'touched', changed: ['src/notes.ts renamed to paper.ts'] },
      { drift: 'touched', changed: ['src/bills.ts renamed to src/old-bills.ts'] },
      { drift: 'contradicted', changed: ['src/cheques.ts gone'] },
      { drift: 'touched', changed: ['src/stamps.ts renamed to post/stamps.ts'] },
      { drift: 'contradicted', changed: ['src/seals.ts gone'] },
    ],
  });
  expect(text).toContain('4 Coins (medium; touched since: src/coins.ts renamed to src/money.ts)');
  expect(text).toContain('src/coins.ts is not there, and the step is to edit it. Is it src/money.ts?');
  const listed = await client.callTool('list_plans', {});
  expect(listed.data?.plans).toMatchObject([{ drift: { touched: 6, contradicted: 2 } }]);
});
