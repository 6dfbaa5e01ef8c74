import type { Intermission } from '../intermission.ts';
import { HeartbeatRepository } from '../persistence/repositories/heartbeat-repository.ts';
import { TICK_HEARTBEAT } from '../services/maintenance/reads.ts';
import { count, type Finding, finding, names } from './finding.ts';

const MINUTE = 60_000;
/** A tick runs every minute; so long after an end something must have gone wrong. */
const GRACE_MS = 2 * MINUTE;
const ALIVE_MS = 5 * MINUTE;
const SETTLE = 'Run: intermission process_scheduled_maintenance';

/** The zones as they were last seen, and the rules that could not be put back. */
export async function checkSites(app: Intermission): Promise<Finding[]> {
  const sites = await app.sites.all();
  const idle = sites.filter(
    ({ zonePaused, zoneStatus }) => zonePaused === true || (zoneStatus ?? 'active') !== 'active',
  );
  const closed = sites.filter(({ maintenanceActive }) => maintenanceActive);
  const found = [finding('Sites', 'ok', `${count(sites.length, 'site')}, ${closed.length} in maintenance.`)];
  if (idle.length > 0) {
    const message = `${count(idle.length, 'site')} in a zone that does not serve, as last seen: ${names(idle.map(({ domain }) => domain))}.`;
    const hint = 'Activate the zones at Cloudflare, then run: intermission sync_cloudflare';
    found.push(finding('Zones', 'warning', message, hint));
  }
  for (const { domain, edgeState } of sites) {
    const kept = edgeState?.unrestored.length ?? 0;
    if (kept === 0) continue;
    const message = `${domain} keeps ${count(kept, 'rule')} of yours that Cloudflare did not take back.`;
    const hint = `See intermission site show ${domain}, then: intermission site forget-unrestored ${domain}`;
    found.push(finding('Not put back', 'warning', message, hint));
  }
  return found;
}

/** What was interrupted, and what should have been reopened by now. */
export async function checkDue(app: Intermission, now: Date): Promise<Finding[]> {
  const { interrupted, ended } = await app.schedule.findDue();
  const late = ended.filter(({ expiresAt }) => now.getTime() - (expiresAt?.getTime() ?? 0) > GRACE_MS);
  const found = interrupted.map(({ id, action, domain }) =>
    finding(
      'Operations',
      'broken',
      `An ${action} of ${domain} was interrupted (log ${id}).`.replace('An disable', 'A disable'),
      SETTLE,
    ),
  );
  if (interrupted.length === 0) found.push(finding('Operations', 'ok', 'None was interrupted.'));
  if (late.length > 0) {
    const sites = [...new Set(late.map(({ site }) => site.domain))];
    found.push(
      finding('Ends', 'broken', `The end has come, and nothing has reopened: ${names(sites)}.`, SETTLE),
    );
  }
  return found;
}

/** Whether something runs that reopens sites by itself, where one has an end. */
export async function checkHeartbeat(app: Intermission, now: Date): Promise<Finding[]> {
  const em = app.database.read();
  const beat = await new HeartbeatRepository(em, () => now).find(TICK_HEARTBEAT);
  const statuses = await app.describeSites(await app.sites.inMaintenance().all());
  const ending = statuses.filter(({ until }) => until !== null).map(({ domain }) => domain);
  const age = beat === undefined ? undefined : now.getTime() - beat.beatAt.getTime();
  const last = beat === undefined ? 'has never run' : `ran last ${beat.beatAt.toISOString()} (${beat.owner})`;
  const message = `process_scheduled_maintenance ${last}`;
  if (age !== undefined && age <= ALIVE_MS) return [finding('Heartbeat', 'ok', `${message}.`)];
  const hint = 'Let cron run every minute: intermission process_scheduled_maintenance';
  return ending.length === 0
    ? [finding('Heartbeat', 'ok', `${message}; no site waits for it.`)]
    : [finding('Heartbeat', 'broken', `${message}; nothing will reopen ${names(ending)}.`, hint)];
}

/** The database's clock decides about locks, this machine's about ends. */
export async function checkDatabaseClock(app: Intermission, now: () => Date): Promise<Finding[]> {
  const theirs = await app.database.nowMs(app.database.read());
  return [clockFinding('the database', theirs - now().getTime())];
}

/** More than so many milliseconds between two clocks are worth knowing. */
const SKEW_MS = 30_000;

/** @param skewMs how far the other clock is ahead */
export function clockFinding(whose: string, skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= SKEW_MS) return finding('Clock', 'ok', `Agrees with that of ${whose}.`);
  const message = `This machine's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of ${whose}.`;
  return finding('Clock', 'warning', message, 'Set it by NTP: ends would come too early or too late.');
}
