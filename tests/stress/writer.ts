import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { createTickets } from '../../src/tickets/tickets.ts';
import { openSqlite, silent } from '../helpers/stores.ts';
import { overviewOf, readArguments } from './acknowledgements.ts';
import '../helpers/keep-compiled.ts';

/**
 * A process of its own that creates tickets until it is killed, or has made enough. Each line of its log is a ticket that the store has
 * acknowledged, and is on the disk before the next ticket is begun.
 */
const { place, name, project, log, count = Number.POSITIVE_INFINITY } = readArguments(process.argv);
const store = place.startsWith('postgres://') ? createPostgresStore({ url: place, log: silent }) : openSqlite(place);
const tickets = createTickets(store);
const descriptor = openSync(log, 'a');
const author = { source: `agent:${name}`, connection: name };

for (let index = 0; index < count; index++) {
  const change = { title: `${name} ${index}`, overview: overviewOf(name, index) };
  try {
    const [ticket] = await tickets.create(project, [{ change }], author);
    writeSync(descriptor, `${index} ${ticket?.number}\n`);
  } catch (error) {
    writeSync(descriptor, `${index} failed: ${error instanceof Error ? error.message.replaceAll('\n', ' ') : error}\n`);
  }
  fdatasyncSync(descriptor);
}
