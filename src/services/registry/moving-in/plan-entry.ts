import { type Brand, describeBrand, readBrand } from '../../../domain/brand.ts';
import type { CloudflareSite } from '../../../domain/cloudflare-site.ts';
import type { Coverage } from '../../../domain/coverage.ts';
import { IntermissionError, isIntermissionError, type JsonValue } from '../../../errors.ts';
import { assertCanBeClosed, type Closable } from '../site-checks.ts';
import { auditedSite, defaultName } from '../site-input.ts';
import type { EntryProblem, ParsedEntry } from './parse-entry.ts';

/** A field before and after. */
export type EntryChanges = { [field: string]: { from: JsonValue; to: JsonValue } };

/** What is done about one row. */
export type EntryPlan =
  | { action: 'created'; entry: ParsedEntry; data: NewSiteData }
  | {
      action: 'updated';
      entry: ParsedEntry;
      site: CloudflareSite;
      changes: EntryChanges;
      note: string | null;
    }
  | { action: 'unchanged'; entry: ParsedEntry; site: CloudflareSite; note: string | null }
  | { action: 'failed'; problem: EntryProblem };

type NewSiteData = ParsedEntry['fields'] & { name: string; domain: string; apiKey: number | null };

export interface KnownThings {
  /** The site of that domain, as it is stored. */
  site: CloudflareSite | undefined;
  /** The other sites of its zone, as they are stored or will be after the rows before. */
  neighbours: readonly Coverage[];
  /** Ids of the stored keys by name. */
  keys: ReadonlyMap<string, number>;
}

/**
 * Pure: what a row of the file means for the sites that are stored. It states what belongs to the user; the zone, the
 * key and the state of a site that is stored stay as they are.
 */
export function planEntry(entry: ParsedEntry, { site, neighbours, keys }: KnownThings): EntryPlan {
  try {
    return site === undefined ? planCreation(entry, keys) : planUpdate(entry, site, neighbours);
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const field =
      error.code === 'not_found' ? 'apiKey' : error.code === 'redirect_loop' ? 'maintenanceUrl' : null;
    return { action: 'failed', problem: { row: entry.row, domain: entry.domain, field, error } };
  }
}

function planCreation(entry: ParsedEntry, keys: KnownThings['keys']): EntryPlan {
  const { domain, fields, apiKey } = entry;
  const id = apiKey === undefined ? null : keys.get(apiKey);
  if (id === undefined) throw noKey(apiKey ?? '');
  assertCanBeClosed({ ...EMPTY, ...fields, domain }, []);
  return { action: 'created', entry, data: { name: defaultName(domain), ...fields, domain, apiKey: id } };
}

/** What a site has that says nothing else. */
const EMPTY = { includeSubdomains: true, subdomainList: '', openPaths: [], bypassIps: [] };

function planUpdate(entry: ParsedEntry, site: CloudflareSite, neighbours: readonly Coverage[]): EntryPlan {
  const changes = changesOf(site, entry.fields);
  const note = keyNote(entry, site);
  if (Object.keys(changes).length === 0) return { action: 'unchanged', entry, site, note };
  assertCanBeClosed(closable(site, entry.fields), neighbours);
  return { action: 'updated', entry, site, changes, note };
}

/** What of a site as it is stored decides how it is closed, as it would be with these fields. */
export function closable(site: CloudflareSite, fields: ParsedEntry['fields'] = {}): Closable {
  const { domain, zoneName, includeSubdomains, subdomainList, maintenanceUrl, engine, openPaths, bypassIps } =
    site;
  const stored = {
    domain,
    zoneName,
    includeSubdomains,
    subdomainList,
    maintenanceUrl,
    engine,
    openPaths,
    bypassIps,
  };
  return { ...stored, ...fields };
}

function changesOf(site: CloudflareSite, fields: ParsedEntry['fields']): EntryChanges {
  const stored: { [field: string]: unknown } = { ...auditedSite(site), brand: readBrand(site.brand) };
  const changed = Object.entries(fields).filter(
    ([field, value]) => comparable(stored[field]) !== comparable(value),
  );
  return Object.fromEntries(
    changed.map(([field, to]) => [field, { from: shown(stored[field]), to: shown(to) }]),
  );
}

/** PostgreSQL reorders the keys of an object. */
function comparable(value: unknown): string {
  return JSON.stringify(isObject(value) ? Object.entries(value).sort() : value);
}

/** The brand is the one object; a logo is shown by its type and size. */
function shown(value: unknown): JsonValue {
  return isObject(value) ? describeBrand(value as Brand) : ((value ?? null) as JsonValue);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Another key is checked with Cloudflare, and the one that has closed a site must be able to reopen it. */
function keyNote({ apiKey }: ParsedEntry, site: CloudflareSite): string | null {
  const current = site.apiKey?.name ?? null;
  if (apiKey === undefined || apiKey === current) return null;
  const keeps = current === null ? 'the default key' : `the key "${current}"`;
  return `keeps ${keeps}; to change it: intermission site edit ${site.domain} --api-key ${JSON.stringify(apiKey)}`;
}

function noKey(name: string): IntermissionError {
  return new IntermissionError('not_found', `There is no API key "${name}" here.`, {
    hint: `Store its token first: intermission api-key add ${JSON.stringify(name)} --token-stdin. Or let new sites use another key with --api-key NAME.`,
  });
}
