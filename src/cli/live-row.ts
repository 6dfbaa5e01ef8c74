import type { DoubtfulRule, Drift, SiteCondition } from '../domain/drift.ts';
import type { Intermission } from '../intermission.ts';
import type { LiveStatus } from '../services/maintenance/live-status.ts';
import type { ErrorDocument } from './command.ts';
import { toErrorDocument } from './errors.ts';
import { type SiteStateRow, stateRow } from './site-state.ts';

/** What a site shall be, what Cloudflare has, and where the two differ. */
export interface LiveRow extends SiteStateRow {
  configured: SiteCondition;
  observed: SiteCondition;
  /** What was seen of each host; empty when it was not looked at. */
  hosts: LiveStatus['hosts'];
  /** True when somebody should look at it. */
  differs: boolean;
  drift: Drift[];
  doubtful: DoubtfulRule[];
  notes: LiveStatus['notes'];
  /** Why the zone could not be read. */
  error: ErrorDocument | null;
}

/** Rows of these sites, in their order; the rules of each of their zones are read once. */
export async function liveRows(
  app: Intermission,
  sites: Parameters<Intermission['getLiveStatuses']>[0],
  options: { signal: AbortSignal; observe: boolean },
): Promise<LiveRow[]> {
  return (await app.getLiveStatuses(sites, options)).map(liveRow);
}

/** The row of one site. */
export function liveRow(status: LiveStatus): LiveRow {
  const { configured, observed, hosts, differs, drift, doubtful, notes, error } = status;
  return {
    ...stateRow(status),
    configured,
    observed,
    hosts,
    differs,
    drift: drift.map(asSent),
    doubtful: doubtful.map((rule) => ({ ...rule, url: plain(rule.url) })),
    notes,
    error: error === null ? null : toErrorDocument(error),
  };
}

/** Addresses as visitors are sent to them, without the escapes of Cloudflare's rules. */
function asSent(drift: Drift): Drift {
  const { found, by } = drift;
  return {
    ...drift,
    url: plain(drift.url),
    found: found === null ? null : { ...found, url: plain(found.url) },
    by: by === null ? null : { ...by, url: plain(by.url) },
  };
}

function plain(url: string | null): string | null {
  return url?.replaceAll('\\$', '$') ?? null;
}
