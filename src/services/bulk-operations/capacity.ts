import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type EngineName, engineNameOf } from '../../domain/edge-state.ts';
import { redirectRuleLimit } from '../../engines/redirect-rules-plan.ts';
import { IntermissionError } from '../../errors.ts';
import type { CallBudget } from '../maintenance/ports.ts';
import { recordedState } from '../maintenance/records.ts';
import type { KeyPlan } from './types.ts';

/** A site that is to be closed, and the rules that this takes. */
export interface Claim {
  site: CloudflareSite;
  neighbours: readonly CloudflareSite[];
  engine: EngineName;
  /** True when the other engine may take the place of page rules that are used up. */
  mayTurn: boolean;
  rules: number;
}

/**
 * Pure: the claims that their zone has no room for, by the id of the site; those that come first are served first.
 * Knows the quotas as last seen, and the rules of ours. Others that fill the zone are only met when it is written.
 */
export function refuseBeyondQuota(claims: readonly Claim[]): Map<number, IntermissionError> {
  const zones = Map.groupBy(
    claims.filter(({ site }) => site.zoneId != null),
    ({ site }) => site.zoneId,
  );
  return new Map([...zones.values()].flatMap((zone) => [...refuseInZone(zone)]));
}

function refuseInZone(claims: readonly Claim[]): Map<number, IntermissionError> {
  const [first] = claims;
  const refused = new Map<number, IntermissionError>();
  if (first === undefined) return refused;
  const used = countOurs([first.site, ...first.neighbours]);
  for (const { site, engine, mayTurn, rules } of claims) {
    const limits = {
      page_rules: site.pageRuleQuota ?? Infinity,
      redirect_rules: redirectRuleLimit(site.zonePlan),
    };
    const engines: EngineName[] = mayTurn ? [engine, 'redirect_rules'] : [engine];
    const needed = (name: EngineName) => (name === engine ? rules : 1) - countOurs([site])[name];
    const fitting = engines.find((name) => used[name] + needed(name) <= limits[name]);
    if (fitting === undefined)
      refused.set(
        site.id,
        noRoom(site, engine, { needed: rules, used: used[engine], limit: limits[engine] }),
      );
    else used[fitting] += needed(fitting);
  }
  return refused;
}

function countOurs(sites: readonly CloudflareSite[]): Record<EngineName, number> {
  const rules = sites.flatMap(({ edgeState }) => recordedState(edgeState).rules);
  const pages = rules.filter((rule) => engineNameOf(rule) === 'page_rules').length;
  return { page_rules: pages, redirect_rules: rules.length - pages };
}

function noRoom(
  { domain, zoneName }: CloudflareSite,
  engine: EngineName,
  { needed, used, limit }: { needed: number; used: number; limit: number },
): IntermissionError {
  const kind = engine === 'page_rules' ? 'page rules' : 'redirect rules';
  return new IntermissionError(
    'quota_exceeded',
    `The zone ${zoneName ?? domain} may have ${limit} ${kind}; ${domain} needs ${needed}, and the other sites of this run and this database take ${used}. Nothing was changed.`,
    {
      hint: 'Cover fewer hosts, use the engine auto, or a plan with more rules.',
      details: { quota: limit, needed, used },
    },
  );
}

/** Pure: how long so many calls of one key take at least, and when they have to pause first. */
export function estimateKey(
  { apiKey, sites, calls }: Pick<KeyPlan, 'apiKey' | 'sites' | 'calls'>,
  room: ReturnType<CallBudget['room']>,
  now: Date,
): KeyPlan {
  const first = room.isKnown ? room.calls : room.perWindow;
  const known = { apiKey, sites, calls, room: room.isKnown ? room.calls : null };
  if (calls <= first) return { ...known, seconds: calls / room.perSecond, pausesUntil: null };
  const isFull = room.isKnown && room.fullAt > now;
  const pausesUntil = isFull ? room.fullAt : new Date(now.getTime() + room.windowMs);
  const windows = Math.ceil((calls - first) / room.perWindow);
  const rest = calls - first - (windows - 1) * room.perWindow;
  const pause = (pausesUntil.getTime() - now.getTime() + (windows - 1) * room.windowMs) / 1000;
  return { ...known, seconds: pause + rest / room.perSecond, pausesUntil };
}
