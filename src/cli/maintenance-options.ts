import { parseHoldName } from '../domain/holds.ts';
import { parseMaintenanceUrl } from '../domain/maintenance-url.ts';
import { IntermissionError } from '../errors.ts';
import type { Warning } from './command.ts';
import { parseDuration } from './duration.ts';
import { negatableFlag, oneOf, option, type Values } from './parameters.ts';
import { parseTime } from './time.ts';

/** The reason of an operation that names none. */
export const DEFAULT_REASON = 'Maintenance via CLI';

/** Options of every command that opens or closes sites. */
export const switchOptions = {
  reason: option('--reason <text>', `Why, for the log only (default "${DEFAULT_REASON}")`),
  hold: option('--hold <name>', 'Name of the hold, such as deploy-123 (default "manual")', (text) =>
    parseHoldName(text),
  ),
  existing: option(
    '--existing <whose>',
    'Whose a redirect is that closes the site already: ours or theirs',
    oneOf(['ours', 'theirs']),
  ),
  verify: negatableFlag(
    '--verify',
    'Check at the edge what visitors get (not available yet)',
    'Do not check at the edge',
  ),
  timeout: option('--timeout <duration>', 'Longest time for this check (no effect yet)', parseDuration),
};

/** An empty text clears what a hold has. */
function orNone<T>(parse: (text: string) => T): (text: string) => T | null {
  return (text) => (text === '' ? null : parse(text));
}

/** Options of closing alone. What is left out stays as it is on a site that is closed already. */
export const closeOptions = {
  message: option('--message <text>', 'What visitors may read on the maintenance page'),
  for: option(
    '--for <duration>',
    'Reopen after this time: 30m, 2h, 1h30m, 1d',
    orNone((text) => parseDuration(text)),
  ),
  until: option('--until <time>', 'Reopen at this time: 2026-03-01T22:30:00Z', orNone(parseTime)),
  url: option(
    '--url <url>',
    'Where visitors are sent; {domain} stands for the site',
    orNone(parseMaintenanceUrl),
  ),
  // The other engine is offered once there is one.
  engine: option('--engine <engine>', 'How to close it: auto or page_rules', oneOf(['auto', 'page_rules'])),
};

/**
 * The end that was asked for; null for none, undefined for what it was before.
 *
 * @throws IntermissionError `usage` when it was given twice
 */
export function endOf(options: Values<typeof closeOptions>, now: Date): Date | null | undefined {
  const { for: seconds, until } = options;
  if (seconds === undefined) return until;
  if (until === undefined && seconds === null) return null;
  if (until === undefined && seconds !== null) return new Date(now.getTime() + seconds * 1000);
  throw new IntermissionError('usage', '--for and --until both say when the maintenance ends.', {
    hint: 'Give one of them.',
  });
}

/**
 * Says what was asked for and cannot be had yet.
 *
 * @throws IntermissionError `usage` for `--verify`: to go on without the check would look like proof
 */
export function checkVerify({ verify, timeout }: Values<typeof switchOptions>): Warning[] {
  if (verify === true) {
    throw new IntermissionError('usage', '--verify is not available yet: nothing is checked at the edge.', {
      hint: 'Leave it out, and look for yourself with: curl -I https://DOMAIN/',
    });
  }
  if (timeout === undefined || verify === false) return [];
  const message = '--timeout has no effect: nothing is checked at the edge in this version.';
  return [{ code: 'not_verified', message }];
}
