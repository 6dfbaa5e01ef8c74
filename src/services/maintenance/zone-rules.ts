import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { type EngineName, engineNameOf } from '../../domain/edge-state.ts';
import type { EdgeRule } from '../../engines/engine.ts';
import type { Dependencies } from './dependencies.ts';
import { findKnownPages } from './known-pages.ts';
import { statusOf } from './live-status.ts';
import { readZones, type ZoneReading } from './read-zones.ts';

/** One rule of a zone, and whose it is. */
export interface ZoneRule {
  id: string;
  kind: EngineName;
  /** Of a page rule, the URL pattern; of a redirect rule, the expression. */
  pattern: string;
  active: boolean;
  /** Where it sends visitors; null when it does something else. */
  url: string | null;
  owner: 'ours' | 'doubtful' | 'foreign';
  /** The site that a rule of ours closes. */
  site: string | null;
}

/**
 * All rules of the zone of a site that could close it, the winning one first. Reads Cloudflare and changes nothing.
 *
 * @throws IntermissionError whatever keeps the zone from being read
 */
export async function listZoneRules(
  deps: Dependencies,
  site: CloudflareSite,
): Promise<{ zoneName: string | null; rules: ZoneRule[] }> {
  const [reading] = (await readZones(deps, [site], undefined)) as [ZoneReading];
  if (reading.error !== undefined) throw reading.error;
  const pages = await findKnownPages(deps.database.read(), deps.settings);
  const { doubtful } = await statusOf(reading, site, { deps, pages });
  const doubted = new Set(doubtful.map(({ id }) => id));
  const owners = new Map(
    reading.records.sites.flatMap(({ domain, edgeState }) =>
      (edgeState?.rules ?? []).map(({ id }) => [id, domain] as const),
    ),
  );
  const rules = (reading.read ?? []).map((rule) =>
    toZoneRule(rule, owners.get(rule.id), doubted.has(rule.id)),
  );
  return { zoneName: site.zoneName ?? reading.zoneName ?? null, rules };
}

function toZoneRule(rule: EdgeRule, site: string | undefined, isDoubtful: boolean): ZoneRule {
  return {
    id: rule.id,
    kind: engineNameOf(rule),
    pattern: rule.pattern,
    active: rule.active,
    url: rule.redirect?.url ?? null,
    owner: site !== undefined ? 'ours' : isDoubtful ? 'doubtful' : 'foreign',
    site: site ?? null,
  };
}
