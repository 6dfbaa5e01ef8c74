import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './envelope.ts';
import {
  authenticationError,
  invalidAccessToken,
  invalidApiToken,
  locationRefused,
  malformedHeader,
  missingAuthorization,
} from './refusals.ts';
import type { Token } from './tokens.ts';

/** How an endpoint refuses a token that it does not know (6.4). */
export type Realm = 'verify' | 'zones' | 'zone';

const unknownTokenReplies: Record<Realm, () => Reply> = {
  verify: invalidApiToken,
  zones: invalidAccessToken,
  zone: authenticationError,
};

interface AuthRequest {
  headers: IncomingHttpHeaders;
  ip: string;
  realm: Realm;
  now: number;
}

/** The token of a request, or the refusal: header present, well-formed, known, allowed from here (10). */
export function authenticate(tokens: ReadonlyMap<string, Token>, request: AuthRequest): Token | Reply {
  const { headers } = request;
  if (headers.authorization === undefined) return refuseWithoutToken(headers, request.realm);
  const value = /^Bearer ([A-Za-z0-9_-]{20,})$/i.exec(headers.authorization)?.[1];
  if (value === undefined) return malformedHeader(6111);
  const token = tokens.get(value);
  if (token === undefined) return unknownTokenReplies[request.realm]();
  if (token.allowedIps !== undefined && !token.allowedIps.includes(request.ip))
    return locationRefused(request.ip);
  if (request.realm === 'verify') return token;
  return statusOf(token, request.now) === 'active' ? token : unknownTokenReplies[request.realm]();
}

/** `active`, `disabled` or `expired`, by its times too (6.1). */
export function statusOf(token: Token, now: number): Token['status'] {
  if (token.expiresOn !== undefined && Date.parse(token.expiresOn) <= now) return 'expired';
  return token.status;
}

/** Global keys are not emulated: a well-formed pair is refused like an unknown token. */
function refuseWithoutToken(headers: IncomingHttpHeaders, realm: Realm): Reply {
  const [email, key] = [headers['x-auth-email'], headers['x-auth-key']];
  if (email === undefined && key === undefined) return missingAuthorization();
  if (!/^\S+@\S+$/.test(String(email))) return malformedHeader(6102);
  if (!/^([0-9a-f]{37}|cfk_\w{40,})$/.test(String(key))) return malformedHeader(6103);
  return unknownTokenReplies[realm]();
}
