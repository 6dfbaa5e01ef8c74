import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { Intermission } from '../../intermission.ts';
import type { BulkSite } from '../../services/bulk-operations/types.ts';
import type { CommandContext } from '../command.ts';
import { toErrorDocument } from '../errors.ts';
import { type LiveRow, liveRow } from '../live-row.ts';
import { type SiteStateRow, siteStates } from '../site-state.ts';
import { follow } from './follow.ts';

/**
 * Rows of many sites, in their order. The rules of each of their zones are read once, paced by Cloudflare's limits.
 *
 * @throws IntermissionError `interrupted`
 */
export async function liveRowsOfMany(
  app: Intermission,
  sites: readonly CloudflareSite[],
  { observe }: { observe: boolean },
  context: CommandContext,
): Promise<LiveRow[]> {
  const { signal } = context;
  const total = sites.length;
  const run = app.bulk.sites(sites).checkStatus({ observe, signal });
  const { successful, failed } = await follow(
    run,
    { doing: { now: 'Reading the rules of' }, total },
    context,
  );
  signal.throwIfAborted();
  const found = new Map([...successful, ...failed].map((site) => [site.domain, site]));
  const states = await siteStates(app, sites);
  return states.flatMap((state) => {
    const site = found.get(state.site);
    return site === undefined ? [] : rowOf(site, state);
  });
}

function rowOf({ status, error }: BulkSite, state: SiteStateRow): LiveRow {
  if (status !== null) return liveRow(status);
  return {
    ...state,
    configured: 'unknown',
    observed: 'unknown',
    hosts: [],
    differs: false,
    drift: [],
    doubtful: [],
    notes: [],
    error: error === null ? null : toErrorDocument(error),
  };
}
