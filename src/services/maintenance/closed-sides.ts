import { isDeepStrictEqual } from 'node:util';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { ClosedSide } from '../../domain/edge-state.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import type { OperationPlan } from './operation.ts';

/** How many sides are kept and looked at, the latest. */
const MAX_SIDES = 5;

/**
 * What visitors may meet around an operation, the latest last: what the rules were written for `before`, and the site as
 * it is when the operation closes it (`url` is not null). Pure.
 */
export function sidesAround(
  before: readonly ClosedSide[] = [],
  site: CloudflareSite,
  url: string | null,
): ClosedSide[] {
  return eachOnce(url === null ? before : [...before, sideOf(site)]);
}

/**
 * What the edge may still do by the rules of before, as the rows of a site tell it, the newest first. A proof shows that
 * the edge is past everything that came before it. Pure.
 */
export function formerSides(rows: readonly MaintenanceLog[]): ClosedSide[] {
  const last = rows.findIndex(({ proof }) => proof === 'proven');
  const since = last === -1 ? rows : rows.slice(0, last);
  const proven = rows.slice(since.length, since.length + 1).map(planIn);
  const start = proven.flatMap(({ url, closes = [] }) => (url === null ? [] : closes.slice(-1)));
  return eachOnce([...start, ...since.toReversed().flatMap((row) => planIn(row).closes ?? [])]);
}

/** A refused row has the intent alone. */
export function planIn({ plan }: MaintenanceLog): Partial<OperationPlan> {
  return (plan ?? {}) as Partial<OperationPlan>;
}

function sideOf(site: CloudflareSite): ClosedSide {
  const { includeSubdomains = true, subdomainList = '', openPaths, bypassIps } = site;
  return { includeSubdomains, subdomainList, openPaths, bypassIps };
}

/** The later of two equal ones stays. */
function eachOnce(sides: readonly ClosedSide[]): ClosedSide[] {
  const isLast = (side: ClosedSide, index: number) =>
    !sides.slice(index + 1).some((later) => isDeepStrictEqual({ ...later }, { ...side }));
  return sides.filter(isLast).slice(-MAX_SIDES);
}
