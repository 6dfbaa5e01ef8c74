import { parseHoldName } from '../domain/holds.ts';
import { parseMaintenanceUrl } from '../domain/maintenance-url.ts';
import { IntermissionError } from '../errors.ts';
import { parseStopOnFailure } from '../services/bulk-operations/stop-rule.ts';
import { parseDuration } from './duration.ts';
import { negatableFlag, oneOf, option, type Values, wholeNumber } from './parameters.ts';
import { parseTime } from './time.ts';

/** The reason of an operation that names none. */
export const DEFAULT_REASON = 'Maintenance via CLI';

/** Options of every command after which visitors are to get something else. */
export const proofOptions = {
  verify: negatableFlag(
    '--verify',
    'Prove at the edge what visitors get (what is done anyway for at most 20 sites)',
    'Do not look at what visitors get',
  ),
  timeout: option('--timeout <duration>', 'How long to wait for the edge (default 60s)', parseDuration),
};

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
  ...proofOptions,
};

export type SwitchOptions = Values<typeof switchOptions>;

/** Options of opening and closing several sites. */
export const manyOptions = {
  concurrency: option(
    '--concurrency <number>',
    'Of several sites: how many with the same API key are in hand at a time (default 64)',
    wholeNumber(1, 500),
  ),
  canary: option(
    '--canary <number>',
    'Of several sites: so many first, and the rest only when all of these succeed',
    wholeNumber(1, 100_000),
  ),
  stopOnFailure: option(
    '--stop-on-failure <limit>',
    'Of several sites: begin no other once so many have failed: 3 or 5%',
    (text) => {
      parseStopOnFailure(text, 1);
      return text;
    },
  ),
};

export type ManyOptions = Values<typeof manyOptions>;

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
  engine: option(
    '--engine <engine>',
    'How to close it: auto, page_rules or redirect_rules',
    oneOf(['auto', 'page_rules', 'redirect_rules']),
  ),
};

export type CloseOptions = Values<typeof closeOptions>;

/**
 * The end that was asked for; null for none, undefined for what it was before.
 *
 * @throws IntermissionError `usage` when it was given twice
 */
export function endOf(options: CloseOptions, now: Date): Date | null | undefined {
  const { for: seconds, until } = options;
  if (seconds === undefined) return until;
  if (until === undefined && seconds === null) return null;
  if (until === undefined && seconds !== null) return new Date(now.getTime() + seconds * 1000);
  throw new IntermissionError('usage', '--for and --until both say when the maintenance ends.', {
    hint: 'Give one of them.',
  });
}
