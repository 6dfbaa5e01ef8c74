import { shorten } from '../../domain/domain-name.ts';
import type { EngineChoice } from '../../domain/edge-state.ts';
import { parseHoldName } from '../../domain/holds.ts';
import { MANUAL_HOLD } from '../../domain/maintenance-hold.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import { parseMaintenanceUrl } from '../../domain/maintenance-url.ts';
import type { Answer, Existing } from '../../engines/engine.ts';
import { IntermissionError } from '../../errors.ts';
import type { HoldRequest, Intent } from './operation.ts';
import type { RunNotice } from './run-notice.ts';
import type { Waiting } from './zone-lock.ts';

const MAX_TEXT = 2_000;
const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

interface CommonOptions {
  /** Name of the hold; `manual` unless given. */
  hold?: string | undefined;
  /** Whose the doubtful rules are that stand at Cloudflare. Without it they are refused. */
  existing?: Existing | undefined;
  /** Digest of a preview: `rule_conflict` when something else would be done than was shown. */
  expect?: string | undefined;
  actor?: Actor | undefined;
  /** Proves afterwards what visitors get, and keeps verdict and evidence in the row. Unproven does not throw. */
  verify?: boolean | undefined;
  /** How long the proof waits for the edge, milliseconds; 60,000 unless given. */
  timeoutMs?: number | undefined;
  /** Stops before the first change; an operation that has begun is finished or taken back. Ends a proof. */
  signal?: AbortSignal | undefined;
  /** Told once, when another operation in the zone has been waited for longer than a second. */
  onWaiting?: ((waiting: Waiting) => void) | undefined;
}

export interface EnableOptions extends CommonOptions {
  // Left out, a hold that is there already keeps what it has; null or an empty text clears it.
  /** What visitors may read; `reason` never leaves the log. */
  message?: string | null | undefined;
  /** Where visitors are sent, for this hold; may hold `{domain}`. */
  url?: string | null | undefined;
  /** The end of the hold. The tick reopens the site then. */
  until?: Date | null | undefined;
  engine?: EngineChoice | undefined;
  /** Overrides `self_lockout`. */
  force?: boolean | undefined;
}

export interface DisableOptions extends CommonOptions {
  reason?: string | undefined;
  /** Releases every hold of the site, whoever has it. */
  force?: boolean | undefined;
}

/** An operation as it was asked for, checked. */
export interface Request {
  intent: Intent;
  reason: string;
  actor: Actor;
  force: boolean;
  existing: Answer | undefined;
  expect: string | undefined;
  engine: EngineChoice | undefined;
  signal: AbortSignal | undefined;
  onWaiting?: ((waiting: Waiting) => void) | undefined;
  /** True when nobody asks, but its time has come: others may keep the site closed, and a failure that repeats is kept once. */
  expiry: boolean;
  /** True: many sites are operated on at the same time, which may then share what each would do alone. */
  isOneOfMany?: boolean;
  /** Tells of the failures of many operations together. */
  run?: RunNotice | undefined;
}

const LIBRARY: Actor = { name: 'library', source: 'library' };

/** @throws IntermissionError `validation_failed` */
export function parseEnable(reason: string, options: EnableOptions, now: Date): Request {
  const hold: HoldRequest = {
    name: holdName(options),
    reason: parseText('reason', reason),
    message: parsed(options.message, (message) => parseText('message', message) || null),
    url: parsed(options.url, parseMaintenanceUrl),
    expiresAt: parsed(options.until, (until) => parseUntil(until, now).toISOString()),
  };
  return {
    ...common(options),
    intent: { kind: 'enable', hold },
    reason: hold.reason,
    engine: options.engine,
  };
}

/** Undefined stays undefined, and what is empty becomes null. */
function parsed<T, R>(value: T | null | undefined, parse: (value: T) => R): R | null | undefined {
  if (value === undefined) return undefined;
  return value === null || value === '' ? null : parse(value);
}

/** @throws IntermissionError `validation_failed` */
export function parseDisable(options: DisableOptions): Request {
  const release = options.force === true ? null : [holdName(options)];
  const reason = parseText('reason', options.reason ?? '');
  return { ...common(options), intent: { kind: 'disable', release }, reason, engine: undefined };
}

function common(options: CommonOptions & { force?: boolean | undefined }) {
  return {
    actor: options.actor ?? LIBRARY,
    force: options.force ?? false,
    existing: options.existing,
    expect: options.expect,
    signal: options.signal,
    onWaiting: options.onWaiting,
    expiry: false,
  };
}

function holdName(options: CommonOptions): string {
  const name = options.hold ?? MANUAL_HOLD;
  return parseHoldName(name, {
    scheduler: options.actor?.source === 'schedule' && name.startsWith('window:'),
  });
}

function parseText(field: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed.length > MAX_TEXT) {
    throw new IntermissionError(
      'validation_failed',
      `The ${field} has ${trimmed.length} characters; ${MAX_TEXT} are allowed.`,
      {
        hint: `Shorten the ${field}.`,
      },
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for; PostgreSQL refuses NUL
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(trimmed)) {
    throw new IntermissionError(
      'validation_failed',
      `The ${field} "${shorten(JSON.stringify(trimmed))}" holds control characters.`,
      {
        hint: `Write the ${field} as plain text.`,
      },
    );
  }
  return trimmed;
}

function parseUntil(until: Date, now: Date): Date {
  const ahead = until.getTime() - now.getTime();
  if (ahead > 0 && ahead <= MAX_DAYS * DAY_MS) return until;
  const problem = Number.isNaN(ahead)
    ? 'is not a time'
    : ahead <= 0
      ? 'is in the past'
      : `is more than ${MAX_DAYS} days ahead`;
  throw new IntermissionError('validation_failed', `The end of the maintenance ${problem}.`, {
    hint: 'Give a time to come, such as --for 30m or --until 2030-01-31T22:00:00Z.',
  });
}
