import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { extendError, IntermissionError, isIntermissionError } from '../../errors.ts';
import {
  type Answer,
  type RulesProbe,
  readableRules,
  ruleProblems,
  type TokenKind,
  type TokenProblem,
} from './readable-rules.ts';

/** What Cloudflare says of the token itself; times in ISO 8601. */
interface Verified {
  status: string;
  kind: TokenKind;
  expiresOn?: string;
  notBefore?: string;
}

/** What a token can be asked without changing anything. */
export interface TokenProbe extends RulesProbe {
  /** With an account id the token is looked for among those of that account. */
  verifyToken(options?: { accountId?: string }): Promise<Verified>;
  listZones(): AsyncIterable<ZoneFacts[]>;
}

/** What a token may do, found out by harmless reads. */
export interface TokenReport {
  status: string;
  /** Whose it is. Page rules accept tokens of users only. */
  kind: TokenKind;
  /** ISO 8601; null: it does not expire, or Cloudflare did not say. */
  expiresOn: string | null;
  /** Zones on the first page of the list. */
  zones: number;
  /** True: the first page was full, there may be more. */
  moreZones: boolean;
  /** The account of the first zone. */
  accountId: string | null;
  /** Reading says nothing about writing: that shows when a rule is made. */
  canReadPageRules: Answer;
  /** `no` also where the plan of the zone has none. */
  canReadRedirectRules: Answer;
  problems: TokenProblem[];
}

/** The largest page of zones that Cloudflare serves. */
const FULL_PAGE = 50;
const SOON_DAYS = 30;

/**
 * Asks Cloudflare whether a token works and what it may read. Missing permissions are problems of the report:
 * they can be given to a token at any time, without making a new one.
 *
 * @throws IntermissionError `api_token_invalid` for a token that Cloudflare does not know or that is not active,
 *   `api_permission_denied` for one that does not work from this machine's address
 */
export async function checkToken(probe: TokenProbe, now: Date): Promise<TokenReport> {
  const first = await verify(probe);
  refuseUnlessActive(first, now);
  const { zones, problem } = await firstZones(probe);
  const accountId = zones[0]?.accountId ?? null;
  const verified = first.kind === 'user' ? first : await askAccount(probe, first, accountId);
  refuseUnlessActive(verified, now);
  // Asked in a zone that serves: others may answer that they have no rules to show.
  const serving = zones.find(({ status }) => status === 'active');
  const rules = await readableRules(probe, serving);
  const kind = rules.refusesAccounts ? 'account' : verified.kind;
  const problems = [problem, ...ruleProblems(kind, rules, serving), expiryProblem(verified.expiresOn, now)];
  return {
    status: verified.status,
    kind,
    expiresOn: verified.expiresOn ?? null,
    zones: zones.length,
    moreZones: zones.length >= FULL_PAGE,
    accountId,
    canReadPageRules: kind === 'account' ? 'no' : rules.page,
    canReadRedirectRules: rules.redirect,
    problems: problems.filter((found) => found !== undefined),
  };
}

/** The token of an account is verified by listing zones, which it may not be allowed to do. */
async function verify(probe: TokenProbe): Promise<Verified> {
  try {
    return await probe.verifyToken();
  } catch (error) {
    if (isIntermissionError(error) && error.code === 'api_token_invalid') throw notAccepted(error);
    if (!isMissingPermission(error) || isRefusedVerification(error)) throw error;
    return { status: 'active', kind: 'account' };
  }
}

function notAccepted(error: IntermissionError): IntermissionError {
  return extendError(error, { message: `Cloudflare does not accept this API token. ${error.message}` });
}

async function askAccount(probe: TokenProbe, known: Verified, accountId: string | null): Promise<Verified> {
  if (accountId === null) return known;
  try {
    return await probe.verifyToken({ accountId });
  } catch (error) {
    // It has listed zones, so it is good: only whose it is stays open.
    if (isIntermissionError(error) && error.code === 'api_token_invalid') return known;
    throw error;
  }
}

function refuseUnlessActive({ status, expiresOn, notBefore }: Verified, now: Date): void {
  if (status !== 'active') {
    const since = status === 'expired' && expiresOn !== undefined ? ` (since ${expiresOn})` : '';
    throw new IntermissionError(
      'api_token_invalid',
      `Cloudflare says that this API token is ${status}${since}.`,
      {
        hint: 'Make it active again, or make a new one, at dash.cloudflare.com/profile/api-tokens.',
      },
    );
  }
  if (notBefore === undefined || !(Date.parse(notBefore) > now.getTime())) return;
  throw new IntermissionError('api_token_invalid', `This API token is not valid before ${notBefore}.`, {
    hint: 'Add it then, or make one that is valid now.',
  });
}

async function firstZones(probe: TokenProbe): Promise<{ zones: ZoneFacts[]; problem?: TokenProblem }> {
  try {
    for await (const zones of probe.listZones()) return { zones };
  } catch (error) {
    if (!isMissingPermission(error)) throw error;
    const message =
      'The token may not list zones: give it the permission Zone Read (and Page Rules Write) on the zones it is for.';
    return { zones: [], problem: { code: 'permission_missing', message } };
  }
  const message =
    'The token sees no zone: give it the permissions Zone Read and Page Rules Write on the zones it is for.';
  return { zones: [], problem: { code: 'no_zones', message } };
}

function expiryProblem(expiresOn: string | undefined, now: Date): TokenProblem | undefined {
  const days = (Date.parse(expiresOn ?? '') - now.getTime()) / 86_400_000;
  if (!(days < SOON_DAYS)) return undefined;
  const left = days < 1 ? 'in less than a day' : days < 2 ? 'in 1 day' : `in ${Math.floor(days)} days`;
  return {
    code: 'expires_soon',
    message: `The token expires ${left} (${expiresOn}). A site that is closed then cannot be reopened with it.`,
  };
}

/** The token is known, but not allowed to do this. From an address that it does not accept nothing works at all. */
function isMissingPermission(error: unknown): boolean {
  return (
    isIntermissionError(error) &&
    error.code === 'api_permission_denied' &&
    error.details['reason'] !== 'ip_filter'
  );
}

/** Every token may verify itself: a refusal of that is not about permissions (a token made seconds ago). */
function isRefusedVerification(error: unknown): boolean {
  return isIntermissionError(error) && String(error.details['path']).endsWith('/verify');
}
