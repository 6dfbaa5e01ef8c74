import { parseDomain } from '../../../domain/domain-name.ts';
import { type IntermissionError, isIntermissionError } from '../../../errors.ts';
import { CloudflareApiKeyRepository } from '../../../persistence/repositories/cloudflare-api-key-repository.ts';
import { CloudflareSiteRepository } from '../../../persistence/repositories/cloudflare-site-repository.ts';
import type { ChangeOptions } from '../../change.ts';
import { type ImportContext, importSites } from './import-sites.ts';
import { importWindows, type WindowPlan } from './import-windows.ts';
import type { KeyEntry, MovingFile } from './moving-file.ts';
import type { EntryChanges, EntryPlan } from './plan-entry.ts';
import { readMovingFile } from './read-moving-file.ts';

export interface ImportOptions extends ChangeOptions {
  /** Name of the key that new sites use instead of the one in the file; an empty text for the default key. */
  apiKey?: string | undefined;
}

/** What became of one row of the file. */
export interface ImportedRow {
  /** The row of a CSV file, its header being row 1, or the position in a JSON list. */
  row: number;
  kind: 'site' | 'api_key' | 'window';
  /** Domain, name of the key, or title. */
  name: string;
  action: 'created' | 'updated' | 'unchanged' | 'skipped' | 'failed';
  changes: EntryChanges;
  /** The field that is wrong; null where it is the row, or nothing. */
  field: string | null;
  /** What the reader should know of it. */
  note: string | null;
  /** True: the other installation has left the site closed. */
  closedThere: boolean;
  error: IntermissionError | null;
}

export interface ImportResult {
  form: MovingFile['form'];
  rows: ImportedRow[];
  /** Columns and fields of the file that mean nothing here. */
  unknown: string[];
  /** True: the file holds API tokens in plain text. They were not read. */
  holdsTokens: boolean;
  /** Sites that are in maintenance here and were changed: `maintenance enable` applies that. */
  changedWhileClosed: string[];
}

/**
 * Takes over the sites of a file: our export, CSV, or a dump of the Django app. Cloudflare is not asked. Rows are
 * independent of each other; the same file a second time changes nothing.
 *
 * @throws IntermissionError `validation_failed` for a file that cannot be read as a whole, `not_found` for the key of
 *   the options
 */
export async function moveIn(
  context: ImportContext,
  bytes: Uint8Array,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const file = readMovingFile(bytes);
  const stored = new CloudflareApiKeyRepository(context.database.read(), context.now);
  if (options.apiKey) await stored.get({ name: options.apiKey });
  const names = new Set((await stored.all()).map(({ name }) => name));
  const plans = await importSites(context, withKey(file, options), options);
  const windows = await importWindows(
    context,
    file.windows,
    await knownDomains(context, file, plans),
    options,
  );
  return {
    form: file.form,
    unknown: file.unknown,
    holdsTokens: file.holdsTokens,
    rows: [...file.keys.map((key) => keyRow(key, names)), ...plans.map(siteRow), ...windows.map(windowRow)],
    changedWhileClosed: plans.flatMap((plan) =>
      plan.action === 'updated' && plan.site.maintenanceActive === true ? [plan.site.domain] : [],
    ),
  };
}

function withKey({ sites }: MovingFile, { apiKey }: ImportOptions): MovingFile['sites'] {
  if (apiKey === undefined) return sites;
  return sites.map((site) => ({ ...site, values: { ...site.values, apiKey } }));
}

/** The domains of windows that are sites here: as stored, and, in a dry run, as they would be. */
async function knownDomains(
  { database, now }: ImportContext,
  { windows }: MovingFile,
  plans: readonly EntryPlan[],
): Promise<Set<string>> {
  if (windows.length === 0) return new Set();
  const wanted = new Set(windows.flatMap(({ sites }) => sites.flatMap((domain) => domainIn(domain) ?? [])));
  const stored = new CloudflareSiteRepository(database.read(), now).filter({ domain: { $in: [...wanted] } });
  const made = plans.flatMap((plan) => (plan.action === 'created' ? [plan.entry.domain] : []));
  return new Set([...(await stored.all()).map(({ domain }) => domain), ...made]);
}

function domainIn(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : parseDomain(text);
  } catch (error) {
    if (isIntermissionError(error)) return undefined;
    throw error;
  }
}

const PLAIN = { changes: {}, field: null, note: null, closedThere: false, error: null } as const;

function siteRow(plan: EntryPlan): ImportedRow {
  if (plan.action === 'failed') {
    const { row, domain, field, error } = plan.problem;
    return { ...PLAIN, kind: 'site', row, name: domain ?? '', action: 'failed', field, error };
  }
  const { entry, action } = plan;
  const { row, domain, closedThere } = entry;
  const changes = action === 'updated' ? plan.changes : {};
  const note = action === 'created' ? null : plan.note;
  return { ...PLAIN, kind: 'site', row, name: domain, action, changes, note, closedThere };
}

function keyRow({ row, name }: KeyEntry, stored: ReadonlySet<string>): ImportedRow {
  const known = stored.has(name);
  const note = known ? null : 'tokens are not taken over: store it with `intermission api-key add`';
  return { ...PLAIN, kind: 'api_key', row, name, action: known ? 'unchanged' : 'skipped', note };
}

function windowRow({ row, title, action, note, error }: WindowPlan): ImportedRow {
  return { ...PLAIN, kind: 'window', row, name: title, action, note, error };
}
