import type { LogAction, LogStatus } from '../../domain/maintenance-log.ts';
import type { Intermission } from '../../intermission.ts';
import { type CommandResult, defineCommand, type View } from '../command.ts';
import {
  LOG_ACTION_WORDS,
  LOG_STATUS_WORDS,
  type LogRow,
  secondsText,
  statusColor,
  toLogRow,
} from '../log-row.ts';
import { oneOf, option, wholeNumber } from '../parameters.ts';
import { parseSince } from '../since.ts';
import { optionalDomainArgument } from '../site-selection.ts';
import { isNarrow } from '../status-text.ts';
import { type Column, table } from '../table.ts';
import { formatRelative, formatTime } from '../time.ts';

const DEFAULT_LIMIT = 20;

export const command = defineCommand({
  arguments: { domain: optionalDomainArgument },
  options: {
    action: option('--action <action>', `Only ${LOG_ACTION_WORDS.join(', ')}`, oneOf(LOG_ACTION_WORDS)),
    status: option('--status <status>', `Only ${LOG_STATUS_WORDS.join(', ')}`, oneOf(LOG_STATUS_WORDS)),
    since: option('--since <time>', 'Only since this time, or this long ago: 2h, 7d', parseSince),
    search: option('--search <text>', 'Only with the text in domain, reason, error or actor'),
    limit: option(
      '--limit <number>',
      `At most so many, the newest (default ${DEFAULT_LIMIT})`,
      wholeNumber(1, 100_000),
    ),
  },
  examples: [
    { command: 'log list', does: 'What was done last' },
    { command: 'log list example.com --since 24h', does: 'What was done to a site since yesterday' },
    { command: 'log list --status failed', does: 'What went wrong' },
    { command: 'log list --status pending', does: 'What is running, or was interrupted' },
  ],
  async run(context, { arguments: { domain }, options }): Promise<CommandResult<LogRow>> {
    const { limit = DEFAULT_LIMIT, since, ...given } = options;
    const app = await context.openApp();
    const query = select(app, { ...given, domain, since: since?.(context.now()) });
    const rows = await query.limit(limit).all();
    // A domain without rows may have been misspelt.
    if (domain !== undefined && (await app.logs.forDomain(domain).first()) === undefined)
      await app.sites.get({ domain });
    const total = rows.length < limit ? rows.length : await query.count();
    return { summary: { total, shown: rows.length }, results: rows.map(toLogRow) };
  },
  render: ({ summary = {}, results = [] }, view) => {
    if (results.length === 0) return 'Nothing in the log.\n';
    const more =
      summary['total'] === results.length
        ? ''
        : view.colors.dim(`The newest ${results.length} of ${summary['total']}; see more with --limit.\n`);
    return table(columns(view), results, view) + more;
  },
});

interface Selection {
  domain: string | undefined;
  action: LogAction | undefined;
  status: LogStatus | undefined;
  since: Date | undefined;
  search: string | undefined;
}

function select(app: Intermission, { domain, action, status, since, search }: Selection) {
  let query = app.logs.filter({});
  if (domain !== undefined) query = query.forDomain(domain);
  if (action !== undefined) query = query.byAction(action);
  if (status !== undefined) query = query.filter({ status });
  if (since !== undefined) query = query.since(since);
  if (search !== undefined) query = query.search(search);
  return query;
}

function columns({ colors, now, width }: View): Column<LogRow>[] {
  const narrow = isNarrow(width);
  const all: Column<LogRow>[] = [
    { header: 'Log', value: ({ id }) => String(id), align: 'right' },
    {
      header: 'Time',
      value: ({ createdAt }) => (narrow ? formatRelative(createdAt, now) : formatTime(createdAt)),
    },
    { header: 'Site', value: ({ site }) => site ?? '', shrink: true },
    { header: 'Action', value: ({ action }) => action },
    {
      header: 'Status',
      value: ({ status }) => status,
      style: (text, { status }) => statusColor(status, colors)(text),
    },
    { header: 'Took', value: ({ durationSeconds }) => secondsText(durationSeconds), align: 'right' },
    { header: 'By', value: ({ actor }) => actor, shrink: true },
    {
      header: 'Why',
      value: ({ reason, errorCode }) => (errorCode === null ? reason : `${errorCode}; ${reason}`),
      shrink: true,
    },
  ];
  return all.filter(({ header }) => !narrow || !['Took', 'By'].includes(header));
}
