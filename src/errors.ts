/** Every code an IntermissionError can carry. `docs/errors.md` explains each; a test keeps the two equal. */
export const ERROR_CODES = [
  'usage',
  'validation_failed',
  'not_found',
  'already_exists',
  'in_use',
  'cancelled',
  'interrupted',
  'internal',
  'api_token_invalid',
  'api_permission_denied',
  'api_token_unsupported',
  'api_rate_limited',
  'api_unavailable',
  'api_rejected',
  'secret_key_mismatch',
  'database_unavailable',
  'schema_outdated',
  'redirect_loop',
  'self_lockout',
  'zone_not_serving',
  'quota_exceeded',
  'rule_conflict',
  'held_by_others',
  'site_locked',
  'not_observed',
  'not_delivered',
  'not_signed_in',
  'not_permitted',
  'too_many_attempts',
  'plan_changed',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Values that survive JSON unchanged: what may be stored in a log row or printed with `--json`. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

export interface ErrorOptions {
  /** What the reader should do next, as one or two sentences. */
  hint?: string;
  /** Facts for programs: ids, holders, counts. Never a secret. */
  details?: Record<string, JsonValue>;
  /** The finished MaintenanceLog of the operation that failed. */
  log?: object;
  cause?: unknown;
}

/**
 * The only error this product throws on purpose. `message` says what happened and why,
 * `hint` what to do about it, `code` is stable and documented in `docs/errors.md`.
 * Recognise it by `code` (see {@link isIntermissionError}), not by class identity.
 */
export class IntermissionError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Record<string, JsonValue>;
  readonly log: object | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IntermissionError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
    this.log = options.log;
  }
}

/** The same error, with what became known after it was thrown. */
export function extendError(
  error: IntermissionError,
  more: ErrorOptions & { message?: string },
): IntermissionError {
  const { message = error.message, details, ...options } = more;
  return new IntermissionError(error.code, message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.log === undefined ? {} : { log: error.log }),
    cause: error.cause,
    ...options,
    details: { ...error.details, ...details },
  });
}

/** Tells our errors from all others, across bundles and copies of this module. */
export function isIntermissionError(error: unknown): error is IntermissionError {
  return (
    error instanceof Error &&
    error.name === 'IntermissionError' &&
    (ERROR_CODES as readonly unknown[]).includes((error as { code?: unknown }).code)
  );
}
