import type { KeyEntry, MovingFile, SiteEntry, WindowEntry } from './moving-file.ts';
import { siteValuesOf } from './moving-file.ts';

/** One object as Django's `dumpdata` writes it. */
interface DumpObject {
  model: string;
  pk: unknown;
  fields: Record<string, unknown>;
  row: number;
}

/** True for a list of objects of Django, of whatever app. */
export function isDump(document: unknown): document is unknown[] {
  return (
    Array.isArray(document) &&
    document.length > 0 &&
    document.every((item) => toDumpObject(item, 0) !== undefined)
  );
}

/**
 * Sites, names of keys and windows in a `dumpdata` of the Django app. The models are known by their names: the label of
 * the app has changed between its versions. Everything else in the dump is passed over. Tokens are not read.
 */
export function readDump(document: readonly unknown[]): MovingFile {
  const objects = document.flatMap((item, index) => toDumpObject(item, index + 1) ?? []);
  const of = (model: string) => objects.filter((each) => each.model === model);
  const keys = of('cloudflareapikey');
  const sites = of('cloudflaresite');
  const keyNames = new Map(keys.map(({ pk, fields }) => [String(pk), fields['name']]));
  const domains = new Map(sites.map(({ pk, fields }) => [String(pk), String(fields['domain'])]));
  return {
    form: 'django',
    sites: sites.map((site) => siteEntry(site, keyNames)),
    keys: keys.map(({ row, fields }): KeyEntry => ({ row, name: String(fields['name'] ?? '').trim() })),
    windows: of('scheduledmaintenance').map((window) => windowEntry(window, domains)),
    unknown: [],
    holdsTokens: keys.some(({ fields }) => Boolean(fields['api_token'])),
  };
}

function siteEntry({ row, fields }: DumpObject, keyNames: ReadonlyMap<string, unknown>): SiteEntry {
  const { api_key: key, ...own } = fields;
  const apiKey = key == null ? undefined : (keyNames.get(String(key)) ?? key);
  return { row, values: { ...siteValuesOf(own), ...(apiKey !== undefined && { apiKey }) } };
}

function windowEntry({ row, fields }: DumpObject, domains: ReadonlyMap<string, string>): WindowEntry {
  const sites = Array.isArray(fields['sites']) ? fields['sites'] : [];
  return { row, values: fields, sites: sites.map((pk) => domains.get(String(pk))) };
}

function toDumpObject(item: unknown, row: number): DumpObject | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const { model, pk, fields } = item as { model?: unknown; pk?: unknown; fields?: unknown };
  if (typeof model !== 'string' || typeof fields !== 'object' || fields === null) return undefined;
  const name = model.slice(model.lastIndexOf('.') + 1).toLowerCase();
  return { model: name, pk, fields: fields as Record<string, unknown>, row };
}
