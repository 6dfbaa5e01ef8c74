import { readServerTime } from '../cloudflare/server-time.ts';
import type { Config } from '../config/load-config.ts';
import type { CloudflareApiKey } from '../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import { extendError, isIntermissionError } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import { clockFinding } from './check-records.ts';
import { checkRules } from './check-rules.ts';
import { attempt, count, type Finding, finding, names } from './finding.ts';

const SOON_MS = 30 * 86_400_000;

interface Circumstances {
  config: Config;
  now: () => Date;
  signal: AbortSignal;
}

/** Everything that needs Cloudflare. Nothing is asked before there is a token to work with. */
export async function checkCloudflare(app: Intermission, about: Circumstances): Promise<Finding[]> {
  const { config, now, signal } = about;
  const keys = await app.apiKeys.all();
  const active = keys.filter(({ isActive }) => isActive);
  const sites = await app.sites.query().withApiKey().all();
  const hasToken = active.length > 0 || config.cloudflareApiToken !== undefined;
  const records = [...keyless(sites, active, hasToken), ...unused(keys, sites)];
  if (!hasToken) return [...records, noKey()];
  const clock = await attempt('Cloudflare', async () => {
    const theirs = await readServerTime(config.cloudflareBaseUrl, { signal });
    return [clockFinding('Cloudflare', theirs.getTime() - now().getTime())];
  });
  if (clock.some(({ level }) => level === 'broken')) return [...records, ...clock];
  const verified = active.length > 0 ? active.map(({ name }) => name) : ['env'];
  const tokens: Finding[] = [];
  for (const name of verified) tokens.push(...(await checkKey(app, name, { now: now(), sites, keys })));
  return [...records, ...clock, ...tokens, ...(await checkRules(app, sites, signal))];
}

/** Asks about one token, and for the zones it sees: a site of it whose zone is missing there can no longer be switched. */
function checkKey(
  app: Intermission,
  name: string,
  { now, sites, keys }: { now: Date; sites: readonly CloudflareSite[]; keys: readonly CloudflareApiKey[] },
): Promise<Finding[]> {
  const label = name === 'env' ? 'CLOUDFLARE_API_TOKEN' : `"${name}"`;
  return attempt('API key', async () => {
    const { status, kind, expiresOn } = await app.verifyToken(name).catch((error: unknown) => {
      throw isIntermissionError(error)
        ? extendError(error, { message: `${label}: ${error.message}` })
        : error;
    });
    const replace = 'Make a new token at Cloudflare and store it: intermission api-key add';
    if (status !== 'active') return [finding('API key', 'broken', `${label} is ${status}.`, replace)];
    const found: Finding[] = [];
    if (kind === 'account')
      found.push(
        finding(
          'API key',
          'warning',
          `${label} belongs to an account: page rules refuse it, its sites are closed by redirect rules.`,
          'It needs Dynamic URL Redirects Write on their zones.',
        ),
      );
    const ends = expiresOn === undefined ? undefined : Date.parse(expiresOn) - now.getTime();
    if (ends !== undefined && ends < SOON_MS)
      found.push(finding('API key', 'warning', `${label} expires on ${expiresOn}.`, replace));
    const zones = await (await app.siteSync(name)).discoverZones();
    found.push(...vanished(label, new Set(zones.map(({ id }) => id)), sitesOf(name, sites, keys)));
    return [finding('API key', 'ok', `${label} works and sees ${count(zones.length, 'zone')}.`), ...found];
  });
}

function sitesOf(name: string, sites: readonly CloudflareSite[], keys: readonly CloudflareApiKey[]) {
  const key = keys.find((each) => each.name === name);
  return sites.filter(({ apiKey }) =>
    apiKey == null ? key === undefined || key.isDefault : apiKey.id === key?.id,
  );
}

function vanished(label: string, zoneIds: ReadonlySet<string>, sites: readonly CloudflareSite[]): Finding[] {
  const gone = sites.filter(({ zoneId }) => zoneId != null && !zoneIds.has(zoneId));
  if (gone.length === 0) return [];
  const level = gone.some(({ maintenanceActive }) => maintenanceActive) ? 'broken' : 'warning';
  const message = `${label} no longer sees the zone of ${names(gone.map(({ domain }) => domain))}.`;
  const hint =
    'Give the token Zone Read there or the site another key; if the zone is gone: maintenance disable, then site remove.';
  return [finding('Zones', level, message, hint)];
}

function keyless(
  sites: readonly CloudflareSite[],
  active: readonly CloudflareApiKey[],
  hasToken: boolean,
): Finding[] {
  const without = sites.filter(({ apiKey }) => apiKey == null);
  if (without.length === 0 || hasToken || active.some(({ isDefault }) => isDefault)) return [];
  const message = `There is no default API key, and ${count(without.length, 'site')} need it: ${names(without.map(({ domain }) => domain))}.`;
  return [finding('API key', 'broken', message, 'Store one: intermission api-key add NAME --token-stdin')];
}

function unused(keys: readonly CloudflareApiKey[], sites: readonly CloudflareSite[]): Finding[] {
  return keys
    .filter(({ isActive }) => !isActive)
    .flatMap(({ id, name }) => {
      const own = sites.filter(({ apiKey }) => apiKey?.id === id).map(({ domain }) => domain);
      if (own.length === 0) return [];
      const hint = `intermission api-key activate ${JSON.stringify(name)}`;
      return [
        finding('API key', 'warning', `"${name}" is inactive, and ${names(own)} cannot be closed.`, hint),
      ];
    });
}

/** There is nothing to ask Cloudflare with, and nothing to ask it about. */
export function noKey(): Finding {
  return finding(
    'Cloudflare',
    'ok',
    'Not asked: no API key is stored yet.',
    'Store one: intermission api-key add NAME --token-stdin',
  );
}
