export interface SiteOfWindow {
  siteId: number;
  domain: string;
}

/** A site that is to be closed during the window. */
export interface WindowMember extends SiteOfWindow {
  /** The intended state. */
  maintenanceActive: boolean;
}

/** A hold that the window has or had. */
export interface WindowHold extends SiteOfWindow {
  placedAt: Date;
  releasedAt: Date | null;
  releasedBy: string | null;
}

/** Who releases holds without anybody having asked for it. */
export const SCHEDULER = 'scheduler';
/** Stands in a hold that came to its end. */
const ITS_END = 'its end';

/** What is to be done about the sites of a window that is to be closed. */
export interface ClosingPlan {
  close: WindowMember[];
  /** Somebody has taken the window's hold away: they stay open. */
  leftOpen: { domain: string; by: string }[];
}

/** Every site that lacks the hold of its window gets it, unless a person has released it. */
export function planClosing(members: readonly WindowMember[], holds: readonly WindowHold[]): ClosingPlan {
  const ofSite = Map.groupBy(holds, ({ siteId }) => siteId);
  const plan: ClosingPlan = { close: [], leftOpen: [] };
  for (const member of members) {
    const own = ofSite.get(member.siteId) ?? [];
    const taken = own.find((hold) => hold.releasedAt !== null && isByPerson(hold.releasedBy));
    // Somebody who reopened the site at the very moment in which its end was moved has left the hold behind.
    const isHeld = member.maintenanceActive && own.some((hold) => hold.releasedAt === null);
    if (taken !== undefined)
      plan.leftOpen.push({ domain: member.domain, by: taken.releasedBy ?? 'somebody' });
    else if (!isHeld) plan.close.push(member);
  }
  return plan;
}

/** The holds that a window still has. */
export function unreleased(holds: readonly WindowHold[]): WindowHold[] {
  return holds.filter(({ releasedAt }) => releasedAt === null);
}

function isByPerson(releasedBy: string | null): boolean {
  return releasedBy !== ITS_END && releasedBy !== SCHEDULER;
}
