import type { Driver } from 'kysely';

/**
 * Makes a driver give its connection back when `begin` or `rollback` fails. Kysely 0.29 keeps it for ever then:
 * one time-out on SQLite would stop everything that follows, five lost connections the pool of PostgreSQL.
 */
export function releaseOnFailure<AnyDriver extends Driver>(driver: AnyDriver): AnyDriver {
  const begin = driver.beginTransaction.bind(driver);
  const rollback = driver.rollbackTransaction.bind(driver);
  driver.beginTransaction = async (connection, settings) => {
    try {
      await begin(connection, settings);
    } catch (error) {
      await driver.releaseConnection(connection);
      throw error;
    }
  };
  // It fails only where there is nothing left to roll back: the connection broke, or SQLite did it by itself.
  driver.rollbackTransaction = (connection) => rollback(connection).catch(() => undefined);
  return driver;
}
