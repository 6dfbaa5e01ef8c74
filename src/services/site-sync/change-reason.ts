import { isWithin } from '../../domain/domain-name.ts';
import type { FieldChanges } from '../sync-result.ts';
import { GONE, type KnownSite } from './plan-page.ts';

const STATUS_REASONS: Record<string, string> = {
  active: 'Cloudflare serves the zone now.',
  pending:
    'The domain does not use the name servers of Cloudflare yet: the zone is pending and does not serve.',
  initializing: 'Cloudflare is setting the zone up: it does not serve yet.',
  moved:
    'The domain does not use the name servers of Cloudflare any more: the zone has moved and does not serve.',
};

/** Why a site was updated, in words: what happened to its zone. Null when nothing did. */
export function changeReason(
  { domain, isActive }: Pick<KnownSite, 'domain' | 'isActive'>,
  changes: FieldChanges,
): string | null {
  if (Object.keys(changes).length === 0) return null;
  const { zoneId, zoneName, zoneStatus, zonePaused, accountId, zonePlan } = changes;
  if (zoneId?.from === null) return 'Its zone was found.';
  const reasons = [
    zoneId !== undefined && 'It lies in another zone now.',
    zoneName !== undefined && nameReason(domain, zoneName),
    zoneStatus !== undefined && statusReason(String(zoneStatus.to)),
    zoneStatus?.from === GONE && isActive === false && inactiveReason(domain),
    zonePaused !== undefined && pauseReason(zonePaused.to === true),
    accountId !== undefined && zoneId === undefined && 'Its zone belongs to another account now.',
    zonePlan !== undefined && `The plan of its zone is ${zonePlan.to} now.`,
  ].filter((reason) => reason !== false);
  return reasons.length === 0 ? 'Cloudflare says something else of its zone than before.' : reasons.join(' ');
}

function nameReason(domain: string, { from, to }: FieldChanges[string]): string {
  const name = String(to);
  const outside = isWithin(domain, name) ? '' : ` ${domain} does not lie in it any more.`;
  return from === null ? `Its zone is ${name}.` : `Its zone was renamed from ${from} to ${name}.${outside}`;
}

function statusReason(status: string): string {
  return STATUS_REASONS[status] ?? `The status of its zone is ${status} now.`;
}

/** Whether a site is active belongs to the user: it may have been inactive before its zone was gone. */
function inactiveReason(domain: string): string {
  return `The site stays inactive; to use it again: intermission site edit ${domain} --active`;
}

function pauseReason(isPaused: boolean): string {
  return isPaused
    ? 'Cloudflare is paused for the zone: no rule works there.'
    : 'Cloudflare is not paused for the zone any more.';
}
