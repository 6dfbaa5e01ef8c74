import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { IntermissionError, isIntermissionError } from '../../errors.ts';
import type { SiteZoneRepository } from '../../persistence/repositories/site-zone-repository.ts';
import { type FieldChanges, NO_CHANGES, type SyncedSite } from '../sync-result.ts';
import { differences, GONE, type KnownSite, mayHaveRules, type RecordedSite } from './plan-page.ts';
import { logChanges, refreshSites, rowOf } from './store-page.ts';
import { callOptions, inTransaction, type SyncRun } from './sync-run.ts';

/** What Cloudflare answers when it is asked for the zone of one site. */
export type ZoneAnswer =
  | { state: 'found'; zone: ZoneFacts }
  /** 404: there is no such zone. */
  | { state: 'gone' }
  /** 403, or the key sees no zone for the site: it may still be there. */
  | { state: 'unreachable'; error: IntermissionError };

/**
 * Asks for the zone of one site. Only Cloudflare's own 404 means that it is gone.
 *
 * @throws IntermissionError for every other answer, and when none comes
 */
export async function askForZone(
  run: SyncRun,
  { domain, zoneId }: Pick<KnownSite, 'domain' | 'zoneId'>,
): Promise<ZoneAnswer> {
  try {
    if (zoneId != null) return { state: 'found', zone: await run.source.getZone(zoneId, callOptions(run)) };
    const zone = await run.source.findZone(domain, callOptions(run));
    return zone === undefined
      ? { state: 'unreachable', error: noZone(run, domain) }
      : { state: 'found', zone };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    if (error.code === 'not_found' && error.details['what'] === 'zone') return { state: 'gone' };
    if (error.code === 'api_permission_denied') return { state: 'unreachable', error };
    throw error;
  }
}

/**
 * Makes one site agree with what Cloudflare has answered for its zone. A zone that is gone is replaced by
 * `successor`, one that has taken the name since; without one the site is deactivated, unless another key sees one. A closed site, and
 * one with an operation on it, stays active and where it is: everything that is done to several sites must still
 * reach it, to reopen it.
 */
export async function settleSite(
  run: SyncRun,
  siteId: number,
  answer: Exclude<ZoneAnswer, { state: 'unreachable' }>,
  successor?: ZoneFacts,
  otherKey?: string,
): Promise<SyncedSite | undefined> {
  return inTransaction(run, async (sites) => {
    const site = await sites.find(siteId);
    if (site === undefined) return undefined;
    const moves = answer.state === 'gone' && successor !== undefined && !mayHaveRules(site);
    const zone = answer.state === 'found' ? answer.zone : moves ? successor : undefined;
    if (zone === undefined) return retire(run, sites, site, otherKey);
    const [row] = await refreshSites(run, sites, [{ site, zone }]);
    return row;
  });
}

export function unreachableRow(site: RecordedSite, error: IntermissionError): SyncedSite {
  return { ...rowOf(site, site.zoneId ?? null), action: 'unreachable', reason: error.message, error };
}

async function retire(
  run: SyncRun,
  sites: SiteZoneRepository,
  site: KnownSite,
  otherKey: string | undefined,
): Promise<SyncedSite> {
  const isClosed = mayHaveRules(site);
  const changes = differences(site, {
    zoneStatus: GONE,
    ...(!isClosed && otherKey === undefined && { isActive: false }),
  });
  const isChanged = changes !== NO_CHANGES;
  const reason =
    otherKey === undefined
      ? 'Its zone is gone from Cloudflare.'
      : `Its zone is gone from Cloudflare; the API key ${otherKey} sees another of its name.`;
  if (isChanged) {
    await sites.update(site.id, { ...valuesOf(changes), zoneCheckedAt: run.startedAt });
    await logChanges(run, sites, [{ site, changes, reason }]);
  }
  if (isClosed) return { ...unreachableRow(site, goneWhileClosed(site)), changes };
  const action = 'isActive' in changes ? 'deactivated' : isChanged ? 'updated' : 'skipped';
  return { ...rowOf(site, site.zoneId ?? null), action, changes, reason };
}

function goneWhileClosed({ domain, isPending }: KnownSite): IntermissionError {
  if (isPending) {
    return new IntermissionError(
      'not_found',
      `The zone of ${domain} is gone from Cloudflare, while an operation on the site is running or was interrupted.`,
      {
        hint: 'If none is running, `intermission process_scheduled_maintenance` repairs what was interrupted.',
      },
    );
  }
  return new IntermissionError(
    'not_found',
    `The zone of ${domain} is gone from Cloudflare, and its rules with it. The site is in maintenance and stays as it is until it is reopened.`,
    { hint: `To release it: intermission maintenance disable ${domain}` },
  );
}

function valuesOf(changes: FieldChanges): { [field: string]: never } {
  return Object.fromEntries(Object.entries(changes).map(([field, { to }]) => [field, to as never]));
}

function noZone({ whose }: SyncRun, domain: string): IntermissionError {
  return new IntermissionError('not_found', `No zone for ${domain} is visible to ${whose}.`, {
    hint: 'Give its token Zone Read on the zone, or the site another key: intermission site edit DOMAIN --api-key NAME',
  });
}
