import { expect } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { openWorkplace, type WorkplaceOptions } from '../support/workplace.ts';

/** An application by the real clock, and the doctor on the same database. */
export async function openDoctor(databaseUrl: string, emulator: WorkplaceOptions['emulator'] = {}) {
  const place = await openWorkplace(databaseUrl, { emulator, app: { clock: { now: () => new Date() } } });
  const environment: Record<string, string> = {
    DATABASE_URL: databaseUrl,
    INTERMISSION_DATA_DIR: place.app.config.dataDir,
    CLOUDFLARE_BASE_URL: place.emulator.api,
    INTERMISSION_MAX_RETRIES: '0',
  };
  const ask = async (changes: Record<string, string> = {}, now = () => new Date()) => {
    place.emulator.clearRequests();
    const rows = await place.app.logs.count();
    const found = await diagnose({
      environment: { ...environment, ...changes },
      now,
      signal: new AbortController().signal,
    });
    expect(place.emulator.requests({ write: true })).toEqual([]);
    expect(await place.app.logs.count()).toBe(rows);
    return found;
  };
  return Object.assign(place, { ask, environment });
}

/** What is not as it should be, as `level check: message`. */
export function complaints(found: readonly Finding[]): string[] {
  expect(found.filter(({ level, hint }) => level === 'broken' && hint === null)).toEqual([]);
  return found
    .filter(({ level }) => level !== 'ok')
    .map(({ level, check, message }) => `${level} ${check}: ${message}`);
}
