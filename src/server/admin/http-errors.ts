import type { FastifyError } from 'fastify';
import { type ErrorCode, IntermissionError, isIntermissionError } from '../../errors.ts';
import type { ErrorAnswer } from '../contract/common.ts';

/**
 * The HTTP status of every error code. 401 and 403 are about the user of the admin only: what Cloudflare says of a
 * token must not sign anybody out.
 */
const STATUS: Record<ErrorCode, number> = {
  usage: 400,
  validation_failed: 400,
  not_found: 404,
  already_exists: 409,
  in_use: 409,
  cancelled: 409,
  interrupted: 503,
  internal: 500,
  api_token_invalid: 422,
  api_permission_denied: 422,
  api_token_unsupported: 422,
  api_rate_limited: 503,
  api_unavailable: 502,
  api_rejected: 502,
  secret_key_mismatch: 500,
  database_unavailable: 503,
  schema_outdated: 503,
  redirect_loop: 409,
  self_lockout: 409,
  zone_not_serving: 409,
  quota_exceeded: 409,
  rule_conflict: 409,
  held_by_others: 409,
  site_locked: 409,
  not_observed: 409,
  not_delivered: 502,
  not_signed_in: 401,
  not_permitted: 403,
  too_many_attempts: 429,
  plan_changed: 409,
};

/** Status and body for whatever was thrown. The text of an error that is not ours may hold anything: it is not shown. */
export function toAnswer(error: unknown): { status: number; body: ErrorAnswer } {
  const { fields, ...known } = normalize(error);
  const { code, message, hint = null, details } = known.error;
  const facts = Object.keys(details).length === 0 ? {} : { details };
  return {
    status: known.status ?? STATUS[code],
    body: { code, message, hint, ...(fields !== undefined && { fields }), ...facts },
  };
}

interface Normalized {
  error: IntermissionError;
  status?: number;
  fields?: Record<string, string>;
}

function normalize(error: unknown): Normalized {
  if (isIntermissionError(error)) return { error };
  const { validation, statusCode = 500, code } = error as FastifyError;
  if (validation !== undefined) return faultyInput(validation);
  // What Fastify refuses by itself: a body that is too large, or no JSON.
  if (statusCode >= 400 && statusCode < 500 && code?.startsWith('FST_') === true) {
    const message = `The request cannot be read (${code}).`;
    return { status: statusCode, error: new IntermissionError('validation_failed', message) };
  }
  return {
    error: new IntermissionError('internal', 'An unexpected error stopped the request.', {
      hint: 'Try again. If it happens again, look into the log of the server and please report it.',
    }),
  };
}

function faultyInput(issues: NonNullable<FastifyError['validation']>): Normalized {
  const pairs = issues.map(({ instancePath, message = 'is not valid' }) => [
    instancePath.replace(/^\//, '').replaceAll('/', '.'),
    message,
  ]);
  const fields = Object.fromEntries(pairs) as Record<string, string>;
  const list = Object.entries(fields).map(([field, problem]) => `${field || 'body'}: ${problem}`);
  return {
    fields,
    error: new IntermissionError('validation_failed', `The request is not valid: ${list.join('; ')}.`),
  };
}
