import { randomUUID } from 'node:crypto';
import { ENTITIES } from './entities.ts';

/** What MikroORM is told for both kinds of database. */
export function commonOrmOptions() {
  return {
    entities: ENTITIES,
    // Transactions are found by this name: two open databases with the same one would use each other's.
    contextName: randomUUID(),
    // Its warnings would go to stdout, among the data.
    logger: () => undefined,
  };
}
