import { afterAll, afterEach, beforeEach, describe, inject } from 'vitest';
import { type Database, type DatabaseKind, openDatabase } from '../../src/persistence/open-database.ts';
import './provided-context.ts';

const DATABASE_KINDS: readonly DatabaseKind[] = ['sqlite', 'postgresql'];

export interface OpenTestDatabase {
  /**
   * Opens a fresh, migrated, empty database. Opened in a test or `beforeEach` it is closed and dropped after
   * that test; opened in `beforeAll` after the suite.
   */
  (): Promise<Database>;
  /** URL of a fresh database without any table, for tests that open it themselves. Dropped like the others. */
  emptyUrl(): Promise<string>;
  /** URL of a fresh, migrated, empty database, for child processes. */
  migratedUrl(): Promise<string>;
}

/** Runs a suite once on SQLite (a real file) and once on PostgreSQL (a real server), with equal test counts. */
export function describeDatabases(
  suite: (kind: DatabaseKind, openTestDatabase: OpenTestDatabase) => void,
): void {
  describe.each(DATABASE_KINDS)('on %s', (kind) => {
    const ofSuite = new Handout(kind);
    let current = ofSuite;
    beforeEach(() => {
      current = new Handout(kind);
    });
    afterEach(async () => {
      await current.takeBack();
      current = ofSuite;
    });
    afterAll(() => ofSuite.takeBack());
    const open = () => current.open();
    suite(
      kind,
      Object.assign(open, {
        emptyUrl: () => current.url('empty'),
        migratedUrl: () => current.url('migrated'),
      }),
    );
  });
}

export interface DatabaseUrls {
  /** A fresh database without any table. */
  empty(): Promise<string>;
  /** A fresh, migrated, empty database. */
  migrated(): Promise<string>;
}

/** URLs of databases of one kind, for a test file that is about that kind only. Dropped at the end of the file. */
export function databaseUrls(kind: DatabaseKind): DatabaseUrls {
  const handout = new Handout(kind);
  afterAll(() => handout.takeBack());
  return { empty: () => handout.url('empty'), migrated: () => handout.url('migrated') };
}

/** The databases handed out for one test or one suite. */
class Handout {
  readonly #kind: DatabaseKind;
  readonly #databases: Database[] = [];
  readonly #urls: string[] = [];

  constructor(kind: DatabaseKind) {
    this.#kind = kind;
  }

  async open(): Promise<Database> {
    const database = await openDatabase({ url: await this.url('migrated'), autoMigrate: false });
    this.#databases.push(database);
    return database;
  }

  async url(state: 'empty' | 'migrated'): Promise<string> {
    const url = await askServer('POST', `/${this.#kind}/${state}`);
    this.#urls.push(url);
    return url;
  }

  async takeBack(): Promise<void> {
    await Promise.all(this.#databases.map((database) => database.close()));
    if (this.#kind === 'postgresql') {
      await Promise.all(this.#urls.map((url) => askServer('DELETE', `/postgresql${new URL(url).pathname}`)));
    }
  }
}

async function askServer(method: string, path: string): Promise<string> {
  const response = await fetch(inject('databaseServer') + path, { method });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`Test database server: ${text}`);
  }
  return text;
}
