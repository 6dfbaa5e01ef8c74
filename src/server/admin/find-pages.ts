import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the built pages may be, as seen from this file in `dist/cli` and in `src/server/admin`. */
const CANDIDATES = ['../admin', '../../../dist/admin'];

/** The folder of the built pages of the admin; undefined when there is none. */
export function findPages(): string | undefined {
  const folders = CANDIDATES.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.find((folder) => existsSync(`${folder}/index.html`));
}
