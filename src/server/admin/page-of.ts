interface Query<Row> {
  limit(count: number): Query<Row>;
  offset(count: number): Query<Row>;
  all(): Promise<Row[]>;
}

/** One page of a query, and whether there is another: one row more is read, nothing is counted. */
export async function pageOf<Row>(query: Query<Row>, { page, perPage }: { page: number; perPage: number }) {
  const rows = await query
    .limit(perPage + 1)
    .offset((page - 1) * perPage)
    .all();
  const pageInfo = { hasNextPage: rows.length > perPage, hasPreviousPage: page > 1 };
  return { rows: rows.slice(0, perPage), pageInfo };
}

/** A column to sort by, as queries take it. */
export function sortBy<Column extends string>(sort: Column, order: 'asc' | 'desc'): Column | `-${Column}` {
  return order === 'asc' ? sort : `-${sort}`;
}
