import { IntermissionError } from '../errors.ts';
import { shorten } from './domain-name.ts';

/** A hold as the rules below see it. */
export interface HoldView {
  name: string;
  url?: string | null | undefined;
  message?: string | null | undefined;
  updatedAt: Date;
  expiresAt?: Date | null | undefined;
  releasedAt?: Date | null | undefined;
}

/** What all holds of a site together ask for. */
export interface HoldSummary {
  url: string | undefined;
  message: string | undefined;
  /** Undefined: no end is known. */
  until: Date | undefined;
}

/** A hold keeps its site down until it is released or its end has come. */
export function isInForce(hold: HoldView, now: Date): boolean {
  const ended = hold.expiresAt != null && hold.expiresAt.getTime() <= now.getTime();
  return hold.releasedAt == null && !ended;
}

/**
 * URL and message are those of the newest hold that has one. The end is the latest one; none if any hold has none.
 * `holds` are those in force.
 */
export function summarizeHolds(holds: readonly HoldView[]): HoldSummary {
  const newestFirst = [...holds].sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
  const ends = holds.map((hold) => hold.expiresAt?.getTime());
  const known = ends.filter((end) => end !== undefined);
  return {
    url: newestFirst.find((hold) => hold.url)?.url ?? undefined,
    message: newestFirst.find((hold) => hold.message)?.message ?? undefined,
    until: known.length > 0 && known.length === ends.length ? new Date(Math.max(...known)) : undefined,
  };
}

/** These names belong to the scheduler: `window:12` is the hold of window 12. */
export function isWindowHold(name: string): boolean {
  return name.startsWith('window:');
}

/**
 * Checks the name of a hold. `window:` names belong to the scheduler.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseHoldName(text: string, { scheduler = false } = {}): string {
  if (/^[\w.:@/-]{1,100}$/.test(text) && isWindowHold(text) === scheduler) return text;
  throw new IntermissionError('validation_failed', `"${shorten(text)}" cannot be the name of a hold.`, {
    hint: 'Use up to 100 letters, digits and . _ - : @ /, such as deploy-123. Names that begin with window: belong to the scheduler.',
  });
}
