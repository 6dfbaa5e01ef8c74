import type { SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareApiKey } from '../../domain/cloudflare-api-key.ts';
import { EntityQuery, type QueryState } from './entity-query.ts';

const EVERYTHING: QueryState<CloudflareApiKey> = { conditions: [], order: [{ name: 'asc' }], populate: [] };

/** A query for API keys, by name unless ordered otherwise. */
export class ApiKeyQuery extends EntityQuery<CloudflareApiKey> {
  protected readonly entity = CloudflareApiKey;
  // Every operation reads its key; locked, they would wait for each other.
  protected override readonly locksRows = false;

  constructor(em: SqlEntityManager, now: () => Date, state: QueryState<CloudflareApiKey> = EVERYTHING) {
    super(em, now, state);
  }

  active(): this {
    return this.filter({ isActive: true });
  }

  inactive(): this {
    return this.filter({ isActive: false });
  }

  byName(name: string): this {
    return this.filter({ name });
  }

  /** Keys whose name or description contains `text`. */
  search(text: string): this {
    return this.containing(text, ['name', 'description']);
  }
}
