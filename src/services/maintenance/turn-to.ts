import type { CallOptions, Engine, Note, RulePlan } from '../../engines/engine.ts';
import { redirectRuleLimit } from '../../engines/redirect-rules-plan.ts';
import { type IntermissionError, isIntermissionError } from '../../errors.ts';
import type { Connection } from './ports.ts';
import type { Situation } from './records.ts';

/**
 * Pure: what speaks against page rules for this site, if anything: they would write over a rule of the user's, or have
 * no room. `count` is the number of page rules in the zone.
 */
export function shortcoming(
  { changes, adopted }: RulePlan,
  count: number,
  { site }: Situation,
): string | undefined {
  const taken = changes.find(({ kind, ...change }) => {
    return kind === 'replace' && 'id' in change && !adopted.some(({ id }) => id === change.id);
  });
  if (taken !== undefined) return `the pattern ${taken.pattern} is taken by another page rule`;
  const created = changes.filter(({ kind }) => kind === 'create').length;
  const quota = site.pageRuleQuota ?? undefined;
  if (created === 0 || quota === undefined || count + created <= quota) return undefined;
  return `the zone has ${count} of its ${quota} page rules`;
}

const NO_PERMISSION = 'the token lacks the permission Dynamic URL Redirects Write';

export type Turned = { connection: Connection; note?: undefined } | { connection?: undefined; note?: Note };

/**
 * The connection with the engine to turn to, where `auto` allows it, the token may use it, and it has room. Otherwise a
 * note on why not, if there is something to say.
 */
export async function turnTo(
  connection: Connection,
  { site }: Situation,
  { zoneId, call, why }: { zoneId: string; call: CallOptions; why: string },
): Promise<Turned> {
  const { fallback, ...rest } = connection;
  if (fallback === undefined) return {};
  const count = await countRules(fallback, zoneId, call);
  if (typeof count !== 'number') return { note: denied(why, count.reason) };
  const limit = redirectRuleLimit(site.zonePlan);
  if (count >= limit) return { note: denied(why, `the zone has all ${limit} of its redirect rules`) };
  return { connection: { ...rest, engine: fallback, why, turnedFrom: rest } };
}

/** The way back for a token that may read the rules of the engine turned to, and not write them. */
export function turnBack(
  { turnedFrom, why }: Connection,
  refusal: IntermissionError,
): { connection: Connection; note: Note } | undefined {
  if (turnedFrom === undefined || refusal.code !== 'api_permission_denied') return undefined;
  return { connection: turnedFrom, note: denied(why, NO_PERMISSION) };
}

async function countRules(
  engine: Engine,
  zoneId: string,
  call: CallOptions,
): Promise<number | { reason: string }> {
  try {
    return (await engine.read(zoneId, call)).length;
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    if (error.code === 'api_permission_denied') return { reason: NO_PERMISSION };
    if (error.details['reason'] === 'not_entitled') return { reason: 'the plan of the zone has none' };
    throw error;
  }
}

function denied(why: string, reason: string): Note {
  return {
    code: 'redirect_rules_not_used',
    message: `Redirect rules would be better here, since ${why}; but ${reason}.`,
  };
}
