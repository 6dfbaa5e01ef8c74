import { authenticate } from './auth.ts';
import type { ApiRequest, Call, Route } from './call.ts';
import { type Reply, withNullErrors } from './envelope.ts';
import { pageRuleRoutes } from './page-rules/routes.ts';
import type { RateLimiter } from './rate-limit.ts';
import { redirectRuleRoutes } from './redirect-rules/rule-routes.ts';
import { rulesetRoutes } from './redirect-rules/ruleset-routes.ts';
import {
  accountTokenRefused,
  invalidZone,
  malformedBody,
  methodNotAllowed,
  unauthorized,
  unroutable,
} from './refusals.ts';
import { createRouter, type RouteMatch } from './router.ts';
import type { CloudflareState } from './state.ts';
import { covers, isPermitted } from './tokens.ts';
import { zoneRoutes } from './zone-routes.ts';

const findRoute = createRouter([...zoneRoutes, ...pageRuleRoutes, ...rulesetRoutes, ...redirectRuleRoutes]);

export interface Answer {
  reply: Reply;
  /** No route of the emulator: a caller used something that it does not emulate. */
  unknown: boolean;
}

/**
 * Answers one API request, without I/O: whatever it changes is changed when it returns.
 * The order of the checks is that of 10.
 */
export function answer(
  state: CloudflareState,
  limiter: RateLimiter,
  request: ApiRequest,
  options: { stale: boolean },
): Answer {
  const match = findRoute(request.method, request.path);
  if (match.kind !== 'found') return refuseRoute(state, request, match);
  const token = authenticate(state.tokens, {
    headers: request.headers,
    ip: request.ip,
    realm: match.route.realm,
    now: state.now(),
  });
  if (!('value' in token)) return { unknown: false, reply: token };
  const refusal = limiter.take(token.owner, request.ip, state.switches.retryAfterHeader);
  if (refusal !== undefined) return { unknown: false, reply: refusal };
  const call: Call = { state, request, params: match.params, token, stale: options.stale };
  const reply = handle(match.route, call);
  return { unknown: false, reply: state.switches.nullErrors ? withNullErrors(reply) : reply };
}

function refuseRoute(state: CloudflareState, request: ApiRequest, match: RouteMatch): Answer {
  if (match.kind === 'wrongMethod') return { unknown: true, reply: methodNotAllowed() };
  const ofRule = match.kind === 'malformedId' && match.name === 'pagerule_id';
  const status = ofRule ? state.switches.unknownRule : 404;
  return { unknown: match.kind === 'unknown', reply: unroutable(request.path, status) };
}

function handle(route: Route, call: Call): Reply {
  if ('handle' in route) return route.handle(call);
  const { state, token, params, request } = call;
  const zoneId = params['zone_id'] ?? '';
  if (route.userTokensOnly && token.kind === 'account') return accountTokenRefused();
  const zone = state.zones.get(zoneId);
  if (!isPermitted(token, route.permissions) || !covers(token, zone ?? { id: zoneId })) {
    return route.unauthorized?.(state.switches) ?? unauthorized();
  }
  if (zone === undefined) return refuseZone(state, request.path);
  // Only page rules are known to refuse a zone that is not active (2.3, 5.2).
  if (route.userTokensOnly && zone.config.status !== 'active') return invalidZone();
  if (request.malformedBody) return malformedBody();
  const stale = call.stale && request.method === 'GET';
  return route.handleZone({ ...call, zone, config: stale ? zone.previous : zone.config });
}

function refuseZone(state: CloudflareState, path: string): Reply {
  const replies = { 404: () => unroutable(path), 403: unauthorized, 400: invalidZone };
  return replies[state.switches.unknownZone]();
}
