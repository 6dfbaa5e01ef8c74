import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { applyZoneFacts, type ZoneFacts } from '../../domain/zone-facts.ts';
import { IntermissionError } from '../../errors.ts';
import type { Dependencies } from './dependencies.ts';
import type { Connection } from './ports.ts';
import { getSite } from './records.ts';

/** The zone of a site; looked up at Cloudflare and recorded when it is not known yet. */
export async function identifyZone(
  deps: Pick<Dependencies, 'database' | 'clock'>,
  site: CloudflareSite,
  connection: Connection,
): Promise<string> {
  if (site.zoneId != null) return site.zoneId;
  const zone = await findZoneOf(site, connection);
  await deps.database.transaction(async (em) =>
    applyZoneFacts(await getSite(em, site.id), zone, deps.clock.now()),
  );
  return zone.id;
}

/** @throws IntermissionError `not_found` when no zone of the token holds the domain */
export async function findZoneOf(
  { domain }: Pick<CloudflareSite, 'domain'>,
  connection: Connection,
): Promise<ZoneFacts> {
  const zone = await connection.findZone(domain);
  if (zone !== undefined) return zone;
  throw new IntermissionError('not_found', `No zone of this API token holds ${domain}.`, {
    hint: 'Check the domain, and that the token may read the zone (Zone Read); or name another key with --api-key.',
  });
}
