import { checkEnable, refreshZone } from './check-enable.ts';
import type { Dependencies } from './dependencies.ts';
import { endNotes } from './end-notes.ts';
import { neighbourNotes } from './neighbour-notes.ts';
import { identifyZone } from './operate.ts';
import { digestOf, type Preview } from './operation.ts';
import { needsReading, planRules, wantedAfter } from './plan-operation.ts';
import { findPending, loadSituation } from './records.ts';
import type { Request } from './request.ts';

/**
 * What an operation would do now. Reads Cloudflare; changes nothing there, takes no lock and repairs nothing.
 *
 * @throws IntermissionError whatever would refuse the operation
 */
export async function preview(deps: Dependencies, siteId: number, request: Request): Promise<Preview> {
  const { intent, existing } = request;
  const load = () => deps.database.transaction((em) => loadSituation(em, siteId, deps.clock.now()));
  const first = await load();
  const connection = await deps.connect(first.site, {
    allowInactiveKey: intent.kind === 'disable',
    engine: request.engine,
  });
  const zoneId = await identifyZone(deps, first.site, connection);
  const loaded = await load();
  const site = intent.kind === 'enable' ? await refreshZone(deps, loaded.site, connection) : loaded.site;
  const situation = { ...loaded, site };
  const wanted = wantedAfter(situation, intent, connection.engine, deps.settings.defaultUrl);
  if (intent.kind === 'enable') await checkEnable(deps, situation, wanted, { force: request.force });

  const read = await connection.engine.read(zoneId, { purpose: 'reopen' });
  const rules = planRules(connection.engine, situation, { target: wanted.target, read, existing });
  const restores = rules.changes.filter((change) => change.kind === 'restore').length;
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
      ...(await endNotes(deps, intent)),
      ...(await pendingNotes(deps, zoneId)),
    ],
    // Each restore looks at its rule first; afterwards the order is looked at once.
    calls:
      (needsReading(situation, wanted, existing) ? 1 : 0) +
      rules.changes.length +
      restores +
      Math.min(restores, 1),
    digest: digestOf(connection.engine.name, rules.changes),
  };
}

async function pendingNotes(deps: Dependencies, zoneId: string) {
  const rows = await findPending(deps.database.read(), zoneId);
  return rows.map((row) => ({
    code: 'pending_repair',
    message: `An interrupted ${row.action} of ${row.domain} (log ${row.id}) is put in order first, if its process is gone.`,
  }));
}
