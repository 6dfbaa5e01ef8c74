import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import './provided-context.ts';
import { startDatabaseServer } from './database-server.ts';
import { removeWhenParentEnds } from './watchdog.ts';

/** Once per run: a root for temporary files and the server of test databases. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = mkdtempSync(join(quickestFolder(), 'intermission-test-'));
  // PostgreSQL's own user has to get to its folder in here.
  chmodSync(root, 0o711);
  removeWhenParentEnds({ directory: root });
  const databases = await startDatabaseServer(root);
  project.provide('temporaryRoot', root);
  project.provide('databaseServer', databases.address);
  return async () => {
    await databases.close();
    rmSync(root, { recursive: true, force: true });
  };
}

const MEMORY = '/dev/shm';
const ROOM = 4 * 2 ** 30;

/** In memory where there is room: thousands of commits would otherwise wait for the disk. */
function quickestFolder(): string {
  const { bavail = 0, bsize = 0 } = statistics(MEMORY);
  return bavail * bsize >= ROOM ? MEMORY : tmpdir();
}

function statistics(folder: string): { bavail?: number; bsize?: number } {
  try {
    return statfsSync(folder);
  } catch {
    return {};
  }
}
