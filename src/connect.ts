import type { CloudflareGateway } from './cloudflare/gateway.ts';
import {
  getZoneIfThere,
  redirectRulesWithVanishedZone,
  withVanishedZone,
} from './cloudflare/vanished-zone.ts';
import type { CloudflareSite } from './domain/cloudflare-site.ts';
import { type EngineName, engineNameOf } from './domain/edge-state.ts';
import { type ChosenEngine, chooseEngine } from './engines/choose-engine.ts';
import type { Engine } from './engines/engine.ts';
import { PageRulesEngine } from './engines/page-rules.ts';
import { RedirectRulesEngine } from './engines/redirect-rules.ts';
import { TwoEngines } from './engines/two-engines.ts';
import type { Connect } from './services/maintenance/ports.ts';
import { ENVIRONMENT_KEY, type KeyRing } from './services/registry/key-ring.ts';

type Engines = Readonly<Record<EngineName, Engine>>;

/** Finds key and engine of a site: Cloudflare as that site sees it. */
export function createConnect(
  keys: KeyRing<CloudflareGateway>,
  /** Names this installation in rules that can be marked. */
  instanceId: () => Promise<string>,
): Connect {
  return async (site, { allowInactiveKey, engine, plannedFor }) => {
    const { gateway: shared, key, token } = await keys.forSite(site, { allowInactive: allowInactiveKey });
    const gateway = shared.fork();
    const recorded = recordedEngines(site);
    const asked = engine ?? site.engine ?? 'auto';
    const choose = () => chooseEngine({ asked, recorded: recorded[0], exemptions: site, token });
    // What is closed can be opened, whatever the site asks for meanwhile.
    const given = plannedFor ?? (allowInactiveKey ? recorded[0] : undefined);
    const choice =
      given === undefined ? choose() : { name: given, why: 'the site is closed by it', mayChange: false };
    const engines = createEngines(gateway, site, await instanceId());
    const purpose = allowInactiveKey ? 'reopen' : 'close';
    return {
      engine: recorded.every((name) => name === choice.name)
        ? engines[choice.name]
        : both(engines, choice.name),
      engines,
      comparing: both(engines, wishOf(choose) ?? choice.name),
      why: choice.why,
      fallback: choice.mayChange ? engines.redirect_rules : undefined,
      apiKeyId: key?.id ?? null,
      apiKeyName: key?.name ?? ENVIRONMENT_KEY,
      getZone: (zoneId) => getZoneIfThere(gateway, zoneId, { purpose }),
      findZone: (domain) => gateway.findZone(domain, { purpose }),
      calls: () => gateway.calls,
      budget: {
        room: () => shared.room('close'),
        awaitRoom: (calls, options) => shared.awaitRoom(calls, { purpose: 'close', ...options }),
      },
    };
  };
}

function createEngines(gateway: CloudflareGateway, site: CloudflareSite, instanceId: string): Engines {
  const known = site.edgeState?.rulesetId;
  const rulesets = known === undefined || site.zoneId == null ? [] : ([[site.zoneId, known]] as const);
  return {
    page_rules: new PageRulesEngine(withVanishedZone(gateway)),
    redirect_rules: new RedirectRulesEngine(redirectRulesWithVanishedZone(gateway), { instanceId, rulesets }),
  };
}

function both(engines: Engines, chosen: EngineName): Engine {
  const other = chosen === 'page_rules' ? 'redirect_rules' : 'page_rules';
  return new TwoEngines(engines[chosen], engines[other]);
}

/** Undefined when what the site asks for is impossible: that is for whoever closes it to find out. */
function wishOf(choose: () => ChosenEngine): EngineName | undefined {
  try {
    return choose().name;
  } catch {
    return undefined;
  }
}

/** The engines whose rules are on record: none, one, or both, where a change from one to the other was interrupted. */
function recordedEngines({ edgeState }: CloudflareSite): EngineName[] {
  const kinds = new Set((edgeState?.rules ?? []).map((rule) => engineNameOf(rule)));
  return [...kinds].sort((name) => (name === edgeState?.engine ? -1 : 1));
}
