import type {
  KyselyPlugin,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  UnknownRow,
} from 'kysely';

/**
 * MikroORM has PostgreSQL's times arrive as texts, to parse them itself; better-auth, which shares the connection,
 * compares them with dates and would take none for past.
 */
export class DatesAsDates implements KyselyPlugin {
  transformQuery({ node }: { node: RootOperationNode }): RootOperationNode {
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return { ...result, rows: result.rows.map(withDates) };
  }
}

function withDates(row: UnknownRow): UnknownRow {
  const values = Object.entries(row).map(([column, value]) => {
    const isTime = typeof value === 'string' && /(_at|_expires)$/.test(column);
    return [column, isTime ? new Date(value) : value];
  });
  return Object.fromEntries(values);
}
