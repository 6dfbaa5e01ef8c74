import { BaseTokens as AccountTokens } from 'cloudflare/resources/accounts/tokens/tokens';
import { BasePageRules } from 'cloudflare/resources/page-rules/page-rules';
import { BasePhases } from 'cloudflare/resources/rulesets/phases/phases';
import { BaseRules } from 'cloudflare/resources/rulesets/rules';
import { BaseRulesets } from 'cloudflare/resources/rulesets/rulesets';
import { BaseTokens as UserTokens } from 'cloudflare/resources/user/tokens/tokens';
import { BaseZones } from 'cloudflare/resources/zones/zones';
import { createClient } from 'cloudflare/tree-shakable';

const RESOURCES = [
  BaseZones,
  BasePageRules,
  BaseRulesets,
  BasePhases,
  BaseRules,
  UserTokens,
  AccountTokens,
] as const;

type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

export type Sdk = ReturnType<typeof createSdk>;

/**
 * Cloudflare's own client, reduced to what we call: it builds the requests, `fetch` sends them.
 *
 * It is kept away from three things. The environment: whatever its options leave out it reads from there
 * (`CLOUDFLARE_API_KEY`, `_EMAIL`, `_API_USER_SERVICE_KEY`, `_BASE_URL`, `_LOG`), so each is given. The token:
 * `fetch` puts it in, so nothing that the client logs or throws can hold it. Retries: ours know which are safe.
 */
export function createSdk(options: { baseUrl: string; timeoutMs: number; fetch: Fetch }) {
  const client = createClient({
    resources: RESOURCES,
    apiToken: 'added-when-sent',
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: options.baseUrl,
    timeout: options.timeoutMs,
    maxRetries: 0,
    fetch: options.fetch,
    logLevel: 'off',
    logger: SILENT,
  });
  // CLOUDFLARE_CUSTOM_HEADERS has no option: it lands here, and one invalid name in it makes every call throw.
  Reflect.set(client, '_options', {});
  return client;
}

const silence = () => {};
const SILENT = { error: silence, warn: silence, info: silence, debug: silence };
