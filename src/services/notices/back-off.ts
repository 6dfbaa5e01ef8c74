const MINUTE = 60_000;
const LONGEST = 4 * 60 * MINUTE;
/** With these the last attempt is about a day after the first. */
const MAX_ATTEMPTS = 14;
/** Each wait is up to so much shorter or longer, so that what failed together does not come back together. */
const JITTER = 0.2;

/**
 * When a notice is tried again after that many attempts: a minute after the first, then twice as long each time, four
 * hours at most. Null: it was the last one.
 *
 * @param random from 0 up to, not including, 1
 */
export function nextAttempt(attempts: number, now: Date, random: number): Date | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  const wait = Math.min(MINUTE * 2 ** (Math.max(1, attempts) - 1), LONGEST);
  return new Date(now.getTime() + Math.round(wait * (1 - JITTER + 2 * JITTER * random)));
}
