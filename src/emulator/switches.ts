import { z } from 'zod';

/**
 * Every behaviour of Cloudflare that is only inferred or unknown, with both answers; the first one is the likely one and
 * the default. Section numbers are those of `docs/cloudflare.md`.
 */
export const switchPositions = {
  /** A priority above the number of rules: brought down to the top, or refused with 1004 (1.6, 12). */
  priorityAboveCount: ['clamp', 'refuse'],
  /** POST or PUT at an occupied priority: pushes the others, or changes places with the rule there (1.6, 11). */
  priorityMove: ['shift', 'swap'],
  /** PUT without `priority`: back to the default of 1, or the place it had (1.4). */
  putWithoutPriority: ['reset', 'keep'],
  /** PATCH with `actions`: merged by id as seen on a re-badged Cloudflare, or replaced (1.4, 11). */
  patchActions: ['merge', 'replace'],
  /** Whether two patterns that differ only in case are the same pattern for the duplicate check (9: "exact pattern"). */
  duplicateIgnoresCase: [false, true],
  /** Whether a target without a path is stored with a trailing slash (1.8, 10). */
  storedTrailingSlash: [true, false],
  /** Status for an unknown or malformed page-rule id: 404 today, 400 in older recordings (2.3, 11). */
  unknownRule: [404, 400],
  /**
   * Status for a well-formed zone id that no zone has, when the token's scope does not already refuse it:
   * 404 with 7003, 403 with 9109, or 400 with 1001 (2.3 gives 1001 without a cause; nothing says which applies).
   */
  unknownZone: [404, 403, 400],
  /** Whether a 429 carries `retry-after` (7.1: not always). */
  retryAfterHeader: [true, false],
  /** Whether a success says `errors: null, messages: null` when there are none (1.2). */
  nullErrors: [false, true],
  /** Code of the 404 for an entry point, a ruleset or a redirect rule that is not there: today's, or the older one (3.6). */
  missingRulesetCode: [10003, 10001],
  /** Code of an expression that cannot be parsed: unverified (3.6, 11); 20125 is that of a blank one. */
  expressionErrorCode: [20127, 20125],
  /** A token without the right to redirect rules: 10000 `Authentication error`, or 0 `request is not authorized` (3.6). */
  redirectsUnauthorized: ['authentication', 'notAuthorized'],
  /** Whether a refusal of rulesets says `messages: null` or an empty list (3.6). */
  nullRulesetMessages: [true, false],
  /** A ruleset without rules: `rules` is an empty list, or not there. Not known. */
  emptyRules: ['list', 'absent'],
  /** `status_code` 301 and `preserve_query_string` false in replies: as sent, filled in, or left out. Not known. */
  redirectDefaults: ['asSent', 'filled', 'omitted'],
  /** PATCH of a redirect rule without `ref`: back to its default, the rule's id, or kept (3.2: the definition is replaced). */
  patchWithoutRef: ['reset', 'keep'],
  /** PUT of a ruleset whose rules have no id and no `ref`: all new, or changed place by place (3.2). */
  putWithoutRuleIds: ['recreate', 'keep'],
  /** A network with bits after its prefix, such as 203.0.113.7/24, in an expression. Not known. */
  cidrHostBits: ['refuse', 'accept'],
  /** Letters of `http.host`: as the visitor sent them, or in lower case. Not known. */
  hostCase: ['asSent', 'lower'],
} as const;

export type Switches = {
  -readonly [Name in keyof typeof switchPositions]: (typeof switchPositions)[Name][number];
};

export const defaultSwitches: Readonly<Switches> = {
  priorityAboveCount: 'clamp',
  priorityMove: 'shift',
  putWithoutPriority: 'reset',
  patchActions: 'merge',
  duplicateIgnoresCase: false,
  storedTrailingSlash: true,
  unknownRule: 404,
  unknownZone: 404,
  retryAfterHeader: true,
  nullErrors: false,
  missingRulesetCode: 10003,
  expressionErrorCode: 20127,
  redirectsUnauthorized: 'authentication',
  nullRulesetMessages: true,
  emptyRules: 'list',
  redirectDefaults: 'asSent',
  patchWithoutRef: 'reset',
  putWithoutRuleIds: 'recreate',
  cidrHostBits: 'refuse',
  hostCase: 'asSent',
};

const position = <const Values extends readonly (string | number | boolean)[]>(values: Values) =>
  z.literal(values).exactOptional();

/** Input of a change of switches; names and positions that do not exist are refused. */
export const switchesSchema = z.strictObject({
  priorityAboveCount: position(switchPositions.priorityAboveCount),
  priorityMove: position(switchPositions.priorityMove),
  putWithoutPriority: position(switchPositions.putWithoutPriority),
  patchActions: position(switchPositions.patchActions),
  duplicateIgnoresCase: position(switchPositions.duplicateIgnoresCase),
  storedTrailingSlash: position(switchPositions.storedTrailingSlash),
  unknownRule: position(switchPositions.unknownRule),
  unknownZone: position(switchPositions.unknownZone),
  retryAfterHeader: position(switchPositions.retryAfterHeader),
  nullErrors: position(switchPositions.nullErrors),
  missingRulesetCode: position(switchPositions.missingRulesetCode),
  expressionErrorCode: position(switchPositions.expressionErrorCode),
  redirectsUnauthorized: position(switchPositions.redirectsUnauthorized),
  nullRulesetMessages: position(switchPositions.nullRulesetMessages),
  emptyRules: position(switchPositions.emptyRules),
  redirectDefaults: position(switchPositions.redirectDefaults),
  patchWithoutRef: position(switchPositions.patchWithoutRef),
  putWithoutRuleIds: position(switchPositions.putWithoutRuleIds),
  cidrHostBits: position(switchPositions.cidrHostBits),
  hostCase: position(switchPositions.hostCase),
});
