import { isWithin } from '../../domain/domain-name.ts';
import type { ZoneFacts } from '../../domain/zone-facts.ts';
import { IntermissionError } from '../../errors.ts';
import type { KeyRing, UsableKey } from './key-ring.ts';

/** Cloudflare as one key sees it. */
export interface ZoneReader {
  getZone(zoneId: string): Promise<ZoneFacts>;
  /** The zone with that name, or of its nearest parent. */
  findZone(domain: string): Promise<ZoneFacts | undefined>;
}

export interface ZoneQuestion {
  domain: string;
  /** Undefined: the zone is found by the domain. */
  zoneId: string | undefined;
  /** Name of the key to ask with; undefined: the default one. */
  apiKey: string | undefined;
  /** True: nothing is recorded, not even that the key was used. */
  dryRun?: boolean | undefined;
}

/**
 * The zone that a site lies in, as Cloudflare says it now. Undefined when there is no token at all: it is then left
 * to the first operation.
 *
 * @throws IntermissionError `not_found` for an unknown key, or when the key sees no such zone; `validation_failed`
 *   for an inactive key or a zone of another domain
 */
export async function lookUpZone(
  keys: KeyRing<ZoneReader>,
  { domain, zoneId, apiKey, dryRun = false }: ZoneQuestion,
): Promise<ZoneFacts | undefined> {
  if (apiKey === undefined && (await keys.isEmpty())) return undefined;
  const usable = await keys.byName(apiKey);
  const { gateway, key } = usable;
  const zone = zoneId === undefined ? await gateway.findZone(domain) : await gateway.getZone(zoneId);
  if (zone === undefined) throw noZone(domain, usable);
  if (!isWithin(domain, zone.name.toLowerCase())) throw otherZone(domain, zone);
  if (!dryRun) await keys.noteUse(key, zone.accountId);
  return zone;
}

function noZone(domain: string, { key }: UsableKey<unknown>): IntermissionError {
  const whose = key === null ? 'The token in CLOUDFLARE_API_TOKEN' : `The API key "${key.name}"`;
  return new IntermissionError('not_found', `${whose} sees no zone for ${domain} at Cloudflare.`, {
    hint: 'Check the spelling. If the zone belongs to another account, name its key with --api-key; if it is new, give the token Zone Read on it.',
  });
}

function otherZone(domain: string, zone: ZoneFacts): IntermissionError {
  return new IntermissionError(
    'validation_failed',
    `The zone ${zone.id} is that of ${zone.name}, not of ${domain}.`,
    {
      hint: 'Leave the zone id out to have it looked up.',
    },
  );
}
