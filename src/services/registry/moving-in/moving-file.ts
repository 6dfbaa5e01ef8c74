/** A site in a file, its values as they were found. */
export interface SiteEntry {
  /** For people: the row of a CSV file, the header being row 1, or the position in a JSON list. */
  row: number;
  /** By the names of {@link SITE_FIELDS}; what is undefined or missing is not stated. */
  values: Partial<Record<SiteField, unknown>>;
  /** Says that the row itself cannot be read. */
  problem?: string;
}

/** A planned window of the old app. */
export interface WindowEntry {
  row: number;
  values: Readonly<Record<string, unknown>>;
  /** Domains, as they were found; undefined for a site that is not in the file. */
  sites: readonly (string | undefined)[];
}

/** The name of an API key that sites of the file use. Tokens are never read. */
export interface KeyEntry {
  row: number;
  name: string;
}

/** What a file holds, whatever its form. */
export interface MovingFile {
  form: 'csv' | 'export' | 'django';
  sites: SiteEntry[];
  keys: KeyEntry[];
  windows: WindowEntry[];
  /** Columns or fields that mean nothing here. */
  unknown: string[];
  /** True: the file holds API tokens in plain text. */
  holdsTokens: boolean;
}

/** What a file may say of a site. */
export const SITE_FIELDS = [
  'domain',
  'name',
  'apiKey',
  'includeSubdomains',
  'subdomainList',
  'maintenanceUrl',
  'engine',
  'openPaths',
  'bypassIps',
  'brand',
  'isActive',
  'maintenanceActive',
] as const;
export type SiteField = (typeof SITE_FIELDS)[number];

/** Known, and left out on purpose: Cloudflare's own, or a record of the installation the file comes from. */
const LEFT_OUT = [
  ...['id', 'zoneId', 'zoneName', 'accountId', 'zoneStatus', 'zonePaused', 'zonePlan', 'pageRuleQuota'],
  ...['zoneCheckedAt', 'lastMaintenanceAt', 'createdAt', 'updatedAt', 'version', 'apiKeyId'],
];

const FIELD_OF = new Map<string, SiteField>([
  ...SITE_FIELDS.map((field) => [field.toLowerCase(), field] as const),
  ['site', 'domain'],
]);
const KNOWN = new Set([...FIELD_OF.keys(), ...LEFT_OUT.map((field) => field.toLowerCase())]);

/** `include_subdomains`, `includeSubdomains` and `Include Subdomains` are the same field. */
export function siteFieldOf(name: string): SiteField | undefined {
  return FIELD_OF.get(simplify(name));
}

/** Whether somebody may have expected it to have an effect. */
export function isUnknownField(name: string): boolean {
  return !KNOWN.has(simplify(name));
}

/** The values of an object whose keys are names of fields. */
export function siteValuesOf(object: Readonly<Record<string, unknown>>): SiteEntry['values'] {
  const known = Object.entries(object).flatMap(([name, value]) => {
    const field = siteFieldOf(name);
    return field === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(known);
}

function simplify(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}
