import { IntermissionError } from '../../errors.ts';
import type { Intermission } from '../../intermission.ts';
import type { BulkSites } from '../../services/bulk-operations/bulk-sites.ts';
import type {
  BulkDisableOptions,
  BulkEnableOptions,
  BulkPlan,
  BulkResult,
} from '../../services/bulk-operations/types.ts';
import type { SiteStatus } from '../../services/maintenance/describe-sites.ts';
import type { CommandContext, CommandResult, Warning } from '../command.ts';
import { exitOfMany } from '../exit-codes.ts';
import type { SwitchAction } from '../operation-row.ts';
import type { ChosenSites } from '../site-selection.ts';
import { type Doing, follow } from './follow.ts';
import { isNotBegun, type ManyRow, manyRow, type RowContext } from './many-row.ts';
import { plannedRows, planSummary } from './planned.ts';
import { notePlanned } from './view.ts';

/** What is to be done to many sites. */
export interface ManyOrder {
  action: SwitchAction;
  chosen: ChosenSites;
  options: BulkEnableOptions & BulkDisableOptions;
  /** What speaks against the maintenance page. */
  warnings: readonly Warning[];
}

const DOING: Record<SwitchAction, Doing> = {
  enable: { now: 'Closing', done: 'closed' },
  disable: { now: 'Reopening', done: 'reopened' },
};

/**
 * Closes or reopens many sites. At a terminal it shows the plan and asks first; elsewhere sites that are not named need
 * `--yes`.
 */
export async function switchMany(
  app: Intermission,
  order: ManyOrder,
  context: CommandContext,
): Promise<CommandResult<ManyRow>> {
  const { action, chosen, options } = order;
  const { flags, prompts, signal } = context;
  const sites = app.bulk.sites([...chosen.sites, ...chosen.unknown.map(({ site }) => site)]);
  const before = await statesOf(app, chosen);
  const about = { action, chosen, signal, before };
  if (flags.dryRun) return planned(await sites.plan(action, options), order, about);
  if (prompts.interactive && !flags.yes) await ask(sites, order, about, context);
  else await prompts.confirm({ message: '', needsYes: chosen.by !== 'names' });
  signal.throwIfAborted();
  const run = action === 'enable' ? sites.enableMaintenance(options) : sites.disableMaintenance(options);
  const total = chosen.sites.length + chosen.unknown.length;
  const result = await follow(run, { doing: DOING[action], total }, context);
  const after = await statesOf(app, chosen).catch(() => before);
  return outcome(result, order, { ...about, after });
}

type About = Omit<RowContext, 'after'>;

async function ask(sites: BulkSites, order: ManyOrder, about: About, context: CommandContext): Promise<void> {
  const { action, options, chosen } = order;
  const plan = await sites.plan(action, options);
  notePlanned(planned(plan, order, about), context);
  const count = plan.sites.length;
  if (count === 0) return;
  const verb = action === 'enable' ? 'Close' : 'Reopen';
  const message = `${verb} ${count} ${count === 1 ? 'site' : 'sites'}?`;
  const typed = chosen.by === 'all' ? String(count) : undefined;
  await context.prompts.confirm(
    typed === undefined ? { message } : { message: `${message} Type their number to go on`, typed },
  );
}

function planned(plan: BulkPlan, { warnings, options }: ManyOrder, about: About): CommandResult<ManyRow> {
  const { hold, force = false } = options;
  const rows = inOrder(plannedRows(plan, { ...about, after: about.before, hold, force }), about);
  return {
    summary: planSummary(plan, rows),
    results: rows,
    warnings: [...warnings, ...plan.warnings.filter(isLasting)],
  };
}

function outcome(result: BulkResult, { warnings }: ManyOrder, about: RowContext): CommandResult<ManyRow> {
  const all = [...result.successful, ...result.failed, ...result.skipped];
  const rows = inOrder(
    all.map((site) => manyRow(site, about)),
    about,
  );
  const begun = rows.filter((row) => !isNotBegun(row));
  const failed = rows.filter(({ error }) => error !== null).length;
  const notBegun = rows.length - begun.length;
  const skipped = begun.filter((row) => row.outcome === 'skipped' && row.error === null).length;
  return {
    summary: {
      total: rows.length,
      changed: rows.filter(({ changed }) => changed).length,
      successful: begun.length - failed - skipped,
      failed,
      skipped,
      notBegun,
      calls: result.calls,
      durationSeconds: (result.completedAt.getTime() - result.startedAt.getTime()) / 1000,
    },
    results: rows,
    warnings: [...warnings, ...result.warnings.filter(isLasting)],
    exit: exitOfMany(begun.map(({ error }) => error?.code ?? null)),
    ...(result.stopped?.code === 'cancelled' && notBegun > 0 && { error: interrupted(notBegun, about) }),
  };
}

/** Pauses are told where they matter: with the plan, and while they last. */
function isLasting({ code }: Warning): boolean {
  return code !== 'pauses';
}

function interrupted(notBegun: number, { action }: About): IntermissionError {
  const message = `Interrupted by a signal: ${notBegun} ${notBegun === 1 ? 'site was' : 'sites were'} not begun and ${notBegun === 1 ? 'is' : 'are'} as before. What was in hand was finished.`;
  const done = action === 'enable' ? 'closed' : 'open';
  return new IntermissionError('interrupted', message, {
    hint: `Run the same command again to go on: what is ${done} already is not done twice.`,
  });
}

/** What our database says of the sites now. */
async function statesOf(app: Intermission, { sites }: ChosenSites): Promise<Map<string, SiteStatus>> {
  const states = new Map<string, SiteStatus>();
  for (let start = 0; start < sites.length; start += CHUNK) {
    const ids = sites.slice(start, start + CHUNK).map(({ id }) => id);
    const found = await app.sites.filter({ id: { $in: ids } }).all();
    for (const state of await app.describeSites(found)) states.set(state.domain, state);
  }
  return states;
}

/** Both databases limit how many values one query may name. */
const CHUNK = 1_000;

/** In the order in which the sites were chosen, unknown ones last. */
function inOrder(rows: readonly ManyRow[], { chosen }: About): ManyRow[] {
  const places = new Map(chosen.sites.map(({ domain }, index) => [domain, index]));
  const placeOf = ({ site }: ManyRow) => places.get(site) ?? places.size;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
}
