import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { coversHost } from '../../domain/coverage.ts';
import { canonicalHost } from '../../domain/domain-name.ts';
import { findRedirectLoop, type Redirecting } from '../../domain/maintenance-url.ts';
import { IntermissionError } from '../../errors.ts';

/** @throws IntermissionError `validation_failed` for a site that was switched off in our database */
export function assertSiteActive(site: CloudflareSite): void {
  if (site.isActive) return;
  throw new IntermissionError('validation_failed', `${site.domain} is an inactive site and is not closed.`, {
    hint: `Activate it first: intermission site edit ${site.domain} --active`,
  });
}

/**
 * A rule in a zone that does not serve redirects nobody.
 *
 * @throws IntermissionError `zone_not_serving`
 */
export function assertZoneServing(site: CloudflareSite): void {
  if (site.zonePaused !== true && (site.zoneStatus ?? 'active') === 'active') return;
  const state = site.zonePaused === true ? 'is paused' : `has the status "${site.zoneStatus}"`;
  throw new IntermissionError(
    'zone_not_serving',
    `The zone ${site.zoneName} ${state} at Cloudflare, so a rule would redirect nobody.`,
    {
      hint: 'Activate the zone in the Cloudflare dashboard, then repeat.',
      details: { zoneStatus: site.zoneStatus ?? null, zonePaused: site.zonePaused ?? null },
    },
  );
}

/**
 * A maintenance page that is itself redirected can never be read.
 *
 * @throws IntermissionError `redirect_loop`
 */
export function assertNoLoop(site: Redirecting, closed: readonly Redirecting[]): void {
  const loop = findRedirectLoop(site, closed);
  if (loop === undefined) return;
  throw new IntermissionError(
    'redirect_loop',
    `Visitors of ${site.domain} would be sent in a circle: ${loop.join(' → ')}, by ${site.url}.`,
    {
      hint: 'Use a maintenance page on a host that none of the closed sites covers (--url, or maintenance-url of the site).',
      details: { url: site.url, loop },
    },
  );
}

/** @throws IntermissionError `self_lockout` when closing the site would close this installation's own address */
export function assertNotOurselves(site: CloudflareSite, publicUrl: string | undefined): void {
  if (publicUrl === undefined || !coversHost(site, canonicalHost(new URL(publicUrl).hostname))) return;
  throw new IntermissionError(
    'self_lockout',
    `Closing ${site.domain} would also redirect ${publicUrl}, where this installation is reached.`,
    {
      hint: 'Reach it by another host, or repeat with --force if that is meant.',
      details: { publicUrl },
    },
  );
}
