import type { Migration } from '@mikro-orm/migrations';

type MigrationClass = new (...parameters: ConstructorParameters<typeof Migration>) => Migration;

/** By name, oldest first. A class is loaded only when it is applied. */
export type MigrationIndex = Record<string, () => Promise<MigrationClass>>;
