import { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { applyZoneFacts } from '../../domain/zone-facts.ts';
import type { Change } from '../../engines/engine.ts';
import { checkEnable, needsRefresh } from './check-enable.ts';
import { choosePlan, wantedBy } from './choose-plan.ts';
import type { Dependencies } from './dependencies.ts';
import { endNotes } from './end-notes.ts';
import { findZoneOf } from './identify-zone.ts';
import { neighbourNotes } from './neighbour-notes.ts';
import { digestOf, type Preview } from './operation.ts';
import { needsReading } from './plan-operation.ts';
import type { Connection } from './ports.ts';
import { loadSituation, type Situation } from './records.ts';
import type { Request } from './request.ts';
import { shadowNotes } from './shadow-notes.ts';

/**
 * What an operation would do now. Reads Cloudflare; changes nothing, there or here; takes no lock and repairs nothing.
 *
 * @throws IntermissionError whatever would refuse the operation
 */
export async function preview(deps: Dependencies, siteId: number, request: Request): Promise<Preview> {
  const { intent } = request;
  const loaded = await deps.database.transaction((em) => loadSituation(em, siteId, deps.clock.now()));
  const connected = await deps.connect(loaded.site, {
    allowInactiveKey: intent.kind === 'disable',
    engine: request.engine,
  });
  const situation = await withZone(deps, loaded, connected, { isFresh: intent.kind === 'enable' });
  const { site } = situation;
  const zoneId = site.zoneId ?? '';
  const call = { purpose: 'reopen' as const };
  const question = { request, situation, zoneId, call, reads: true, defaultUrl: deps.settings.defaultUrl };
  if (intent.kind === 'enable') {
    await checkEnable(deps, situation, wantedBy(connected.engine, question), { force: request.force });
  }
  const { connection, wanted, rules } = await choosePlan(connected, question);
  return {
    domain: site.domain,
    action: intent.kind,
    engine: connection.engine.name,
    why: connection.why,
    url: wanted.url,
    until: wanted.until?.toISOString() ?? null,
    changes: rules.changes,
    notes: [
      ...rules.notes,
      ...neighbourNotes(situation, wanted),
      ...(await shadowNotes(connection, situation, wanted, { zoneId, call })),
      ...(await endNotes(deps, intent)),
      ...(await pendingNotes(deps, zoneId)),
    ],
    calls: (needsReading(situation, wanted, request.existing) ? 1 : 0) + countCalls(rules.changes),
    digest: digestOf(connection.engine.name, rules.changes),
  };
}

/** Each restore looks at its rule first; afterwards the order is looked at once. */
function countCalls(changes: readonly Change[]): number {
  const restores = changes.filter(({ kind }) => kind === 'restore').length;
  return changes.length + restores + Math.min(restores, 1);
}

/** The situation with the zone as Cloudflare says it now. What is only shown is not recorded. */
async function withZone(
  deps: Dependencies,
  situation: Situation,
  connection: Connection,
  { isFresh }: { isFresh: boolean },
): Promise<Situation> {
  const { site } = situation;
  const now = deps.clock.now();
  if (site.zoneId == null) {
    applyZoneFacts(site, await findZoneOf(site, connection), now);
    const where = { zoneId: site.zoneId ?? '', id: { $ne: site.id } };
    return { ...situation, neighbours: await deps.database.read().find(CloudflareSite, where) };
  }
  if (isFresh && needsRefresh(site, now)) applyZoneFacts(site, await connection.getZone(site.zoneId), now);
  return situation;
}

async function pendingNotes(deps: Dependencies, zoneId: string) {
  const rows = await deps.reads.pendingIn(zoneId);
  return rows.map((row) => ({
    code: 'pending_repair',
    message: `An interrupted ${row.action} of ${row.domain} (log ${row.id}) is put in order first, if its process is gone.`,
  }));
}
