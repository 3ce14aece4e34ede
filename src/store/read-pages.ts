const pageSize = 500;

/** A query that has no limit yet. */
interface Unlimited<Row> {
  limit(rows: number): { execute(): Promise<Row[]> };
}

/**
 * All rows of a query in the order of a column, some at a time, since all of them may be more than memory holds.
 *
 * @param first less than the column has
 * @param after the query for what comes after a value of it
 */
export async function* readPages<Column extends string, Key, Row extends Record<Column, Key>>(
  column: Column,
  first: Key,
  after: (last: Key) => Unlimited<Row>,
): AsyncGenerator<Row> {
  for (let last: Key | undefined = first; last !== undefined; ) {
    const page = await after(last).limit(pageSize).execute();
    yield* page;
    last = page.at(-1)?.[column];
  }
}
