import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import './provided-context.ts';
import { startDatabaseServer } from './database-server.ts';
import { removeWhenParentEnds } from './watchdog.ts';

/** Once per run: a root for temporary files and the server of test databases. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = mkdtempSync(join(tmpdir(), 'intermission-test-'));
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
