import type { IntermissionError } from '../../errors.ts';
import type { BulkSite, SkipCode } from './types.ts';

const NOTHING = { skipped: null, error: null, logId: null, log: null, proof: null, status: null };

type Named = { id: number | null; domain: string };

export function failedSite(
  { id, domain }: Named,
  error: IntermissionError,
  more: Partial<BulkSite> = {},
): BulkSite {
  return { ...NOTHING, domain, siteId: id, outcome: 'failed', error, ...more };
}

export function skippedSite({ id, domain }: Named, code: SkipCode, message: string): BulkSite {
  return { ...NOTHING, domain, siteId: id, outcome: 'skipped', skipped: { code, message } };
}

export function doneSite({ id, domain }: Named, more: Partial<BulkSite> = {}): BulkSite {
  return { ...NOTHING, domain, siteId: id, outcome: 'done', ...more };
}
