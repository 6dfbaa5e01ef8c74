import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import type { Drift } from '../domain/drift.ts';
import type { Intermission } from '../intermission.ts';
import type { LiveStatus } from '../services/maintenance/live-status.ts';
import { quotaFindings } from './check-quota.ts';
import { count, type Finding, finding, names } from './finding.ts';

/** So many zones are read; of more, only those with a site that is closed or has rules on record. */
const ZONES = 100;

/** Compares the rules at Cloudflare with what is intended, and counts them. One read of each kind per zone. */
export async function checkRules(
  app: Intermission,
  sites: readonly CloudflareSite[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const zones = new Set(sites.map(({ zoneId }) => zoneId));
  const asked = zones.size <= ZONES ? sites : sites.filter(isRecorded);
  const statuses = await app.getLiveStatuses(asked, { signal });
  const found = [...unread(statuses), ...statuses.flatMap(findingsOf)];
  const fine = statuses.filter(({ differs, error }) => !differs && error === null).length;
  const left = sites.length - asked.length;
  return [
    ...(fine > 0 ? [finding('Rules', 'ok', `Those of ${count(fine, 'site')} are as intended.`)] : []),
    ...found,
    ...(left > 0 ? [notLookedAt(left)] : []),
    ...quotaFindings(sites, statuses),
  ];
}

/** Sites that one and the same reason keeps from being looked at are one finding. */
function unread(statuses: readonly LiveStatus[]): Finding[] {
  const failed = statuses.filter(({ error }) => error !== null);
  // "No more calls until" names a moment, and each site another one.
  const reasonOf = ({ error }: LiveStatus) => error?.message.replaceAll(/\d{4}-[\dT:.-]+Z/g, '');
  return [...Map.groupBy(failed, reasonOf).values()].map((of) => {
    const level = of.some(({ maintenanceActive }) => maintenanceActive) ? 'broken' : 'warning';
    const whose = names(of.map(({ domain }) => domain));
    return finding('Rules', level, `${whose}: ${of[0]?.error?.message}`, of[0]?.error?.hint);
  });
}

function findingsOf(status: LiveStatus): Finding[] {
  const { domain, drift, doubtful, differs } = status;
  const hint = `See: intermission maintenance status ${domain} --live`;
  const kinds = [...new Set(drift.map(({ kind }) => kind.replaceAll('_', ' ')))].join(', ');
  const doubts = doubtful.map(({ pattern, url, knownPage }) => {
    const page = knownPage ? ', a maintenance page in use here' : '';
    const message = `${domain} has a redirect of unknown origin: ${pattern} → ${url}${page}.`;
    return finding('Rules', 'warning', message, hint);
  });
  // Without drift of its own, a site that differs has a redirect of unknown origin or was interrupted: both are said.
  if (!differs || kinds === '') return doubts;
  const message = `${domain} is not at Cloudflare as intended: ${kinds}${winners(drift)}.`;
  return [finding('Rules', 'broken', message, hint), ...doubts];
}

/** The rules that win over ours, by name. */
function winners(drift: readonly Drift[]): string {
  const named = drift.flatMap(({ kind, by }) =>
    kind === 'outranked' && by !== null ? [`${by.pattern}${by.url === null ? '' : ` → ${by.url}`}`] : [],
  );
  return named.length === 0 ? '' : ` by ${names([...new Set(named)])}`;
}

function isRecorded({ maintenanceActive, edgeState }: CloudflareSite): boolean {
  return maintenanceActive === true || edgeState != null;
}

function notLookedAt(left: number): Finding {
  const message = `Those of ${count(left, 'open site')} were not looked at.`;
  return finding('Rules', 'ok', message, 'For all: intermission maintenance status --all --live');
}
