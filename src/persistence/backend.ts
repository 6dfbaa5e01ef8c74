import type { MikroORM } from '@mikro-orm/sql';
import type { DatabaseKind } from './database-location.ts';

/** What differs between the two kinds of database. */
export interface Backend {
  kind: DatabaseKind;
  /** Where it is, for people: a path or a URL without password. */
  label: string;
  orm: MikroORM;
  /** Names of the migrations that the database has had, oldest first. */
  applied(): Promise<string[]>;
  /** Turns an error of the driver into ours and returns anything else as it is. */
  convertError(error: unknown): unknown;
}
