import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createTickets } from '../../src/tickets/tickets.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

const project = { id: 'p', name: 'p', folder: '/p' };
const author = { source: 'human', connection: 'one' };

it('A store that nobody has used has no ticket and an empty board, and is not made by looking', async () => {
  const path = join(tempProject(), 'octant.db');
  const [here, there] = [openSqlite(path), openSqlite(path)];
  onTestFinished(async () => {
    await here.close();
    await there.close();
  });
  const tickets = createTickets(here);
  const heard = vi.fn();
  onTestFinished(tickets.watch(() => true, heard));

  await expect(tickets.get('p', 1, { history: 0 })).rejects.toThrow(
    'There is no T-1 in this project. It has none yet; find tickets with list_tickets.',
  );
  expect(await tickets.board('p')).toMatchObject({ queues: [] });
  expect(await tickets.list('p', { statuses: ['open'], ready: true, sort: 'due', limit: 5 })).toMatchObject({
    rows: [],
  });
  await delay(300);
  expect(existsSync(path)).toBe(false);

  await createTickets(there).create(project, [{ change: { title: 'One' } }], author);
  await vi.waitFor(() => expect(heard).toHaveBeenCalled());
});
