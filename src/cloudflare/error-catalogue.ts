import type { ErrorCode, JsonValue } from '../errors.ts';

/** Everything of a refusing reply that is looked at to classify it. */
export interface Refusal {
  status: number;
  /** False when the body is not an answer of the API: a proxy's page, broken or endless JSON. */
  understood: boolean;
  codes: number[];
  /** Cloudflare's own words: `messages` first, where page rules put the reason. */
  texts: string[];
  /** Below the base URL. */
  path: string;
  /** ISO 8601: when Cloudflare wants to be asked again. */
  retryAt: string | undefined;
}

/** What a refusal means to us. */
export interface Verdict {
  code: ErrorCode;
  hint: string;
  /** Stands before Cloudflare's words instead of "Cloudflare refused to …". */
  headline?: string;
  facts?: Record<string, JsonValue>;
}

/**
 * Classifies a refusal: the HTTP status decides first, then Cloudflare's code, because one code has several
 * meanings (10000, 9109 and 1000 do); texts only sharpen the hint. The rows are taken from Cloudflare's
 * documentation and from recorded replies.
 */
export function classify(refusal: Refusal): Verdict {
  if (refusal.status === 429) return rateLimited(refusal);
  if (refusal.status >= 500) return UNAVAILABLE;
  // A proxy's 404 must not pass for "that rule is gone", nor its 401 for a bad token.
  if (!refusal.understood) return NOT_THE_API;
  if (refusal.status === 401) return TOKEN_INVALID;
  if (refusal.status === 403) return forbidden(refusal);
  if (refusal.status === 404) return notFound(refusal);
  return byCode(refusal);
}

const TOKEN_INVALID: Verdict = {
  code: 'api_token_invalid',
  hint: 'Check that the whole token was copied, that it is active and not expired. Tokens are made at dash.cloudflare.com/profile/api-tokens.',
};

const UNAVAILABLE: Verdict = {
  code: 'api_unavailable',
  headline: "Cloudflare's API is failing",
  hint: 'Try again in a few minutes; www.cloudflarestatus.com tells about known problems.',
};

const NOT_THE_API: Verdict = {
  code: 'api_rejected',
  headline: "The reply is not one of Cloudflare's API",
  hint: 'Something between here and Cloudflare may be answering in its place (a proxy, a login page), or CLOUDFLARE_BASE_URL is wrong.',
};

function rateLimited({ retryAt }: Refusal): Verdict {
  return {
    code: 'api_rate_limited',
    headline: `Cloudflare accepts no more calls${retryAt ? ` until ${retryAt}` : ''}`,
    hint: 'The limit of 1,200 calls in 5 minutes is shared by the dashboard and all tools of one Cloudflare user. Wait, then run the command again.',
  };
}

function forbidden({ codes, texts, path }: Refusal): Verdict {
  const said = (words: string) => texts.some((text) => text.includes(words));
  if (codes.includes(10020)) return MAINTENANCE_MODE;
  // Some endpoints answer an unknown token with 403 instead of 401.
  if (codes.includes(9109) && said('Invalid access token')) return TOKEN_INVALID;
  if (said('from location')) {
    return {
      code: 'api_permission_denied',
      hint: 'The token accepts only certain IP addresses: add this machine\'s to its "Client IP Address Filtering".',
      facts: { reason: 'ip_filter' },
    };
  }
  const permission = permissionFor(path);
  const young = said('Unable to authenticate request')
    ? 'A token made seconds ago is refused at first: try again. '
    : '';
  // Below a zone, an unknown token gets the same answer as one without permission (reference 6.4).
  const dead = said('Authentication error')
    ? ' Or it was withdrawn or has expired: Cloudflare does not tell the two apart here.'
    : '';
  return {
    code: 'api_permission_denied',
    hint: `${young}The token needs the permission ${permission} for this zone; all that is used are ${PERMISSIONS}.${dead}`,
    facts: { permission },
  };
}

const PERMISSIONS =
  'Zone Read, Page Rules Write and, for the engine redirect_rules, Dynamic URL Redirects Write';

/** Permissions as the API names them; the dashboard calls the last one "Single Redirect" (reference 3.4, 6.3). */
function permissionFor(path: string): string {
  if (path.includes('/pagerules')) return 'Page Rules Write';
  return isRulesetPath(path) ? 'Dynamic URL Redirects Write' : 'Zone Read';
}

function notFound({ codes, path }: Refusal): Verdict {
  return {
    code: 'not_found',
    hint: 'It was removed at Cloudflare, or the id is wrong. `intermission sync_cloudflare` reads the zones again.',
    facts: { what: missing(codes, path) },
  };
}

/** Which thing is missing. 7000 and 7003 answer an id of the wrong form as well as an unknown path. */
function missing(codes: number[], path: string): 'rule' | 'zone' | 'route' | 'ruleset' | 'entrypoint' {
  if (codes.includes(1002)) return 'rule';
  // Older zones answer 10001 (reference 3.6).
  if (path.endsWith('/entrypoint') && (codes.includes(10003) || codes.includes(10001))) return 'entrypoint';
  if (isZonePath(path)) return 'zone';
  if (codes.includes(7000) || codes.includes(7003)) return 'route';
  if (isRulesetPath(path)) return 'ruleset';
  return /\/pagerules\/[^/]+$/.test(path) ? 'rule' : 'zone';
}

const isRulesetPath = (path: string) => /\/rulesets(\/|$)/.test(path);

const isZonePath = (path: string) => /^\/zones\/[^/]+$/.test(path);

/** For the statuses that say nothing by themselves: 400 above all, and 200 with `success: false`. */
function byCode(refusal: Refusal): Verdict {
  const has = (...codes: number[]) => codes.some((code) => refusal.codes.includes(code));
  // A zone that merely does not serve can be read: there 1001 means that the id is nobody's.
  if (has(1002, 7000, 7003) || (has(1001) && isZonePath(refusal.path))) return notFound(refusal);
  if (has(6003, 6111, 9106)) return TOKEN_INVALID;
  if (has(1004) && refusal.texts.some((text) => text.startsWith('.distinctTargetUrl'))) return PATTERN_TAKEN;
  if (has(50001)) return noRedirectRuleLeft(refusal);
  return (
    CODES.find(({ number }) => has(number))?.verdict ?? {
      code: 'api_rejected',
      hint: "The words are Cloudflare's own; docs/errors.md lists the usual reasons.",
    }
  );
}

/** Its text says how many there may be: "… in the phase http_request_dynamic_redirect: 11 out of 10" (reference 3.6). */
function noRedirectRuleLeft({ texts }: Refusal): Verdict {
  const quota = texts.flatMap((text) => / out of (\d+)/.exec(text)?.[1] ?? [])[0];
  return {
    code: 'quota_exceeded',
    hint: 'The zone has no redirect rule left (10 on Free); disabled ones count too. Remove one, use the engine page_rules, or a plan with more.',
    ...(quota === undefined ? {} : { facts: { quota: Number(quota) } }),
  };
}

const PATTERN_TAKEN: Verdict = {
  code: 'rule_conflict',
  hint: 'Another page rule of this zone has the same pattern. `--existing ours` or `--existing theirs` says whose it is.',
  facts: { reason: 'pattern_taken' },
};

/** How Cloudflare switches off an old rules API, account by account. */
const MAINTENANCE_MODE: Verdict = {
  code: 'api_rejected',
  headline: 'Cloudflare has put this API into maintenance mode for the account: it takes no more changes',
  hint: 'Try again later; until Cloudflare opens this API again, change rules in the dashboard.',
  facts: { reason: 'api_maintenance' },
};

const CODES: { number: number; verdict: Verdict }[] = [
  {
    number: 1011,
    verdict: {
      code: 'api_token_unsupported',
      hint: 'Page rules accept only tokens that belong to a user: make one at dash.cloudflare.com/profile/api-tokens.',
    },
  },
  {
    number: 1008,
    verdict: {
      code: 'quota_exceeded',
      hint: 'The zone has no page rule left; disabled ones count too. Remove one, cover fewer hosts, or use a plan with more.',
    },
  },
  {
    number: 1001,
    verdict: {
      code: 'zone_not_serving',
      hint: 'The zone is not active at Cloudflare (pending, moved or partial): finish its set-up in the dashboard first.',
    },
  },
  { number: 10020, verdict: MAINTENANCE_MODE },
  {
    number: 50002,
    verdict: {
      code: 'api_rejected',
      headline: 'The plan of the zone does not include this kind of rule',
      hint: 'Use the engine page_rules for this site, unless it has open paths or bypass addresses: page rules know none.',
      facts: { reason: 'not_entitled' },
    },
  },
  {
    number: 20217,
    verdict: {
      code: 'rule_conflict',
      hint: 'Somebody has created the redirect rules of this zone at the same moment: run the command again.',
      facts: { reason: 'ruleset_exists' },
    },
  },
];
