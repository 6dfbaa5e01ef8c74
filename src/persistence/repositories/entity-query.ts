import {
  type EntityClass,
  type EntityKey,
  type FilterQuery,
  type FindOptions,
  LockMode,
  type Populate,
  type QueryOrderMap,
  raw,
  type SqlEntityManager,
} from '@mikro-orm/sql';

/** What a query is made of. A condition is built anew for each run, because raw parts can be used only once. */
export interface QueryState<Entity> {
  readonly conditions: readonly (() => FilterQuery<Entity>)[];
  readonly order: readonly QueryOrderMap<Entity>[];
  readonly populate: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
}

/** Rows that a stream holds at a time. */
const CHUNK = 500;

/** A column to sort by; a leading minus turns the order around. */
export type SortKey<Entity> = EntityKey<Entity> | `-${EntityKey<Entity>}`;

/**
 * An immutable, chainable query: every method returns a new one, nothing runs before `all`, `first`, `count` or
 * iteration. Inside a transaction the rows that are read stay locked until it ends, unless the entity says otherwise.
 */
export abstract class EntityQuery<Entity extends { id: number }> implements AsyncIterable<Entity> {
  protected readonly em: SqlEntityManager;
  protected readonly now: () => Date;
  protected readonly state: QueryState<Entity>;
  protected abstract readonly entity: EntityClass<Entity>;
  /** Whether rows that are read in a transaction stay locked until it ends. */
  protected readonly locksRows: boolean = true;

  constructor(em: SqlEntityManager, now: () => Date, state: QueryState<Entity>) {
    this.em = em;
    this.now = now;
    this.state = state;
  }

  /** Narrows the result. Conditions of several calls must all hold. */
  filter(where: FilterQuery<Entity>): this {
    return this.where(() => where);
  }

  /** Replaces the order. Rows that are equal in it follow by id. */
  orderBy(...keys: SortKey<Entity>[]): this {
    return this.derive({ order: keys.map((key) => sortOrder<Entity>(key)) });
  }

  /** At most `count` rows. */
  limit(count: number): this {
    return this.derive({ limit: count });
  }

  /** Leaves out the first `count` rows. */
  offset(count: number): this {
    return this.derive({ offset: count });
  }

  all(): Promise<Entity[]> {
    return this.em.find<Entity, string>(this.entity, this.condition(), this.#options());
  }

  async first(): Promise<Entity | undefined> {
    const [row] = await this.limit(1).all();
    return row;
  }

  /** How many rows match, whatever limit and offset. */
  count(): Promise<number> {
    return this.em.count<Entity>(this.entity, this.condition());
  }

  /**
   * Row by row, without holding all of them in memory. The ids are read first, so the loop may change rows and
   * use the database as it likes; a row that is gone when its turn comes is left out.
   */
  async *stream(): AsyncGenerator<Entity, void, undefined> {
    const ids = await this.ids();
    for (let start = 0; start < ids.length; start += CHUNK) {
      yield* await this.#inOrder(ids.slice(start, start + CHUNK));
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Entity> {
    return this.stream();
  }

  protected where(condition: () => FilterQuery<Entity>): this {
    return this.derive({ conditions: [...this.state.conditions, condition] });
  }

  /** Rows in which one of the columns contains `text`, without regard to (ASCII) case, `%` and `_` as they are. */
  protected containing(text: string, columns: readonly string[]): this {
    const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    // `like` and its variants differ between the databases; this form means the same on both.
    const like = (column: string) => ({
      [raw((alias) => `lower(${alias}.${column}) like ? escape '\\'`, [pattern])]: [],
    });
    return this.where(() => ({ $or: columns.map(like) }) as FilterQuery<Entity>);
  }

  /** The moment `days` (also fractions) ago. */
  protected daysAgo(days: number): Date {
    return new Date(this.now().getTime() - days * 86_400_000);
  }

  protected derive(change: Partial<QueryState<Entity>>): this {
    const Query = this.constructor as new (
      ...parameters: ConstructorParameters<typeof EntityQuery<Entity>>
    ) => this;
    return new Query(this.em, this.now, { ...this.state, ...change });
  }

  protected condition(): FilterQuery<Entity> {
    return { $and: this.state.conditions.map((condition) => condition()) } as FilterQuery<Entity>;
  }

  #options(): Omit<FindOptions<Entity, string>, 'using'> {
    return {
      ...this.#page(),
      populate: [...this.state.populate] as unknown as Populate<Entity, string>,
      // A locked row must not be joined with one that may be missing.
      strategy: 'select-in',
      ...(this.locksRows && this.em.isInTransaction() && { lockMode: LockMode.PESSIMISTIC_WRITE }),
    };
  }

  /** Ids of the rows that match, in order. */
  protected async ids(): Promise<number[]> {
    const { orderBy, limit, offset } = this.#page();
    const query = this.em
      .createQueryBuilder<Entity>(this.entity)
      .select('id' as never)
      .where(this.condition() as never);
    query.orderBy(orderBy as never);
    if (limit !== undefined) query.limit(limit);
    if (offset !== undefined) query.offset(offset);
    const rows = await query.execute<{ id: number }[]>('all', false);
    return rows.map(({ id }) => id);
  }

  async #inOrder(ids: number[]): Promise<Entity[]> {
    const isManaged = this.em.isInTransaction();
    const options = { ...this.#options(), disableIdentityMap: !isManaged, limit: ids.length, offset: 0 };
    const rows = await this.em.find<Entity, string>(this.entity, { id: ids } as FilterQuery<Entity>, options);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  #page(): { orderBy: QueryOrderMap<Entity>[]; limit?: number; offset?: number } {
    const { order, limit, offset } = this.state;
    return {
      orderBy: [...order, { id: 'asc' } as QueryOrderMap<Entity>],
      ...(limit !== undefined && { limit }),
      ...(offset !== undefined && { offset }),
    };
  }
}

function sortOrder<Entity>(key: string): QueryOrderMap<Entity> {
  const descending = key.startsWith('-');
  return { [descending ? key.slice(1) : key]: descending ? 'desc' : 'asc' } as QueryOrderMap<Entity>;
}
