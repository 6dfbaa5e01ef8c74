import type { SqlEntityManager } from '@mikro-orm/sql';
import { Installation } from '../../domain/supporting.ts';

/** What names this database among all that manage the same zones. */
export class InstallationRepository {
  readonly #em: SqlEntityManager;

  constructor(em: SqlEntityManager) {
    this.#em = em;
  }

  /** 32 hex characters, made with the tables and always the same. */
  async instanceId(): Promise<string> {
    return (await this.#em.findOneOrFail(Installation, 1)).instanceId;
  }
}
