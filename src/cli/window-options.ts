import { TEMPLATES } from '../domain/brand.ts';
import { parseTimezone } from '../domain/wall-clock.ts';
import { parseDuration } from './duration.ts';
import { argument, commaList, negatableFlag, oneOf, option, wholeNumber } from './parameters.ts';

// Written out here because the entity costs a tenth of a second to load; a test compares them with it.
export const PRIORITY_WORDS = ['low', 'normal', 'high', 'critical'] as const;
export const WINDOW_STATUS_WORDS = ['scheduled', 'active', 'completed', 'cancelled', 'failed'] as const;

export const windowArgument = argument('id', 'Number of the window', wholeNumber(1, 2_147_483_647));

export const timezoneOption = option(
  '--tz <zone>',
  'Time zone, such as Europe/Berlin (default UTC)',
  parseTimezone,
);

export const startOption = option(
  '--start <time>',
  'When: 2026-12-01T02:00:00Z, or with --tz "2026-12-01 02:00", "tomorrow 2am", "in 2 hours"',
);

export const forOption = option('--for <duration>', 'How long: 30m, 2h, 1h30m, 1d', (text) =>
  parseDuration(text),
);

/** Everything of a window but its time and its sites. */
export const windowOptions = {
  message: option('--message <text>', 'What visitors may read on the maintenance page'),
  description: option('--description <text>', 'What it is about, for colleagues'),
  template: option('--template <name>', `Page: ${TEMPLATES.join(', ')} (default modern)`, oneOf(TEMPLATES)),
  priority: option(
    '--priority <priority>',
    `${PRIORITY_WORDS.join(', ')} (default normal)`,
    oneOf(PRIORITY_WORDS),
  ),
  autoEnable: negatableFlag(
    '--auto-enable',
    'Close the sites at the start (what is done anyway)',
    'Only tell at the start; schedule run closes the sites',
  ),
  autoDisable: negatableFlag(
    '--auto-disable',
    'Reopen the sites at the end (what is done anyway)',
    'Only tell at the end; schedule complete reopens the sites',
  ),
  notifyBefore: option(
    '--notify-before <duration>',
    'Notice before the start (default 1h, 0s for none)',
    (text) => parseDuration(text, { min: 0, max: 30 * 86_400 }),
  ),
};

export const sitesOption = option('--sites <domains>', 'Sites it is about: a.com,b.com', commaList);
