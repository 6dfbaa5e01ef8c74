import { statusOf } from './auth.ts';
import type { Call, Route, ZoneCall } from './call.ts';
import { type Reply, success } from './envelope.ts';
import { invalidApiToken, zoneListRefused } from './refusals.ts';
import { covers, isPermitted, type Token } from './tokens.ts';
import { listZones } from './zone-list.ts';
import { zoneBody } from './zones.ts';

export const zoneRoutes: readonly Route[] = [
  { method: 'GET', path: '/user/tokens/verify', realm: 'verify', handle: verifyUserToken },
  {
    method: 'GET',
    path: '/accounts/{account_id}/tokens/verify',
    realm: 'verify',
    handle: verifyAccountToken,
  },
  { method: 'GET', path: '/zones', realm: 'zones', handle: list },
  {
    method: 'GET',
    path: '/zones/{zone_id}',
    realm: 'zones',
    permissions: ['Zone Read', 'Zone Write'],
    userTokensOnly: false,
    handleZone: read,
  },
];

/** An account-owned token is refused here although it is good (6.1). */
function verifyUserToken(call: Call): Reply {
  return call.token.kind === 'user' ? verified(call) : invalidApiToken();
}

/** The mirror image for user tokens and other accounts is INFERRED. */
function verifyAccountToken(call: Call): Reply {
  const ours = call.token.kind === 'account' && call.token.owner === `account ${call.params['account_id']}`;
  return ours ? verified(call) : invalidApiToken();
}

/** The message comes with an active token only (6.1 shows no other). */
function verified({ token, state }: Call): Reply {
  const status = statusOf(token, state.now());
  const message = { code: 10000, message: 'This API Token is valid and active', type: null };
  return success(
    { id: token.id, status, ...times(token) },
    { messages: status === 'active' ? [message] : [] },
  );
}

function times(token: Token): Record<string, string> {
  return {
    ...(token.notBefore === undefined ? {} : { not_before: token.notBefore }),
    ...(token.expiresOn === undefined ? {} : { expires_on: token.expiresOn }),
  };
}

/** A token without zones in its scope gets an empty list, one without the right a 403 (5.2). */
function list({ state, token, request, stale }: Call): Reply {
  if (!isPermitted(token, ['Zone Read', 'Zone Write'])) return zoneListRefused(token.id);
  const visible = [...state.zones.values()].filter((zone) => covers(token, zone));
  const { zones, resultInfo } = listZones(visible, request.query);
  const bodies = zones.map((zone) => zoneBody(zone, stale ? zone.previous : zone.config));
  return success(bodies, { resultInfo });
}

function read({ zone, config }: ZoneCall): Reply {
  return success(zoneBody(zone, config));
}
