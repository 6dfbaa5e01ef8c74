import { failure, messageItems, type Reply } from './envelope.ts';

/** The error replies of Cloudflare that the emulator knows, each with the section that quotes it. */

/** 2.3, 6.4: unknown route or malformed id. */
export function unroutable(path: string, status = 404): Reply {
  const message = `Could not route to ${path}, perhaps your object identifier is invalid?`;
  return failure(status, [
    { code: 7003, message },
    { code: 7000, message: 'No route for that URI' },
  ]);
}

/** 2.3. */
export const methodNotAllowed = (): Reply =>
  failure(405, [{ code: 10405, message: 'Method not allowed for this authentication scheme' }]);

/** Not in the reference: code and text from memory. */
export const malformedBody = (): Reply =>
  failure(400, [{ code: 6007, message: 'Malformed JSON in request body' }]);

/** 6.4. */
export const missingAuthorization = (): Reply =>
  failure(400, [{ code: 9106, message: 'Missing X-Auth-Key, X-Auth-Email or Authorization headers' }]);

/** 6.4; the chain's texts for 6102 and 6103 are from memory. */
export function malformedHeader(code: 6102 | 6103 | 6111): Reply {
  const header = { 6102: 'X-Auth-Email', 6103: 'X-Auth-Key', 6111: 'Authorization' }[code];
  const chain = [{ code, message: `Invalid format for ${header} header` }];
  return failure(400, [{ code: 6003, message: 'Invalid request headers', error_chain: chain }]);
}

/** 6.4: on the endpoints that verify a token. */
export const invalidApiToken = (): Reply => failure(401, [{ code: 1000, message: 'Invalid API Token' }]);

/** 6.4: on `/zones`. */
export const invalidAccessToken = (): Reply =>
  failure(403, [{ code: 9109, message: 'Invalid access token' }]);

/** 6.4: on everything below a zone. */
export const authenticationError = (): Reply =>
  failure(403, [{ code: 10000, message: 'Authentication error' }]);

/** 6.4. */
export const locationRefused = (ip: string): Reply =>
  failure(403, [{ code: 9109, message: `Cannot use the access token from location: ${ip}` }]);

/** 2.3, 6.4: permission missing, or the zone is outside the token's scope. */
export const unauthorized = (): Reply =>
  failure(403, [{ code: 9109, message: 'Unauthorized to access requested resource' }]);

/** 5.2: code 0 is what recordings show. */
export function zoneListRefused(tokenId: string): Reply {
  const actor = `Actor 'com.cloudflare.api.token.${tokenId}'`;
  const message = `${actor} requires permission 'com.cloudflare.api.account.zone.list' to list zones`;
  return failure(403, [{ code: 0, message }]);
}

/** 7.1. */
export const throttled = (): Reply =>
  failure(429, [{ code: 971, message: 'Please wait and consider throttling your request speed' }]);

/** 2.3. */
export const accountTokenRefused = (): Reply =>
  failure(400, [{ code: 1011, message: 'Page Rules endpoint does not support account owned tokens.' }]);

/** 2.3: a zone that this endpoint cannot work on. */
export const invalidZone = (): Reply => failure(400, [{ code: 1001, message: 'Invalid zone identifier' }]);

/** 2.3. */
export const unknownPageRule = (status: number): Reply =>
  failure(status, [{ code: 1002, message: 'Invalid Page Rule identifier' }]);

/** 2.3. */
export const quotaReached = (): Reply =>
  failure(400, [{ code: 1008, message: 'Page Rule limit has been met' }]);

export const validationText = 'Page Rule validation failed: See messages for details.';

/** 2.3: the details are in `messages`. */
export function invalidPageRule(details: readonly string[]): Reply {
  return failure(400, [{ code: 1004, message: validationText }], messageItems(details));
}

const duplicateText =
  '.distinctTargetUrl: Your zone already has an existing page rule with that URL. ' +
  'If you are modifying only page rule settings use the Edit Page Rule option instead';

/** 2.3. */
export const duplicatePattern = (): Reply => invalidPageRule([duplicateText]);
