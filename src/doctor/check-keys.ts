import { RESERVE } from '../cloudflare/rate-budget.ts';
import type { CloudflareApiKey } from '../domain/cloudflare-api-key.ts';
import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import { extendError, isIntermissionError } from '../errors.ts';
import type { Intermission } from '../intermission.ts';
import { ENVIRONMENT_KEY } from '../services/registry/key-ring.ts';
import type { TokenProblem } from '../services/registry/readable-rules.ts';
import type { TokenReport } from '../services/registry/token-check.ts';
import { attempt, count, type Finding, finding, names } from './finding.ts';

interface Records {
  sites: readonly CloudflareSite[];
  keys: readonly CloudflareApiKey[];
}

/** Asks what one token may do, and for the zones it sees: a site of it whose zone is missing there can no longer be switched. */
export function checkKey(app: Intermission, name: string, { sites, keys }: Records): Promise<Finding[]> {
  const label = labelOf(name);
  return attempt('API key', async () => {
    const report = await app.checkToken(name).catch((error: unknown) => {
      throw isIntermissionError(error)
        ? extendError(error, { message: `${label}: ${error.message}` })
        : error;
    });
    const problems = report.problems.map((problem) => problemFinding(label, problem, report));
    const own = sitesOf(name, sites, keys);
    if (report.zones === 0) return [...problems, ...vanished(label, new Set(), own)];
    const zones = await (await app.siteSync(name)).discoverZones();
    const ids = new Set(zones.map(({ id }) => id));
    return [
      finding('API key', 'ok', `${label} works and sees ${count(zones.length, 'zone')}.`),
      finding('Permissions', 'ok', `${label}: ${permissionsOf(report)}.`),
      ...problems,
      ...vanished(label, ids, own),
    ];
  });
}

/** How many calls each key has left, where that is known. */
export async function checkBudgets(app: Intermission, used: readonly string[]): Promise<Finding[]> {
  const budgets = used.map(async (name) => {
    try {
      const { remaining, resetsAt } = await app.callBudget(name);
      return remaining === undefined ? [] : [budgetFinding(labelOf(name), remaining, resetsAt)];
    } catch (error) {
      // That a key cannot be used has been told.
      if (isIntermissionError(error)) return [];
      throw error;
    }
  });
  return (await Promise.all(budgets)).flat();
}

function budgetFinding(label: string, remaining: number, resetsAt: Date | undefined): Finding {
  const until = resetsAt === undefined ? '' : ` until ${resetsAt.toISOString()}`;
  const message = `${label} has ${count(remaining, 'call')} left${until}.`;
  if (remaining > RESERVE) return finding('Calls', 'ok', message);
  const hint = `Closing waits until there are more: the last ${RESERVE} are kept for reopening.`;
  return finding('Calls', 'warning', message, hint);
}

function problemFinding(label: string, { code, message }: TokenProblem, report: TokenReport): Finding {
  const text = `${label}: ${message}`;
  const { kind, canReadRedirectRules } = report;
  switch (code) {
    case 'permission_missing': {
      // A site of a user's token may be closed by redirect rules as well.
      const isUsable = kind !== 'account' && canReadRedirectRules === 'yes';
      return finding('Permissions', isUsable ? 'warning' : 'broken', text, EDIT);
    }
    case 'no_zones':
      return finding('Permissions', 'warning', text, EDIT);
    case 'account_token':
      return finding(
        'Permissions',
        'warning',
        text,
        'Page rules need a token that is made under My Profile.',
      );
    case 'expires_soon':
      return finding(
        'API key',
        'warning',
        text,
        'Make a new token, and put it in its place: intermission api-key rotate',
      );
  }
}

const EDIT = 'Edit the token at dash.cloudflare.com, where it was made; it need not be stored again.';

/** Writing cannot be tried without harm: that is said, and nothing claimed. */
function permissionsOf({ kind, canReadPageRules, canReadRedirectRules }: TokenReport): string {
  const pages = kind === 'account' ? 'refused to accounts' : ANSWERS[canReadPageRules];
  return `page rules ${pages}, redirect rules ${ANSWERS[canReadRedirectRules]}, writing untested`;
}

const ANSWERS: Record<TokenReport['canReadPageRules'], string> = {
  yes: 'readable',
  no: 'not readable',
  unknown: 'not asked for, since no zone serves',
};

function labelOf(name: string): string {
  return name === ENVIRONMENT_KEY ? 'CLOUDFLARE_API_TOKEN' : `"${name}"`;
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
