import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** Makes an empty directory of its own. It disappears with the test run, however that ends. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(inject('temporaryRoot'), 'd-'));
}
