import { IntermissionError, isIntermissionError } from '../../errors.ts';
import { NO_CHANGES, type SyncedSite } from '../sync-result.ts';

/** Errors that are not about one zone: going on with the next would only meet them again. */
const OF_EVERYTHING: readonly IntermissionError['code'][] = [
  'interrupted',
  'database_unavailable',
  'schema_outdated',
  'api_token_invalid',
];

/** Whether the other zones may still succeed. */
export function isOfZone(error: unknown): boolean {
  return !isIntermissionError(error) || !OF_EVERYTHING.includes(error.code);
}

export function failedRow(domain: string, zoneId: string | null, error: unknown): SyncedSite {
  const known = isIntermissionError(error)
    ? error
    : new IntermissionError('internal', `The zone of ${domain} could not be stored.`, {
        hint: 'Please report this, with what --verbose shows.',
        cause: error,
      });
  return {
    domain,
    action: 'error',
    zoneId,
    maintenanceActive: false,
    changes: NO_CHANGES,
    reason: null,
    error: known,
  };
}
