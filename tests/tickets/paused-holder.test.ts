import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder } from '../helpers/temp-project.ts';
import { findServer, report } from '../hostile/observe.ts';
import { audit } from '../stress/audit.ts';

/** At once on both backends, since each waits for a lease of a minute, the shortest that the tool gives. */
describe.concurrent('A server that is paused until its lease is over and another has the ticket', () => {
  for (const { name, isThere, create } of backends) {
    it.skipIf(!isThere)(`has its late writes refused, on ${name}`, { timeout: 150_000 }, async ({ expect }) => {
      const folder = makeTempFolder();
      const backend = await create();
      const store = backend.open();
      const place = { args: ['--project', folder, ...backend.flags] };
      const late = await connect('v2-2026', place);
      const pid = findServer(folder);
      const [alive, other] = [await connect('v1', place), await connect('v2-2025', place)];
      try {
        for (const title of ['Late', 'Alive']) await other.callTool('create_ticket', { title });
        const minutes = 1;
        expect((await late.callTool('claim_ticket', { ticket: 'T-1', minutes, holder: 'late' })).isError).toBe(false);
        expect((await alive.callTool('claim_ticket', { ticket: 'T-2', minutes, holder: 'alive' })).isError).toBe(false);

        process.kill(pid, 'SIGSTOP');
        const stopped = performance.now();
        const waits = { timeout: 140_000 };
        // They wait in the pipe, and come at once when it goes on.
        const calls = [
          late.callTool('claim_ticket', { action: 'renew', ticket: 'T-1' }, waits),
          late.callTool('claim_ticket', { action: 'release', ticket: 'T-1' }, waits),
          late.callTool('claim_ticket', { action: 'fail', ticket: 'T-1' }, waits),
          late.callTool('update_ticket', { ticket: 'T-1', overview: 'late', status: 'done' }, waits),
          late.callTool('update_ticket', { ticket: 'T-1', comment: 'late' }, waits),
          late.callTool('update_ticket', { ticket: 'T-1', undo: true }, waits),
          late.callTool('delete_ticket', { ticket: 'T-1' }, waits),
        ];
        let next = await other.callTool('claim_ticket', { holder: 'other' });
        expect(next.data).toMatchObject({ claimed: false });
        while (next.data?.claimed === false && performance.now() - stopped < 75_000) {
          await delay(1000);
          next = await other.callTool('claim_ticket', { holder: 'other' });
          await alive.callTool('list_tickets', {}); // a sign of life
        }
        const passed = performance.now() - stopped;
        expect(next.data).toMatchObject({ claimed: true, ticket: { id: 'T-1', claim: { claim: 2, holder: 'other' } } });
        expect(passed).toBeGreaterThan(59_000);

        const before = await other.callTool('get_ticket', { ticket: 'T-1' });
        process.kill(pid, 'SIGCONT');
        for (const { isError, text } of await Promise.all(calls)) {
          expect(isError).toBe(true);
          expect(text).toMatch(/^conflict: .*other holds it now.*Nothing was changed/);
        }
        expect((await other.callTool('get_ticket', { ticket: 'T-1' })).text).toBe(before.text);
        const write = await other.callTool('update_ticket', { ticket: 'T-1', status: 'done' });
        expect(write.data).toMatchObject({ status: 'done', version: 4 });

        await delay(Math.max(0, 65_000 - passed)); // beyond the lease, had it not been renewed
        const kept = await other.callTool('claim_ticket', { ticket: 'T-2' });
        expect(kept.text).toMatch(/^conflict: T-2 is claimed by alive/);
        expect((await audit(store)).faults).toEqual([]);
        report(`${name}: paused ${Math.round(passed / 1000)} s: all ${calls.length} late calls refused`);
      } finally {
        process.kill(pid, 'SIGCONT');
        await Promise.all([late, alive, other].map((client) => client.close()));
        await store.close();
        await backend.remove();
        removeFolder(folder);
      }
    });
  }
});
