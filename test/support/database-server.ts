import { once } from 'node:events';
import { chmodSync, copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

export interface DatabaseServer {
  address: string;
  close(): Promise<void>;
}

/**
 * Hands out test databases over HTTP: `POST /sqlite|postgresql/empty|migrated` answers with a URL,
 * `DELETE /postgresql/NAME` drops one. PostgreSQL starts when the first of its databases is asked for.
 */
export async function startDatabaseServer(root: string): Promise<DatabaseServer> {
  const databases = new TestDatabases(root);
  const server = createServer((request, response) => {
    databases
      .answer(request.method ?? '', request.url ?? '')
      .then((text) => response.end(text))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await databases.stop();
    },
  };
}

class TestDatabases {
  readonly #root: string;
  #count = 0;
  #postgres: Promise<PostgresServer> | undefined;
  #sqliteTemplate: Promise<string> | undefined;
  #postgresTemplate: Promise<string> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  async answer(method: string, path: string): Promise<string> {
    const [, kind, detail = ''] = path.split('/');
    if (method === 'DELETE') {
      await (await this.#server()).query(`drop database "${detail}" with (force)`);
      return '';
    }
    this.#count += 1;
    const name = `test_${this.#count}`;
    return kind === 'postgresql' ? this.#postgresUrl(name, detail) : this.#sqliteUrl(name, detail);
  }

  async stop(): Promise<void> {
    await (await this.#postgres)?.stop();
  }

  #server(): Promise<PostgresServer> {
    this.#postgres ??= startPostgres(this.#root);
    return this.#postgres;
  }

  async #sqliteUrl(name: string, detail: string): Promise<string> {
    const file = join(this.#root, `${name}.db`);
    if (detail === 'migrated') {
      this.#sqliteTemplate ??= migrate(join(this.#root, 'template.db'));
      copyFileSync(await this.#sqliteTemplate, file);
      chmodSync(file, 0o600);
    }
    return `sqlite:${file}`;
  }

  async #postgresUrl(name: string, detail: string): Promise<string> {
    const server = await this.#server();
    const template = detail === 'migrated' ? await this.#migratedTemplate(server) : 'template0';
    await server.query(`create database "${name}" template "${template}"`);
    return server.url(name);
  }

  #migratedTemplate(server: PostgresServer): Promise<string> {
    this.#postgresTemplate ??= (async () => {
      await server.query('create database migrated');
      await migrate(server.url('migrated'));
      return 'migrated';
    })();
    return this.#postgresTemplate;
  }
}

async function migrate(url: string): Promise<string> {
  const { openDatabase } = await import('../../src/persistence/open-database.ts');
  const database = await openDatabase({ url, autoMigrate: true });
  await database.close();
  return url;
}
