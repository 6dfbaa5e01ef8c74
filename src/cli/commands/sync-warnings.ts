import type { Intermission } from '../../intermission.ts';
import type { KeySync } from '../../services/site-sync/sync-keys.ts';
import type { SyncedSite } from '../../services/sync-result.ts';
import type { Warning } from '../command.ts';

/** What somebody should know of a sync that has succeeded. */
export async function syncWarnings(app: Intermission, outcomes: readonly KeySync[]): Promise<Warning[]> {
  const sites = outcomes.flatMap(({ result }) => result?.sites ?? []);
  return [
    ...sites.filter(({ action }) => action === 'conflict').map(conflict),
    ...siteWarnings(sites),
    ...outcomes.flatMap(({ apiKey, result }) => unchecked(apiKey, result?.unchecked ?? 0)),
    ...(await keyless(app, outcomes)),
  ];
}

/** What is said of sites whose zone cannot be read, or is there again. */
export function siteWarnings(sites: readonly SyncedSite[]): Warning[] {
  return [
    ...unreachable(sites.filter(({ action }) => action === 'unreachable')),
    ...sites.filter(({ changes }) => changes['zoneStatus']?.from === 'deleted').map(isBack),
  ];
}

function conflict({ domain, reason }: SyncedSite): Warning {
  return { code: 'zone_conflict', message: `${domain}: ${reason}` };
}

/** Sites that one and the same answer keeps from being read are one warning. */
function unreachable(sites: readonly SyncedSite[]): Warning[] {
  const byAnswer = Map.groupBy(sites, ({ error }) => error?.message.replaceAll(/[0-9a-f]{32}/g, '…') ?? '');
  return [...byAnswer.values()].map((same) => {
    const [first] = same;
    const which = same.length === 1 ? first?.domain : `${same.length} sites (${first?.domain}, …)`;
    const { message, hint = '' } = first?.error ?? {};
    return {
      code: 'zone_unreachable',
      message: `Nothing new is known of ${which}: ${message} ${hint}`.trim(),
    };
  });
}

function isBack({ domain, reason }: SyncedSite): Warning {
  return { code: 'zone_back', message: `${domain}: ${reason}` };
}

function unchecked(apiKey: string, count: number): Warning[] {
  if (count === 0) return [];
  const message = `${count} more sites of the key "${apiKey}" have a zone that is not in the list. Each costs a call, so they were left to the next sync.`;
  return [{ code: 'not_checked', message }];
}

/** Sites of the environment's token have no key of their own: once one is stored, that one is used for them. */
async function keyless(app: Intermission, outcomes: readonly KeySync[]): Promise<Warning[]> {
  const [only] = outcomes;
  if (only?.apiKey !== 'env' || (only.result?.created ?? 0) === 0) return [];
  const key = await app.apiKeys.query().findDefault();
  if (key === undefined) return [];
  const message = `The new sites use the default key "${key.name}", not the token of the environment, which is never stored.`;
  return [{ code: 'environment_key', message }];
}
