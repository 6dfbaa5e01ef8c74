import { expect, test } from 'vitest';
import { EXIT_MEANINGS, EXIT_OF_ERROR, exitOfMany } from '../../src/cli/exit-codes.ts';
import { ERROR_CODES, type ErrorCode } from '../../src/errors.ts';

test.each([
  ['usage', 2],
  ['validation_failed', 2],
  ['api_token_invalid', 4],
  ['api_permission_denied', 4],
  ['api_token_unsupported', 4],
  ['secret_key_mismatch', 4],
  ['not_observed', 5],
  ['redirect_loop', 6],
  ['self_lockout', 6],
  ['zone_not_serving', 6],
  ['quota_exceeded', 6],
  ['rule_conflict', 6],
  ['held_by_others', 6],
  ['site_locked', 6],
  ['in_use', 6],
  ['already_exists', 6],
  ['cancelled', 6],
  ['interrupted', 130],
  ['not_found', 1],
  ['api_rate_limited', 1],
  ['api_unavailable', 1],
  ['api_rejected', 1],
  ['database_unavailable', 1],
  ['schema_outdated', 1],
  ['internal', 1],
] as const)('%s exits with %i', (code, status) => {
  expect(EXIT_OF_ERROR[code]).toBe(status);
});

test('every error code has a status that has a meaning', () => {
  expect(Object.keys(EXIT_OF_ERROR).sort()).toEqual([...ERROR_CODES].sort());
  expect(Object.keys(EXIT_MEANINGS)).toEqual(
    expect.arrayContaining(Object.values(EXIT_OF_ERROR).map(String)),
  );
});

test.each<[string, (ErrorCode | null)[], number]>([
  ['nothing was to be done', [], 0],
  ['all succeeded', [null, null], 0],
  ['some failed', [null, 'quota_exceeded'], 3],
  ['all failed in the same way', ['quota_exceeded', 'quota_exceeded'], 6],
  ['all failed with codes of one status', ['quota_exceeded', 'redirect_loop'], 6],
  ['all failed with different statuses', ['quota_exceeded', 'api_token_invalid'], 1],
  ['the only one failed', ['api_token_invalid'], 4],
])('when %s, the run over several sites exits accordingly', (_, outcomes, status) => {
  expect(exitOfMany(outcomes)).toBe(status);
});
