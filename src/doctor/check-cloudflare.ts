import { readServerTime } from '../cloudflare/server-time.ts';
import type { Config } from '../config/load-config.ts';
import type { CloudflareApiKey } from '../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import type { Intermission } from '../intermission.ts';
import { ENVIRONMENT_KEY } from '../services/registry/key-ring.ts';
import { checkBudgets, checkKey } from './check-keys.ts';
import { clockFinding } from './check-records.ts';
import { checkRules } from './check-rules.ts';
import { attempt, count, type Finding, finding, names } from './finding.ts';

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
  const used = active.length > 0 ? active.map(({ name }) => name) : [ENVIRONMENT_KEY];
  const tokens: Finding[] = [];
  for (const name of used) tokens.push(...(await checkKey(app, name, { sites, keys })));
  const rules = await checkRules(app, sites, signal);
  // Last, so that it counts what was asked here.
  return [...records, ...clock, ...tokens, ...rules, ...(await checkBudgets(app, used))];
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
