import { z } from 'zod';
import type { Answer, ApiCaller } from './api-caller.ts';
import type { CallOptions, Zone } from './types.ts';
import { zoneSchema } from './wire.ts';

/** The largest page that Cloudflare serves. */
const PER_PAGE = 50;

/**
 * Pages of zones, by name. Ends at `total_pages` where the reply tells it, else at the first page that brings
 * nothing new: an empty one, or the same again. Zones that move to a later page meanwhile come once.
 */
export async function* listZones(
  api: ApiCaller,
  filter: { name?: string },
  options: CallOptions,
): AsyncGenerator<Zone[], void, undefined> {
  const seen = new Set<string>();
  for (let page = 1; ; page++) {
    const { result, totalPages } = await readPage(api, { ...filter, page, per_page: PER_PAGE }, options);
    const zones = result.filter((zone) => !seen.has(zone.id));
    for (const zone of zones) seen.add(zone.id);
    if (zones.length > 0) yield zones;
    if (totalPages === undefined ? zones.length === 0 : page >= totalPages) return;
  }
}

/** Some zones: shows that the token may read zones, and of which account. */
export async function firstZones(api: ApiCaller, options: CallOptions): Promise<Zone[]> {
  return (await readPage(api, { page: 1, per_page: 5 }, options)).result;
}

/**
 * The zone of `domain`: the one with that name, else of the nearest parent that has one. Of several with one
 * name (pending in other accounts), the active one.
 */
export async function findZone(
  api: ApiCaller,
  domain: string,
  options: CallOptions,
): Promise<Zone | undefined> {
  for (const name of withParents(domain)) {
    const zones: Zone[] = [];
    for await (const page of listZones(api, { name }, options)) zones.push(...page);
    const named = zones.filter((zone) => zone.name.toLowerCase() === name);
    const zone = named.find(({ status }) => status === 'active') ?? named[0];
    if (zone !== undefined) return zone;
  }
  return undefined;
}

/** `a.b.example.com` → itself, `b.example.com`, `example.com`. A top-level domain is nobody's zone. */
function withParents(domain: string): string[] {
  const labels = domain.toLowerCase().replace(/\.$/, '').split('.');
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, index) => labels.slice(index).join('.'));
}

async function readPage(
  api: ApiCaller,
  query: { page: number; per_page: number; name?: string },
  options: CallOptions,
): Promise<Answer<Zone[]>> {
  return await api.repeatable(
    {
      doing: 'list the zones',
      write: false,
      send: (sdk) => sdk.zones.list({ ...query, order: 'name', direction: 'asc' }),
      result: z.array(zoneSchema),
    },
    options,
  );
}
