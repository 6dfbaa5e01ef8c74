import type { RequiredEntityData, SqlEntityManager } from '@mikro-orm/sql';
import { CloudflareSite } from '../../../domain/cloudflare-site.ts';
import { ScheduledMaintenance } from '../../../domain/scheduled-maintenance.ts';
import { IntermissionError, isIntermissionError } from '../../../errors.ts';
import { ScheduledMaintenanceRepository } from '../../../persistence/repositories/scheduled-maintenance-repository.ts';
import { logEdit } from '../../audit.ts';
import { type ChangeOptions, LIBRARY } from '../../change.ts';
import type { ImportContext } from './import-sites.ts';
import type { WindowEntry } from './moving-file.ts';
import { type ParsedWindow, parseWindow } from './parse-window.ts';

/** What is done about one window. */
export interface WindowPlan {
  row: number;
  title: string;
  action: 'created' | 'unchanged' | 'skipped' | 'failed';
  /** Why it is skipped. */
  note: string | null;
  error: IntermissionError | null;
}

/**
 * Takes over the windows that have not begun; those of the past are history of the other installation. A window of the
 * same title, start and sites is the same one.
 *
 * @param domains those that are known once the sites of the file are
 */
export async function importWindows(
  context: ImportContext,
  entries: readonly WindowEntry[],
  domains: ReadonlySet<string>,
  options: ChangeOptions,
): Promise<WindowPlan[]> {
  const plans: WindowPlan[] = [];
  for (const entry of entries) plans.push(await importWindow(context, entry, domains, options));
  return plans;
}

async function importWindow(
  context: ImportContext,
  entry: WindowEntry,
  domains: ReadonlySet<string>,
  options: ChangeOptions,
): Promise<WindowPlan> {
  const { row } = entry;
  const title = String(entry.values['title'] ?? '').slice(0, 200);
  try {
    const window = parseWindow(entry);
    const note = reasonToSkip(window, context.now());
    if (note !== null) return { row, title, action: 'skipped', note, error: null };
    refuseUnknownSites(window, domains);
    const action = await store(context, window, options);
    return { row, title, action, note: null, error: null };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    return { row, title, action: 'failed', note: null, error };
  }
}

function reasonToSkip({ status, fields }: ParsedWindow, now: Date): string | null {
  if (status === 'active') return 'has begun: its sites are closed there, see docs/migration.md';
  if (status !== 'scheduled') return `is ${status}`;
  return fields.scheduledStart <= now ? 'should have begun already' : null;
}

function refuseUnknownSites({ domains }: ParsedWindow, known: ReadonlySet<string>): void {
  const missing = domains.filter((domain) => !known.has(domain));
  if (missing.length === 0) return;
  throw new IntermissionError('not_found', `No site here: ${missing.join(', ')}.`, {
    hint: 'See what is wrong with the rows of these sites, then import the file again.',
  });
}

function store(
  { database, now }: ImportContext,
  { fields, domains }: ParsedWindow,
  { dryRun = false, actor: by = LIBRARY }: ChangeOptions,
): Promise<'created' | 'unchanged'> {
  const isKnown = async (em: SqlEntityManager) => {
    const { title, scheduledStart } = fields;
    const windows = new ScheduledMaintenanceRepository(em, now).withSites().filter({ title, scheduledStart });
    return (await windows.all()).some(({ sites }) => isSame(sites.getItems(), domains));
  };
  if (dryRun) return isKnown(database.read()).then((known) => (known ? 'unchanged' : 'created'));
  return database.transaction(async (em) => {
    if (await isKnown(em)) return 'unchanged';
    const sites = await em.find(CloudflareSite, { domain: { $in: domains } });
    const times = { createdAt: now(), updatedAt: now() };
    const { scheduledStart: start, notifyBefore = 3_600 } = fields;
    const announceAt = notifyBefore > 0 ? new Date(start.getTime() - notifyBefore * 1000) : null;
    const data = { ...fields, ...times, announceAt, executionLog: [], sites };
    em.create(ScheduledMaintenance, data as RequiredEntityData<ScheduledMaintenance>);
    await em.flush();
    const { title, scheduledStart, scheduledEnd } = fields;
    const after = {
      title,
      start: scheduledStart.toISOString(),
      end: scheduledEnd.toISOString(),
      sites: domains,
    };
    await logEdit(em, now, { what: 'window', name: title, before: null, after, by });
    return 'created';
  });
}

function isSame(sites: readonly Pick<CloudflareSite, 'domain'>[], domains: readonly string[]): boolean {
  const wanted = new Set(domains);
  return sites.length === wanted.size && sites.every(({ domain }) => wanted.has(domain));
}
