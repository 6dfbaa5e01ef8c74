import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { isIntermissionError } from '../../errors.ts';

export type TokenKind = 'user' | 'account' | 'unknown';

/** `unknown`: there was no zone to ask in. */
export type Answer = 'yes' | 'no' | 'unknown';

/** The rules of a zone, as a token sees them. */
export interface RulesProbe {
  listPageRules(zoneId: string): Promise<unknown[]>;
  redirectRules: { read(zoneId: string): Promise<unknown> };
}

/** Something that keeps the token from its work, for people and for programs. */
export interface TokenProblem {
  code: 'account_token' | 'no_zones' | 'permission_missing' | 'expires_soon';
  message: string;
}

/** Which rules a token may read. Reading says nothing about writing, which cannot be tried without harm. */
export interface ReadableRules {
  page: Answer;
  redirect: Answer;
  /** Page rules have said that they do not serve tokens of accounts (reference 2.3, code 1011). */
  refusesAccounts: boolean;
}

/** Asks for both kinds of rules of one zone, by one read each. */
export async function readableRules(
  probe: RulesProbe,
  zone: Pick<ZoneFacts, 'id'> | undefined,
): Promise<ReadableRules> {
  if (zone === undefined) return { page: 'unknown', redirect: 'unknown', refusesAccounts: false };
  const page = await answerOf(() => probe.listPageRules(zone.id));
  const redirect = await answerOf(() => probe.redirectRules.read(zone.id));
  return { page: page.answer, redirect: redirect.answer, refusesAccounts: page.isUnsupported };
}

/** Pure: what is wrong with that. Redirect rules are missed only where they are the one way to close a site. */
export function ruleProblems(
  kind: TokenKind,
  { page, redirect }: ReadableRules,
  zone: Pick<ZoneFacts, 'name'> | undefined,
): TokenProblem[] {
  const missing = (rules: string, permission: string): TokenProblem => ({
    code: 'permission_missing',
    message: `The token may not read the ${rules} rules of ${zone?.name}: give it the permission ${permission}.`,
  });
  if (kind !== 'account') return page === 'no' ? [missing('page', 'Page Rules Write')] : [];
  return [ACCOUNT_TOKEN, ...(redirect === 'no' ? [missing('redirect', 'Dynamic URL Redirects Write')] : [])];
}

const ACCOUNT_TOKEN: TokenProblem = {
  code: 'account_token',
  message:
    'The token belongs to an account, and Cloudflare’s Page Rules refuse such tokens: its sites are closed by redirect rules, for which it needs Dynamic URL Redirects Write.',
};

async function answerOf(read: () => Promise<unknown>): Promise<{ answer: Answer; isUnsupported: boolean }> {
  try {
    await read();
    return { answer: 'yes', isUnsupported: false };
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const { code, details } = error;
    if (code === 'zone_not_serving') return { answer: 'unknown', isUnsupported: false };
    const isUnsupported = code === 'api_token_unsupported';
    if (!isUnsupported && code !== 'api_permission_denied' && details['reason'] !== 'not_entitled')
      throw error;
    return { answer: 'no', isUnsupported };
  }
}
