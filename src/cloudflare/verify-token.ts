import { isIntermissionError } from '../errors.ts';
import type { ApiCaller, ApiRequest } from './api-caller.ts';
import type { TokenCheck, VerifyOptions } from './types.ts';
import { tokenSchema } from './wire.ts';
import { firstZones } from './zone-list.ts';

/** Tokens that belong to an account begin so (since April 2026); older ones look like any other. */
const ACCOUNT_TOKEN = 'cfat_';

/**
 * Checks a token where its owner is asked: a user's token at `/user`, an account's at `/accounts/{id}`. An
 * account's token is "Invalid API Token" (401) at `/user` though it is good, hence the second question.
 */
export async function verifyToken(
  api: ApiCaller,
  token: string,
  options: VerifyOptions,
): Promise<TokenCheck> {
  if (token.startsWith(ACCOUNT_TOKEN)) return await verifyAccountToken(api, 'account', options);
  try {
    return { ...(await ask(api, USER, options)), kind: 'user' };
  } catch (error) {
    const refused = isIntermissionError(error) && error.code === 'api_token_invalid';
    if (!refused || error.details['status'] !== 401) throw error;
    return await verifyAccountToken(api, 'unknown', options);
  }
}

async function verifyAccountToken(
  api: ApiCaller,
  assumed: 'account' | 'unknown',
  options: VerifyOptions,
): Promise<TokenCheck> {
  const { accountId } = options;
  if (accountId !== undefined) return { ...(await ask(api, ofAccount(accountId), options)), kind: 'account' };
  // Without the account's id the token is only known to work because something answers it.
  await firstZones(api, options);
  return { status: 'active', kind: assumed };
}

async function ask(api: ApiCaller, request: ApiRequest<Owned>, options: VerifyOptions): Promise<Owned> {
  return (await api.repeatable(request, options)).result;
}

type Owned = Omit<TokenCheck, 'kind'>;

const USER: ApiRequest<Owned> = {
  doing: 'verify the token',
  write: false,
  send: (sdk) => sdk.user.tokens.verify(),
  result: tokenSchema,
};

const ofAccount = (accountId: string): ApiRequest<Owned> => ({
  ...USER,
  send: (sdk) => sdk.accounts.tokens.verify({ account_id: accountId }),
});
