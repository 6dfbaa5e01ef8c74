import type { CloudflareGateway } from './cloudflare/gateway.ts';
import { withVanishedZone } from './cloudflare/vanished-zone.ts';
import type { CloudflareSite } from './domain/cloudflare-site.ts';
import { type EngineName, engineNameOf } from './domain/edge-state.ts';
import { chooseEngine } from './engines/choose-engine.ts';
import type { Engine } from './engines/engine.ts';
import { PageRulesEngine } from './engines/page-rules.ts';
import { RedirectRulesEngine } from './engines/redirect-rules.ts';
import { TwoEngines } from './engines/two-engines.ts';
import type { Connect } from './services/maintenance/ports.ts';
import type { KeyRing } from './services/registry/key-ring.ts';

type Engines = (name: EngineName) => Engine;

/** Finds key and engine of a site: Cloudflare as that site sees it. */
export function createConnect(
  keys: KeyRing<CloudflareGateway>,
  /** Names this installation in rules that can be marked. */
  instanceId: () => Promise<string>,
): Connect {
  return async (site, { allowInactiveKey, engine, plannedFor }) => {
    const { gateway, key, token } = await keys.forSite(site, { allowInactive: allowInactiveKey });
    const recorded = recordedEngines(site);
    // What is closed can be opened, whatever the site asks for meanwhile.
    const given = plannedFor ?? (allowInactiveKey ? recorded[0] : undefined);
    const asked = engine ?? site.engine ?? 'auto';
    const choice =
      given === undefined
        ? chooseEngine({ asked, recorded: recorded[0], exemptions: site, token })
        : { name: given, why: 'the site is closed by it', mayChange: false };
    const engineOf = createEngines(gateway, site, await instanceId());
    const purpose = allowInactiveKey ? 'reopen' : 'close';
    return {
      engine: together(engineOf, choice.name, recorded),
      why: choice.why,
      fallback: choice.mayChange ? engineOf('redirect_rules') : undefined,
      apiKeyId: key?.id ?? null,
      getZone: (zoneId) => gateway.getZone(zoneId, { purpose }),
      findZone: (domain) => gateway.findZone(domain, { purpose }),
      calls: () => gateway.calls,
    };
  };
}

function createEngines(gateway: CloudflareGateway, site: CloudflareSite, instanceId: string): Engines {
  const known = site.edgeState?.rulesetId;
  const rulesets = known === undefined || site.zoneId == null ? [] : ([[site.zoneId, known]] as const);
  return (name) =>
    name === 'page_rules'
      ? new PageRulesEngine(withVanishedZone(gateway))
      : new RedirectRulesEngine(gateway.redirectRules, { instanceId, rulesets });
}

/** The chosen engine, with the other one if rules of that are there. */
function together(engineOf: Engines, name: EngineName, recorded: readonly EngineName[]): Engine {
  const other = recorded.find((each) => each !== name);
  return other === undefined ? engineOf(name) : new TwoEngines(engineOf(name), engineOf(other));
}

/** The engines whose rules are on record: none, one, or both, where a change from one to the other was interrupted. */
function recordedEngines({ edgeState }: CloudflareSite): EngineName[] {
  const kinds = new Set((edgeState?.rules ?? []).map((rule) => engineNameOf(rule)));
  return [...kinds].sort((name) => (name === edgeState?.engine ? -1 : 1));
}
