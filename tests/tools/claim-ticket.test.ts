import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '../helpers/connect.ts';
import { sharedFolder, sharedServer } from '../helpers/shared-server.ts';
import { writeFiles } from '../helpers/temp-project.ts';

/** One for each test, and for its second try. */
const projects = Array.from({ length: 16 }, (_, at) => `project-${at + 1}`);
let used = 0;

const root = sharedFolder();
beforeAll(() => {
  for (const project of projects) writeFiles(join(root(), project), { 'a.ts': '', 'b.ts': '' });
});
const flags = () => projects.flatMap((project) => ['--project', join(root(), project)]);
const annServer = sharedServer(() => ({ flags: flags() }));
const bobServer = sharedServer(() => ({ kind: 'v1', store: annServer().store, flags: flags() }));

/** Two agents, each with a server on one store, in a project without tickets. */
function twoAgents() {
  const project = projects[used++];
  const within = (client: TestClient): Pick<TestClient, 'callTool'> => ({
    callTool: (name, args, options) => client.callTool(name, { project, ...args }, options),
  });
  return { ann: within(annServer()), bob: within(bobServer()) };
}

describe('claim_ticket', () => {
  it('gives each agent another ticket, the most urgent first, with all that it needs to begin', async () => {
    const { ann, bob } = twoAgents();
    await ann.callTool('create_ticket', { title: 'Later', priority: 'low' });
    await ann.callTool('create_ticket', { title: 'Now', priority: 'urgent', overview: 'Do it.', files: ['a.ts'] });
    const first = await ann.callTool('claim_ticket', {});
    expect(first.data).toMatchObject({ claimed: true, ticket: { id: 'T-2', claim: { claim: 1 }, overview: 'Do it.' } });
    expect((await bob.callTool('claim_ticket', { holder: 'bob' })).data).toMatchObject({ ticket: { id: 'T-1' } });
    expect((await ann.callTool('claim_ticket', {})).data).toMatchObject({
      claimed: false,
      note: /^No ticket is ready/,
    });
    const taken = await ann.callTool('claim_ticket', { ticket: 'T-1' });
    expect(taken.text).toMatch(/^conflict: T-1 is claimed by bob until /);
    expect((await bob.callTool('claim_ticket', { ticket: 'T-1' })).data).toMatchObject({ claimed: true });
  });

  it('warns when its files are worked on elsewhere', async () => {
    const { ann, bob } = twoAgents();
    await ann.callTool('create_ticket', { title: 'One', files: ['a.ts', 'b.ts'] });
    await ann.callTool('create_ticket', { title: 'Two', files: ['b.ts'] });
    await ann.callTool('claim_ticket', { holder: 'ann' });
    const { text } = await bob.callTool('claim_ticket', {});
    expect(text).toContain('Take care: ann works on T-1, which also concerns b.ts.');
  });

  it('takes it back, and counts what failed until it is set aside', async () => {
    const { ann, bob } = twoAgents();
    await ann.callTool('claim_ticket', { action: 'limit', label: 'q', parallel: 1, attempts: 2 });
    await ann.callTool('create_ticket', { title: 'Flaky', labels: ['q'] });
    await ann.callTool('create_ticket', { title: 'Next', labels: ['q'] });

    await ann.callTool('claim_ticket', { label: 'q' });
    expect((await bob.callTool('claim_ticket', { label: 'q' })).data).toMatchObject({ claimed: false, note: /1 of 1/ });
    expect((await bob.callTool('claim_ticket', { ticket: 'T-2' })).text).toMatch(/^conflict: T-2 is in the queue "q"/);
    expect((await bob.callTool('claim_ticket', { action: 'release', ticket: 'T-1' })).text).toMatch(
      /^conflict: You have no/,
    );
    expect((await ann.callTool('claim_ticket', { action: 'fail', ticket: 'T-1', reason: 'red' })).text).toContain(
      'open',
    );
    await ann.callTool('claim_ticket', { ticket: 'T-1' });
    expect((await ann.callTool('claim_ticket', { action: 'fail', ticket: 'T-1' })).text).toContain('blocked');
    const { text } = await ann.callTool('get_ticket', { ticket: 'T-1' });
    expect(text).toContain('Attempt 1 failed: red');
    expect(text).toContain('Set to blocked after 2 attempts');
    expect((await bob.callTool('claim_ticket', { label: 'q' })).data).toMatchObject({ ticket: { id: 'T-2' } });
  });

  it('is over when the ticket is done, and for others to see', async () => {
    const { ann, bob } = twoAgents();
    await ann.callTool('create_ticket', { title: 'One' });
    await ann.callTool('claim_ticket', { minutes: 5, holder: 'ann' });
    expect((await bob.callTool('list_tickets', {})).text).toContain('claimed');
    expect((await bob.callTool('get_ticket', { ticket: 'T-1' })).text).toContain('Claimed by ann until');
    await ann.callTool('update_ticket', { ticket: 'T-1', status: 'done' });
    expect((await bob.callTool('claim_ticket', { ticket: 'T-1' })).text).toMatch(
      /^conflict: T-1 is done\. Set it to "open"/,
    );
    await bob.callTool('update_ticket', { ticket: 'T-1', status: 'open' });
    expect((await bob.callTool('claim_ticket', {})).data).toMatchObject({ claimed: true });
    const late = await ann.callTool('claim_ticket', { action: 'renew', ticket: 'T-1' });
    expect(late.text).toMatch(/^conflict: You have no claim of T-1/);
  });

  it('limits a label: what is left out stays, and the same request id gives the first result', async () => {
    const { ann, bob } = twoAgents();
    for (const title of ['One', 'Two']) await ann.callTool('create_ticket', { title, labels: ['q'] });
    for (const ticket of ['T-1', 'T-2']) await ann.callTool('claim_ticket', { ticket });
    const limit = async (args: object) =>
      (await bob.callTool('claim_ticket', { action: 'limit', label: 'q', ...args })).text;
    expect(await limit({ parallel: 3 })).toBe(
      'At most 3 tickets labelled "q" can be claimed at once (2 are), each for 3 attempts.',
    );
    expect(await limit({ parallel: 4, attempts: 7, paused: true, request_id: 'once' })).toContain('7 attempts; it is');
    expect(await limit({ parallel: 5 })).toContain('At most 5 tickets labelled "q" can be claimed at once (2 are)');
    expect(await limit({ parallel: 5 })).toContain('each for 7 attempts; it is paused');
    expect(await limit({ parallel: 4, attempts: 7, paused: true, request_id: 'once' })).toContain('At most 4 tickets');
    expect(await limit({ parallel: 5, paused: false })).toBe(
      'At most 5 tickets labelled "q" can be claimed at once (2 are), each for 7 attempts.',
    );
    expect(await limit({ parallel: 9, request_id: 'once' })).toMatch(/^conflict: This request_id/);
  });

  it('keeps full and paused queues out of what list_tickets calls ready', async () => {
    const { ann } = twoAgents();
    for (const label of ['full', 'full', 'paused', 'roomy'])
      await ann.callTool('create_ticket', { title: `In ${label}`, labels: [label] });
    await ann.callTool('claim_ticket', { action: 'limit', label: 'full', parallel: 1 });
    await ann.callTool('claim_ticket', { action: 'limit', label: 'paused', parallel: 1, paused: true });
    await ann.callTool('claim_ticket', { action: 'limit', label: 'roomy', parallel: 1 });
    await ann.callTool('claim_ticket', { ticket: 'T-1' });
    expect((await ann.callTool('list_tickets', { ready: true })).data).toMatchObject({ tickets: [{ id: 'T-4' }] });
    expect((await ann.callTool('list_tickets', { ready: true, label: 'full' })).text).toBe('No ticket matches.');
  });

  it('refuses what its action does not take', async () => {
    const { ann } = twoAgents();
    await ann.callTool('create_ticket', { title: 'One' });
    const refused = async (args: Record<string, unknown>) => (await ann.callTool('claim_ticket', args)).text;
    expect(await refused({ parallel: 2, paused: true })).toBe(
      'bad_input: The action "claim" does not take "parallel" (goes with limit), "paused" (goes with limit). Leave it out.',
    );
    expect(await refused({ action: 'release', ticket: 'T-1', reason: 'tired' })).toContain('"reason" (goes with fail)');
    expect(await refused({ action: 'renew', ticket: 'T-1', request_id: 'x' })).toContain('does not take "request_id"');
  });

  it('says what is missing', async () => {
    const { ann } = twoAgents();
    expect((await ann.callTool('claim_ticket', { action: 'release' })).text).toBe(
      'bad_input: Name the "ticket" that you hold.',
    );
    expect((await ann.callTool('claim_ticket', { action: 'limit', label: 'q' })).text).toMatch(
      /^bad_input: To limit a label/,
    );
  });
});
