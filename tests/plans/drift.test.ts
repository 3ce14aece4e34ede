import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { backends } from '../helpers/stores.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';
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

it('names the commits since a plan was made that changed the files of a step, and sees by their subject that it is done', async () => {
  const folder = tempProject();
  git(folder, 'init', '-q', '-b', 'main');
  const first = commit(folder, 'Round the cart total', { 'cart.ts': '1\n', 'tax.ts': '1\n', 'other.ts': '1\n' });
  const backend = await backends[0]?.create();
  if (!backend) throw new Error('no backend');
  onTestFinished(() => backend.remove());
  const step = { why: '', acceptance: [{ text: '1 is 1' }], depends_on: [] };
  const edit = (path: string) => [{ path, action: 'edit' as const }];
  const steps = [
    { ...step, title: 'Round the total of the cart', files: edit('cart.ts') },
    { ...step, title: 'Tax rates of France', files: edit('tax.ts') },
    { ...step, title: 'Other things', files: edit('other.ts') },
  ];
  await storePlans(backend, folder, [planOf({ goal: 'Round totals', constraints: [], commit: first, steps })]);
  const client = await connect('v2-2026', { args: ['--project', folder, ...backend.flags] });
  onTestFinished(() => client.close());
  await client.callTool('revise_plan', { plan: 'P-1', approach: 'With hashes.' });

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
    ],
  });
  expect(text).toContain(`    since: ${third.slice(0, 10)} Reformat everything`);
  expect(JSON.stringify(data)).not.toContain('Unrelated');
});
