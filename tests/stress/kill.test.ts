import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { connect } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { percentile, report } from '../hostile/observe.ts';
import { compare, killWriter, readAcknowledged, startWriter, untilAnswered, type Writer } from './acknowledgements.ts';

const rounds = 25;
const names = ['ann', 'bob', 'cem', 'dot'];
const startMs = 2000;
/** A page of list_tickets. */
const listed = 30;

describe('Four processes write one SQLite file and are killed with SIGKILL', () => {
  it(`${rounds} times: all that was acknowledged is there, and the next start takes less than 2 s`, async () => {
    const folder = tempProject();
    const data = tempProject();
    const place = join(data, 'octant.db');
    const project = { id: 'shop', name: 'shop', folder };
    const all: Writer[] = [];
    const starts: number[] = [];
    let extra = 0;
    for (let round = 0; round < rounds; round++) {
      const writers = names.map((name) =>
        startWriter({ place, name: `${name}-${round}`, project, log: join(data, `${name}-${round}.log`) }),
      );
      all.push(...writers);
      await untilAnswered(writers, round === 0 ? listed / names.length : 1);
      await delay(Math.random() * 300);
      // Half of the time they die together, else one after the other, while the rest go on.
      const gapMs = round % 2 === 0 ? 0 : 60;
      for (const writer of writers) {
        writer.process.kill('SIGKILL');
        await delay(Math.random() * gapMs);
      }
      await Promise.all(
        writers.map((writer) => writer.process.exitCode ?? writer.process.signalCode ?? killWriter(writer)),
      );

      const started = performance.now();
      const client = await connect('v1', { args: ['--project', folder, '--data-dir', data] });
      const answer = await client.callTool('list_tickets', {});
      starts.push(performance.now() - started);
      expect(answer).toMatchObject({ isError: false, text: expect.stringContaining(`${listed} tickets`) });
      const compared = compare(readTickets(place), writers);
      await client.close();
      expect(compared.faults).toEqual([]);
      expect(writers.flatMap((writer) => readAcknowledged(writer).failures)).toEqual([]);
      extra += compared.extra;
    }
    const { faults, acknowledged } = compare(readTickets(place), all);
    expect(faults).toEqual([]);
    expect(acknowledged).toBeGreaterThan(rounds * names.length * 5);
    expect(Math.max(...starts)).toBeLessThan(startMs);
    report(
      `kill -9, ${rounds} rounds, ${names.length} writers: ${acknowledged} acknowledged, 0 lost, ${extra} more; ` +
        `next start and list_tickets ${percentile(starts, 0.5).toFixed(0)} ms (most ${Math.max(...starts).toFixed(0)} ms)`,
    );
  });
});

const rowsOf = z.array(z.object({ number: z.int(), title: z.string(), document: z.string() }));

/** All tickets, from a file that is sound in itself: pages, indices, words, and one event for each ticket. */
function readTickets(path: string) {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(database.prepare('pragma foreign_key_check').all()).toEqual([]);
    database.exec(`insert into ticket_text (ticket_text, rank) values ('integrity-check', 1)`);
    const odd = database.prepare(`
      select number from tickets where 1 != (select count(*) from events where entity = 'ticket'
        and events.project_id = tickets.project_id and entity_id = cast(number as text) and action = 'created')`);
    expect(odd.all()).toEqual([]);
    return rowsOf.parse(database.prepare('select number, title, document from tickets').all());
  } finally {
    database.close();
  }
}
