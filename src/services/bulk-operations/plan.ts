import { groupByKey } from './by-key.ts';
import { estimateKey } from './capacity.ts';
import type { Job, Prepared } from './prepare.ts';
import type { BulkPlan, BulkWarning, KeyPlan } from './types.ts';

/** Up to so many calls are made without asking first how much of the budget is left. */
const SMALL = 50;

/**
 * Asks Cloudflare for one zone of each key that has much to do and has not been used yet: its reply tells how much of
 * the budget is left.
 */
export async function soundOut(jobs: readonly Job[]): Promise<void> {
  const asked = groupByKey(jobs).map(async (ofKey) => {
    const [{ connection, site }] = ofKey;
    const isNeeded = !connection.budget.room().isKnown && countCalls(ofKey) > SMALL;
    if (!isNeeded || site.zoneId == null) return;
    // Whatever is wrong, the sites will tell.
    await connection.getZone(site.zoneId).catch(() => undefined);
  });
  await Promise.all(asked);
}

/** Pure: what is about to be done. */
export function planOf(operation: BulkPlan['operation'], prepared: Prepared, now: Date): BulkPlan {
  const { jobs, total, skipped, refused } = prepared;
  const keys = groupByKey(jobs).map((ofKey) => keyPlanOf(ofKey, now));
  return {
    operation,
    total,
    sites: jobs.map(({ site, connection, calls }) => ({
      domain: site.domain,
      siteId: site.id,
      apiKey: connection.apiKeyName,
      calls,
    })),
    skipped,
    refused,
    calls: countCalls(jobs),
    seconds: Math.max(0, ...keys.map(({ seconds }) => seconds)),
    keys,
    warnings: [...warningsOf(prepared), ...keys.flatMap(pauseWarning)],
  };
}

function keyPlanOf(jobs: readonly [Job, ...Job[]], now: Date): KeyPlan {
  const [{ connection }] = jobs;
  const about = { apiKey: connection.apiKeyName, sites: jobs.length, calls: countCalls(jobs) };
  return estimateKey(about, connection.budget.room(), now);
}

function countCalls(jobs: readonly Job[]): number {
  return jobs.reduce((sum, { calls }) => sum + calls, 0);
}

/** A site that stays open on purpose, though it was asked for, is worth a word. */
function warningsOf({ skipped }: Prepared): BulkWarning[] {
  return skipped.flatMap((site) => {
    const { code, message } = site.skipped ?? { code: '', message: '' };
    return code === 'hosts_page' || code === 'our_address' ? [{ code, message }] : [];
  });
}

function pauseWarning({ apiKey, calls, room, pausesUntil }: KeyPlan): BulkWarning[] {
  if (pausesUntil === null) return [];
  const left = room === null ? 'more than one window of the limit' : `${room} may be made now`;
  return [
    {
      code: 'pauses',
      message: `The API key "${apiKey}" needs ${calls} calls; ${left}. The rest waits until ${pausesUntil.toISOString()} and goes on by itself.`,
    },
  ];
}
