import type { Intermission } from '../../../intermission.ts';
import { dashboard } from '../../contract/dashboard.ts';
import type { AdminApiOptions, ApiServer } from '../api-server.ts';
import { callBudgetOf } from '../rows/api-key-row.ts';
import { toLogRow } from '../rows/log-row.ts';
import { iso } from '../rows/site-row.ts';
import { toWindowRow } from '../rows/window-row.ts';
import { statsOf } from './logs.ts';
import { describe } from './sites.ts';

const CLOSED_SHOWN = 50;
const WINDOWS_SHOWN = 5;
const FAILURES_SHOWN = 10;
const STATS_DAYS = 30;

/** Everything that the first screen shows, in one answer. */
export function dashboardRoutes(server: ApiServer, { app }: AdminApiOptions): void {
  server.get(
    '/dashboard',
    { config: { access: 'viewer' }, schema: { response: { 200: dashboard } } },
    async () => {
      const closed = app.sites.query().withApiKey().inMaintenance();
      const [total, inMaintenance, shown, failures, stats, beat, windows, apiKeys] = await Promise.all([
        app.sites.count(),
        closed.count(),
        closed.orderBy('-lastMaintenanceAt').limit(CLOSED_SHOWN).all(),
        app.logs.failed().recent(1).limit(FAILURES_SHOWN).all(),
        statsOf(app, STATS_DAYS),
        app.heartbeat(),
        nextWindows(app),
        budgets(app),
      ]);
      return {
        sites: { total, inMaintenance },
        closed: await describe(app, shown),
        windows: windows.map(toWindowRow),
        failures: failures.map(toLogRow),
        stats,
        heartbeat: { isAlive: beat.isAlive, beatAt: iso(beat.beatAt), owner: beat.owner },
        apiKeys,
      };
    },
  );
}

async function nextWindows(app: Intermission) {
  const [running, next] = await Promise.all([
    app.windows.byStatus('active').limit(WINDOWS_SHOWN).all(),
    app.windows.byStatus('scheduled').limit(WINDOWS_SHOWN).all(),
  ]);
  return [...running, ...next];
}

async function budgets(app: Intermission) {
  const keys = await app.apiKeys.getActive();
  return Promise.all(
    keys.map(async (key) => {
      const budget = await callBudgetOf(app, key);
      return { name: key.name, callsLeft: budget?.remaining ?? null, resetsAt: iso(budget?.resetsAt) };
    }),
  );
}
