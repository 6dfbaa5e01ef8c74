import type { Route, ZoneCall } from '../call.ts';
import { type Reply, success } from '../envelope.ts';
import type { Permission } from '../schemas.ts';
import { redirectRuleQuota, type Zone } from '../zones.ts';
import {
  codeNotKnown,
  type RulesetProblem,
  redirectsUnauthorized,
  refuse,
  tooManyRules,
  unknownRuleset,
} from './refusals.ts';
import { rulesetBody, type StoredRuleset } from './ruleset.ts';

/** Permission groups of 6.3. */
const toWrite: readonly Permission[] = ['Dynamic URL Redirects Write'];
const toRead: readonly Permission[] = [...toWrite, 'Dynamic URL Redirects Read'];

/** Account-owned tokens are welcome here (3.4). */
const common = { realm: 'zone', userTokensOnly: false, unauthorized: redirectsUnauthorized } as const;

type Handle = (call: ZoneCall) => Reply;

export function readRoute(path: string, handleZone: Handle): Route {
  return { ...common, method: 'GET', path, permissions: toRead, handleZone };
}

/** With `dry_run=true` everything is checked and nothing saved; no other value is known (3.1). */
export function writeRoute(method: string, path: string, handle: Handle): Route {
  const handleZone: Handle = (call) => {
    const dryRun = call.request.query.get('dry_run');
    if (dryRun === null || dryRun === 'true') return handle(call);
    const message = `invalid value for dry_run: ${JSON.stringify(dryRun)}`;
    return refuse(call.state.switches, [{ status: 400, code: codeNotKnown, message }]);
  };
  return { ...common, method, path, permissions: toWrite, handleZone };
}

export interface RulesetCall extends ZoneCall {
  readonly ruleset: StoredRuleset;
}

/** Of a ruleset that was deleted, or of another zone, nothing is known. */
export function withRuleset(handle: (call: RulesetCall) => Reply): Handle {
  return (call) => {
    const id = call.params['ruleset_id'] ?? '';
    const ruleset = call.config.redirects;
    if (ruleset?.id !== id) return unknownRuleset(call.state.switches, id);
    return handle({ ...call, ruleset });
  };
}

/** Saves a ruleset and answers with the whole of it; with `dry_run`, neither. */
export function store({ state, zone, request }: ZoneCall, ruleset: StoredRuleset): Reply {
  if (request.query.has('dry_run')) return success(null);
  state.commit(zone, { redirects: ruleset });
  return success(rulesetBody(ruleset, state.switches));
}

/** Disabled rules count (3.4). */
export function findQuotaProblems(zone: Zone, count: number): RulesetProblem[] {
  const quota = redirectRuleQuota(zone);
  return count > quota ? [tooManyRules(count, quota)] : [];
}
