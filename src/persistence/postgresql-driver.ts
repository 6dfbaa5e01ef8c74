import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { PostgresDialect } from 'kysely';
import { releaseOnFailure } from './release-on-failure.ts';

class ReleasingConnection extends PostgreSqlConnection {
  override createKyselyDialect(
    ...options: Parameters<PostgreSqlConnection['createKyselyDialect']>
  ): PostgresDialect {
    const dialect = super.createKyselyDialect(...options);
    const createDriver = dialect.createDriver.bind(dialect);
    dialect.createDriver = () => releaseOnFailure(createDriver());
    return dialect;
  }
}

/** MikroORM's driver for PostgreSQL. This module loads `pg`: import it only when such a database is opened. */
export class ReleasingPostgresqlDriver extends PostgreSqlDriver {
  protected override readonly connection = new ReleasingConnection(this.config);
}
