import type { Intermission } from '../../intermission.ts';
import { type CommandResult, defineCommand } from '../command.ts';
import { commaList, flag, oneOf, option, wholeNumber } from '../parameters.ts';
import { optionalDomainArgument } from '../site-selection.ts';
import { WINDOW_STATUS_WORDS } from '../window-options.ts';
import { toWindowRow, type WindowRow } from '../window-row.ts';
import { windowTable } from '../window-view.ts';

const DEFAULT_LIMIT = 50;
const parseStatus = oneOf(WINDOW_STATUS_WORDS);

export const command = defineCommand({
  arguments: { domain: optionalDomainArgument },
  options: {
    status: option('--status <list>', `Only ${WINDOW_STATUS_WORDS.join(', ')}`, (text) =>
      commaList(text).map(parseStatus),
    ),
    all: flag('--all', 'Also what has ended'),
    search: option('--search <text>', 'Only with the text in title or description'),
    limit: option('--limit <number>', `At most so many (default ${DEFAULT_LIMIT})`, wholeNumber(1, 100_000)),
  },
  examples: [
    { command: 'schedule list', does: 'What is planned or active, by start' },
    { command: 'schedule list example.com --all', does: 'Everything about one site' },
    { command: 'schedule list --status failed', does: 'What did not work' },
  ],
  async run(context, { arguments: { domain }, options }): Promise<CommandResult<WindowRow>> {
    const { status, all, search, limit = DEFAULT_LIMIT } = options;
    const app = await context.openApp();
    let query: Intermission['windows'] = app.windows;
    if (domain !== undefined) query = query.forSite(await app.sites.get({ domain }));
    if (status !== undefined) query = query.byStatus(...status);
    else if (!all) query = query.byStatus('scheduled', 'active');
    if (search !== undefined) query = query.search(search);
    const windows = await query.withSites().limit(limit).all();
    const total = windows.length < limit ? windows.length : await query.count();
    const results = windows.map((window) => toWindowRow(window, context.now()));
    return { summary: { total, shown: results.length }, results };
  },
  render: ({ summary = {}, results = [] }, view) => {
    if (results.length === 0) return 'No windows.\n';
    const rest = Number(summary['total']) - results.length;
    const more = rest > 0 ? view.colors.dim(`${rest} more; see them with --limit.\n`) : '';
    return windowTable(results, view) + more;
  },
});
