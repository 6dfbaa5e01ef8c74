import type { ErrorCode } from '../errors.ts';

/** What each exit status means, as `intermission help exit-codes` shows it. */
export const EXIT_MEANINGS = {
  0: 'done, or already so',
  1: 'failed',
  2: 'wrong usage or invalid input',
  3: 'several sites: some succeeded, some failed',
  4: 'authentication or permission',
  5: 'applied, but not proven at the edge',
  6: 'refused',
  7: 'difference found (only with --exit-code)',
  130: 'interrupted by a signal',
} as const;

export type ExitCode = keyof typeof EXIT_MEANINGS;

/** The exit status of every error code. */
export const EXIT_OF_ERROR: Record<ErrorCode, ExitCode> = {
  usage: 2,
  validation_failed: 2,
  not_found: 1,
  already_exists: 6,
  in_use: 6,
  cancelled: 6,
  interrupted: 130,
  internal: 1,
  api_token_invalid: 4,
  api_permission_denied: 4,
  api_token_unsupported: 4,
  api_rate_limited: 1,
  api_unavailable: 1,
  api_rejected: 1,
  secret_key_mismatch: 4,
  database_unavailable: 1,
  schema_outdated: 1,
  redirect_loop: 6,
  self_lockout: 6,
  zone_not_serving: 6,
  quota_exceeded: 6,
  rule_conflict: 6,
  held_by_others: 6,
  site_locked: 6,
  not_observed: 5,
  not_delivered: 1,
  not_signed_in: 4,
  not_permitted: 4,
  too_many_attempts: 1,
  plan_changed: 6,
};

/**
 * Exit status of a run over several sites: 0 when all succeeded, 3 when only some did, and when all failed
 * the status that they have in common, else 1.
 *
 * @param outcomes the error code of each site, or null where it succeeded
 */
export function exitOfMany(outcomes: readonly (ErrorCode | null)[]): ExitCode {
  const failures = outcomes.filter((code) => code !== null);
  if (failures.length === 0) return 0;
  if (failures.length < outcomes.length) return 3;
  const [first, ...others] = new Set(failures.map((code) => EXIT_OF_ERROR[code]));
  return first !== undefined && others.length === 0 ? first : 1;
}
