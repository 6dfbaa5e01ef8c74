import type { CommandDefinition } from './command.ts';

export interface CommandEntry {
  /** Words that are typed: `maintenance enable`. */
  name: string;
  /** Other names of the last word. */
  aliases?: readonly string[];
  /** One line for the list of commands. */
  summary: string;
  load(): Promise<{ command: CommandDefinition }>;
}

/** What the first word of commands with two words is about. */
export const GROUPS: Readonly<Record<string, string>> = {
  maintenance: 'Close sites, reopen them, and see which are closed',
  schedule: 'Maintenance that is planned: windows with a start and an end',
  site: 'The sites that this database knows',
  'api-key': 'The API tokens that Cloudflare is asked with',
  user: 'The people who may sign in to the admin',
  'secret-key': 'The key that the stored tokens are sealed with',
  log: 'What was done, by whom, and how it ended',
  notice: 'What people are told by mail and webhook',
  page: 'What visitors of a closed site see',
  help: 'Show help about a command or a topic',
};

/** Every command, in the order of the help. Nothing is loaded before it runs. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'maintenance enable',
    summary: 'Close sites: send their visitors to the maintenance page',
    load: () => import('./commands/maintenance-enable.ts'),
  },
  {
    name: 'maintenance disable',
    summary: 'Reopen sites',
    load: () => import('./commands/maintenance-disable.ts'),
  },
  {
    name: 'maintenance status',
    summary: 'Which sites are in maintenance, why, and until when',
    load: () => import('./commands/maintenance-status.ts'),
  },
  {
    name: 'maintenance verify',
    summary: 'Prove by real visits that people get what is intended',
    load: () => import('./commands/maintenance-verify.ts'),
  },
  {
    name: 'maintenance list',
    summary: 'The sites and their state',
    load: () => import('./commands/maintenance-list.ts'),
  },
  {
    name: 'maintenance sync',
    summary: 'Read the zones of sites at Cloudflare again',
    load: () => import('./commands/maintenance-sync.ts'),
  },
  {
    name: 'sync_cloudflare',
    aliases: ['sync-cloudflare'],
    summary: 'Make the zones at Cloudflare known as sites',
    load: () => import('./commands/sync-cloudflare.ts'),
  },
  {
    name: 'site list',
    summary: 'The sites, and what is known of their zones',
    load: () => import('./commands/site-list.ts'),
  },
  {
    name: 'site show',
    summary: 'Everything about one site',
    load: () => import('./commands/site-show.ts'),
  },
  {
    name: 'site add',
    summary: 'Add one site',
    load: () => import('./commands/site-add.ts'),
  },
  {
    name: 'site edit',
    summary: 'Change what is closed with a site, its page, its key',
    load: () => import('./commands/site-edit.ts'),
  },
  {
    name: 'site remove',
    summary: 'Forget a site; its log stays',
    load: () => import('./commands/site-remove.ts'),
  },
  {
    name: 'site export',
    summary: 'What you have set of the sites, as CSV or JSON',
    load: () => import('./commands/site-export.ts'),
  },
  {
    name: 'site import',
    summary: 'Take over sites from CSV, from another installation or from the Django app',
    load: () => import('./commands/site-import.ts'),
  },
  {
    name: 'site forget-unrestored',
    summary: 'Forget rules of yours that Cloudflare refused to take back',
    load: () => import('./commands/site-forget-unrestored.ts'),
  },
  {
    name: 'api-key list',
    summary: 'The stored keys',
    load: () => import('./commands/api-key-list.ts'),
  },
  {
    name: 'api-key show',
    summary: 'Everything about one key, except its token',
    load: () => import('./commands/api-key-show.ts'),
  },
  {
    name: 'api-key add',
    summary: 'Verify an API token with Cloudflare and store it',
    load: () => import('./commands/api-key-add.ts'),
  },
  {
    name: 'api-key verify',
    summary: 'What Cloudflare lets the stored tokens do',
    load: () => import('./commands/api-key-verify.ts'),
  },
  {
    name: 'api-key rotate',
    summary: 'Put a new token in the place of the one of a key',
    load: () => import('./commands/api-key-rotate.ts'),
  },
  {
    name: 'api-key set-default',
    summary: 'Use this key for sites that have none of their own',
    load: () => import('./commands/api-key-set-default.ts'),
  },
  {
    name: 'api-key activate',
    summary: 'Use a key again',
    load: () => import('./commands/api-key-activate.ts'),
  },
  {
    name: 'api-key deactivate',
    summary: 'Do not use a key for now',
    load: () => import('./commands/api-key-deactivate.ts'),
  },
  {
    name: 'api-key remove',
    summary: 'Remove a stored key',
    load: () => import('./commands/api-key-remove.ts'),
  },
  {
    name: 'schedule create',
    summary: 'Plan maintenance for a time, once or again and again',
    load: () => import('./commands/schedule-create.ts'),
  },
  {
    name: 'schedule list',
    summary: 'The windows that are planned or active',
    load: () => import('./commands/schedule-list.ts'),
  },
  {
    name: 'schedule show',
    summary: 'Everything about one window, and what happened in it',
    load: () => import('./commands/schedule-show.ts'),
  },
  {
    name: 'schedule calendar',
    summary: 'What is planned, day by day',
    load: () => import('./commands/schedule-calendar.ts'),
  },
  {
    name: 'schedule next',
    summary: 'What starts next, or the next times of a series',
    load: () => import('./commands/schedule-next.ts'),
  },
  {
    name: 'schedule extend',
    summary: 'Move the end of a window, also while it is active',
    load: () => import('./commands/schedule-extend.ts'),
  },
  {
    name: 'schedule reschedule',
    summary: 'Give a window that has not begun another time',
    load: () => import('./commands/schedule-reschedule.ts'),
  },
  {
    name: 'schedule run',
    summary: 'Begin a window now',
    load: () => import('./commands/schedule-run.ts'),
  },
  {
    name: 'schedule complete',
    summary: 'End an active window now: reopen its sites',
    load: () => import('./commands/schedule-complete.ts'),
  },
  {
    name: 'schedule cancel',
    summary: 'Take a window back; an active one reopens its sites first',
    load: () => import('./commands/schedule-cancel.ts'),
  },
  {
    name: 'schedule clone',
    summary: 'Plan a window like another',
    load: () => import('./commands/schedule-clone.ts'),
  },
  {
    name: 'schedule export',
    summary: 'Write the calendar as a file',
    load: () => import('./commands/schedule-export.ts'),
  },
  {
    name: 'process_scheduled_maintenance',
    aliases: ['process-scheduled-maintenance'],
    summary: 'Do what is due: windows, ends of maintenance, repair of what was interrupted',
    load: () => import('./commands/process-scheduled-maintenance.ts'),
  },
  {
    name: 'log list',
    summary: 'What was done last, or to one site',
    load: () => import('./commands/log-list.ts'),
  },
  {
    name: 'log show',
    summary: 'Everything about one log row',
    load: () => import('./commands/log-show.ts'),
  },
  {
    name: 'log stats',
    summary: 'How many operations succeeded, and how long they took',
    load: () => import('./commands/log-stats.ts'),
  },
  {
    name: 'user list',
    summary: 'The users and their roles',
    load: () => import('./commands/user-list.ts'),
  },
  {
    name: 'user create',
    summary: 'Add a user',
    load: () => import('./commands/user-create.ts'),
  },
  {
    name: 'user set-role',
    summary: 'Say what a user may do',
    load: () => import('./commands/user-set-role.ts'),
  },
  {
    name: 'user set-password',
    summary: 'Give a user another password',
    load: () => import('./commands/user-set-password.ts'),
  },
  {
    name: 'user disable',
    summary: 'Keep a user from signing in',
    load: () => import('./commands/user-disable.ts'),
  },
  {
    name: 'user enable',
    summary: 'Let a user sign in again',
    load: () => import('./commands/user-enable.ts'),
  },
  {
    name: 'notice test',
    summary: 'Send a test by mail and webhook, and see what comes of it',
    load: () => import('./commands/notice-test.ts'),
  },
  {
    name: 'notice list',
    summary: 'Notices that nobody has got yet',
    load: () => import('./commands/notice-list.ts'),
  },
  {
    name: 'notice retry',
    summary: 'Deliver now what nobody has got yet',
    load: () => import('./commands/notice-retry.ts'),
  },
  {
    name: 'page preview',
    summary: 'See the maintenance page of a site, closed or not',
    load: () => import('./commands/page-preview.ts'),
  },
  {
    name: 'page export',
    summary: 'Write a version of the page for any host of static files',
    load: () => import('./commands/page-export.ts'),
  },
  {
    name: 'serve',
    summary: 'Serve the maintenance page',
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'emulator',
    summary: 'Run a Cloudflare API and edge on this machine, to try things out and to test',
    load: () => import('./commands/emulator.ts'),
  },
  {
    name: 'doctor',
    summary: 'Look at everything that closing and reopening needs, and say what is broken',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'migrate',
    summary: 'Bring the database up to date with this version',
    load: () => import('./commands/migrate.ts'),
  },
  {
    name: 'secret-key rotate',
    summary: 'Seal all stored tokens with a new secret key',
    load: () => import('./commands/secret-key-rotate.ts'),
  },
  {
    name: 'help exit-codes',
    summary: 'What each exit status means',
    load: () => import('./commands/help-exit-codes.ts'),
  },
];

/** The words of `argv` that name a command or the beginning of one, and the command if they name one fully. */
export function findCommand(argv: readonly string[]): { words: string[]; entry: CommandEntry | undefined } {
  const words: string[] = [];
  for (const word of argv) {
    if (word === '--') break;
    if (word.startsWith('-')) continue;
    const next = COMMANDS.find((entry) => continues(entry, words, word));
    if (next === undefined) break;
    words.push(next.name.split(' ')[words.length] ?? word);
    if (next.name === words.join(' ')) return { words, entry: next };
  }
  return { words, entry: undefined };
}

function continues({ name, aliases = [] }: CommandEntry, words: readonly string[], word: string): boolean {
  const parts = name.split(' ');
  if (words.some((typed, index) => parts[index] !== typed)) return false;
  const isLast = words.length === parts.length - 1;
  return parts[words.length] === word || (isLast && aliases.includes(word));
}
