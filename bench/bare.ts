import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';

type Row = Record<string, SQLOutputValue>;

/** What one change of a ticket wrote: of rows that were there, only the columns that changed. */
export interface Written {
  isNew: boolean;
  rowId: SQLOutputValue;
  projectId: SQLOutputValue;
  ticket: Row;
  event: Row;
  text: Row;
  terms: Row[];
}

/** The rows of a store of tickets through node:sqlite alone, with the settings of the store's own connections. */
export function openBare(folder: string) {
  const database = new DatabaseSync(join(folder, 'octant.db'), { timeout: 10_000, enableForeignKeyConstraints: true });
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  const lastEvent = database.prepare('select * from events order by seq desc limit 1');
  const ticketOf = database.prepare('select * from tickets where number = ?');
  const textOf = database.prepare('select rowid, * from ticket_text where rowid = ?');
  const termsOf = database.prepare('select * from ticket_terms where project_id = ? and number = ?');
  const count = database.prepare('update projects set next_ticket = next_ticket + 1 where id = ?');
  const statements = new Map<string, StatementSync>();
  const seen = new Map<number, { ticket: Row; text: Row }>();

  return {
    /** What was written since the last look at this ticket, which was in the last change. */
    read(number: number): Written {
      const [ticket, event] = [ticketOf.get(number), lastEvent.get()];
      const { row_id: rowId = null, project_id: projectId = null } = ticket ?? {};
      const text = textOf.get(rowId);
      if (!ticket || !event || !text) throw new Error(`No change of T-${number} was recorded.`);
      const before = seen.get(number);
      seen.set(number, { ticket, text });
      return {
        ...{ isNew: before === undefined, rowId, projectId, event },
        ticket: changedColumns(before?.ticket ?? {}, ticket),
        text: changedColumns(before?.text ?? {}, text),
        terms: before ? [] : termsOf.all(projectId, number),
      };
    },

    write(written: Written | undefined) {
      if (!written) throw new Error('There is no such change.');
      const { isNew, rowId, projectId, ticket, event, text, terms } = written;
      database.exec('begin immediate');
      if (isNew) {
        count.run(projectId);
        insert('tickets', ticket);
        insert('ticket_text', text);
        for (const term of terms) insert('ticket_terms', term);
      } else {
        update('tickets', 'row_id', rowId, ticket);
        update('ticket_text', 'rowid', rowId, text);
      }
      insert('events', event);
      database.exec('commit');
    },

    close: () => database.close(),
  };

  function insert(table: string, row: Row) {
    const columns = Object.keys(row);
    run(`insert into ${table} ("${columns.join('", "')}") values (${columns.map(() => '?')})`, Object.values(row));
  }

  function update(table: string, key: string, value: SQLOutputValue, row: Row) {
    const columns = Object.keys(row);
    if (columns.length === 0) return;
    const settings = columns.map((column) => `"${column}" = ?`);
    run(`update ${table} set ${settings} where ${key} = ?`, [...Object.values(row), value]);
  }

  function run(sql: string, values: SQLOutputValue[]) {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    statement.run(...values);
  }
}

function changedColumns(before: Row, after: Row): Row {
  return Object.fromEntries(Object.entries(after).filter(([column, value]) => before[column] !== value));
}
