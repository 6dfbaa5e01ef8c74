import type { CloudflareGateway } from './cloudflare/gateway.ts';
import { withVanishedZone } from './cloudflare/vanished-zone.ts';
import { PageRulesEngine } from './engines/page-rules.ts';
import { IntermissionError } from './errors.ts';
import type { Connect } from './services/maintenance/ports.ts';
import type { KeyRing } from './services/registry/key-ring.ts';

/** Tokens of accounts begin so; page rules refuse them (reference 2.3, code 1011; 6.2). */
const ACCOUNT_TOKEN = 'cfat_';

/** Finds key and engine of a site: Cloudflare as that site sees it. */
export function createConnect(keys: KeyRing<CloudflareGateway>): Connect {
  return async (site, { allowInactiveKey, engine = site.engine ?? 'auto' }) => {
    const { gateway, key, token } = await keys.forSite(site, { allowInactive: allowInactiveKey });
    // What is closed can be opened, whatever is asked for meanwhile.
    if (engine === 'redirect_rules' && !allowInactiveKey) throw notAvailable();
    if (token.startsWith(ACCOUNT_TOKEN)) throw accountToken();
    const purpose = allowInactiveKey ? 'reopen' : 'close';
    return {
      engine: new PageRulesEngine(withVanishedZone(gateway)),
      why: engine === 'auto' ? 'it serves every site of a token that belongs to a user' : 'it was asked for',
      apiKeyId: key?.id ?? null,
      getZone: (zoneId) => gateway.getZone(zoneId, { purpose }),
      findZone: (domain) => gateway.findZone(domain, { purpose }),
      calls: () => gateway.calls,
    };
  };
}

function accountToken(): IntermissionError {
  return new IntermissionError(
    'api_token_unsupported',
    'The API token belongs to an account (cfat_…), and Cloudflare’s Page Rules accept only tokens of users.',
    {
      hint: 'Create a token under My Profile → API Tokens, with Zone Read and Page Rules Write.',
    },
  );
}

function notAvailable(): IntermissionError {
  return new IntermissionError('validation_failed', 'The engine redirect_rules is not available.', {
    hint: 'Use auto or page_rules.',
  });
}
