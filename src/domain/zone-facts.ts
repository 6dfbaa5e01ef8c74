import type { CloudflareSite } from './cloudflare-site.ts';

/** What Cloudflare says of a zone. */
export interface ZoneFacts {
  id: string;
  name: string;
  status: string;
  paused: boolean;
  plan: string;
  accountId: string | null;
  pageRuleQuota: number | null;
}

/** Writes what Cloudflare says into the site. The fields that belong to the user are not touched. */
export function applyZoneFacts(site: CloudflareSite, zone: ZoneFacts, now: Date): void {
  Object.assign(site, zoneFields(zone, now));
}

/** The fields of a site that Cloudflare owns. */
export function zoneFields(zone: ZoneFacts, now: Date) {
  return {
    zoneId: zone.id,
    zoneName: zone.name,
    accountId: zone.accountId,
    zoneStatus: zone.status,
    zonePaused: zone.paused,
    zonePlan: zone.plan,
    pageRuleQuota: zone.pageRuleQuota,
    zoneCheckedAt: now,
  };
}
