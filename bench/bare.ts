import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';

type Row = Record<string, SQLOutputValue>;

/** The rows that one change of a ticket left. */
export interface Written {
  ticket: Row;
  event: Row;
  /** Absent where it did not change. */
  text: Row | undefined;
  /** Of a new ticket. */
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
  const deleteText = database.prepare('delete from ticket_text where rowid = ?');
  const statements = new Map<string, StatementSync>();
  const texts = new Map<number, string>();

  return {
    /** What the last change wrote, which was of this ticket. */
    read(number: number): Written {
      const [ticket, event] = [ticketOf.get(number), lastEvent.get()];
      const rowId = ticket?.row_id ?? null;
      const text = textOf.get(rowId);
      if (!ticket || !event || !text) throw new Error(`No change of T-${number} was recorded.`);
      const isNew = ticket.version === 1;
      const known = JSON.stringify(text);
      const isTextNew = texts.get(number) !== known;
      texts.set(number, known);
      return {
        ticket,
        event,
        text: isTextNew ? text : undefined,
        terms: isNew ? termsOf.all(ticket.project_id ?? null, number) : [],
      };
    },

    write(written: Written | undefined) {
      if (!written) throw new Error('There is no such change.');
      const { ticket, event, text, terms } = written;
      const { row_id: rowId = null, project_id: projectId = null } = ticket;
      const isNew = ticket.version === 1;
      database.exec('begin immediate');
      if (isNew) {
        count.run(projectId);
        insert('tickets', ticket);
      } else update(ticket);
      for (const term of terms) insert('ticket_terms', term);
      if (text && !isNew) deleteText.run(rowId);
      if (text) insert('ticket_text', text);
      insert('events', event);
      database.exec('commit');
    },

    close: () => database.close(),
  };

  function insert(table: string, row: Row) {
    const columns = Object.keys(row);
    run(`insert into ${table} (${quoted(columns)}) values (${columns.map(() => '?')})`, row);
  }

  function update(row: Row) {
    const { row_id: rowId = null, project_id: _, number: __, ...changed } = row;
    const columns = Object.keys(changed).map((column) => `${column} = ?`);
    run(`update tickets set ${columns} where row_id = ?`, { ...changed, rowId });
  }

  function run(sql: string, row: Row) {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    statement.run(...Object.values(row));
  }
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}
