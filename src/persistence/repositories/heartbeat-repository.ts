import type { SqlEntityManager } from '@mikro-orm/sql';
import { Heartbeat } from '../../domain/supporting.ts';

/** Signs of life, one row per part that acts by itself. */
export class HeartbeatRepository {
  readonly #em: SqlEntityManager;
  readonly #now: () => Date;

  constructor(em: SqlEntityManager, now: () => Date) {
    this.#em = em;
    this.#now = now;
  }

  /** Says that `name` is alive now. `owner` is for people: host and process. */
  async beat(name: string, owner: string): Promise<void> {
    await this.#em.upsert(Heartbeat, { name, owner, beatAt: this.#now() });
  }

  async find(name: string): Promise<Heartbeat | undefined> {
    return (await this.#em.findOne(Heartbeat, { name })) ?? undefined;
  }

  /** Whether any of `names` gave a sign within the last `milliseconds`. */
  async isAnyAlive(names: readonly string[], milliseconds: number): Promise<boolean> {
    const oldest = new Date(this.#now().getTime() - milliseconds);
    const count = await this.#em.count(Heartbeat, { name: [...names], beatAt: { $gte: oldest } });
    return count > 0;
  }
}
