import type { SqlEntityManager } from '@mikro-orm/sql';
import { isInForce } from '../../domain/holds.ts';
import type { MaintenanceHold } from '../../domain/maintenance-hold.ts';
import type { Actor } from '../../domain/maintenance-log.ts';
import type { JsonValue } from '../../errors.ts';
import { MaintenanceHoldRepository } from '../../persistence/repositories/maintenance-hold-repository.ts';
import type { HoldRequest, Intent } from './operation.ts';

/** The holds that will be in force once `intent` is done. */
export function holdsAfter(holds: readonly MaintenanceHold[], intent: Intent, now: Date): HoldLike[] {
  if (intent.kind === 'enable') {
    const { name } = intent.hold;
    const held = holds.find((hold) => hold.name === name);
    const placed = { name, updatedAt: now, ...settled(intent.hold, held) };
    return [...holds.filter((hold) => hold.name !== name), placed];
  }
  const { release } = intent;
  return release === null ? [] : holds.filter((hold) => !release.includes(hold.name));
}

/** Pure: whether a hold in force is already just what an enable would make of it. */
export function isOnTheseTerms(holds: readonly MaintenanceHold[], intent: Intent): boolean {
  if (intent.kind === 'disable') return false;
  const held = holds.find((hold) => hold.name === intent.hold.name);
  if (held === undefined || (held.reason ?? '') !== intent.hold.reason) return false;
  const { message, url, expiresAt } = settled(intent.hold, held);
  const isSameEnd = (expiresAt?.getTime() ?? null) === (held.expiresAt?.getTime() ?? null);
  return isSameEnd && message === (held.message ?? null) && url === (held.url ?? null);
}

/** Where a request leaves something out, a hold that is in force keeps what it has. */
function settled({ message, url, expiresAt }: HoldRequest, held: MaintenanceHold | undefined) {
  const asked = typeof expiresAt === 'string' ? new Date(expiresAt) : expiresAt;
  return {
    message: message === undefined ? (held?.message ?? null) : message,
    url: url === undefined ? (held?.url ?? null) : url,
    expiresAt: asked === undefined ? (held?.expiresAt ?? null) : asked,
  };
}

export type HoldLike = Pick<MaintenanceHold, 'name' | 'url' | 'message' | 'updatedAt' | 'expiresAt'>;

/** Who asked for a change, as of which moment, and when it is written. */
export interface Writing {
  by: Actor;
  /** Holds that end later are in force. */
  asOf: Date;
  now: Date;
}

/** Releases those of the `unreleased` holds of a site that `intent` releases or that have ended, for the next flush. */
export function releaseHolds(
  unreleased: readonly MaintenanceHold[],
  intent: Intent,
  { by, asOf, now }: Writing,
): JsonValue[] {
  const released: JsonValue[] = [];
  for (const hold of unreleased) {
    const hasEnded = !isInForce(hold, asOf);
    if (!hasEnded && !isReleasedBy(intent, hold.name)) continue;
    hold.releasedAt = now;
    hold.releasedBy = hasEnded ? 'its end' : by.name;
    released.push({ hold: hold.name, released: hold.releasedBy });
  }
  return released;
}

/** Places or updates the hold of an enable, for the next flush. An ended one of its name must be flushed before. */
export function placeHold(
  em: SqlEntityManager,
  { siteId, unreleased }: { siteId: number; unreleased: readonly MaintenanceHold[] },
  hold: HoldRequest,
  { by, now }: Writing,
): JsonValue {
  const { name, reason } = hold;
  const held = unreleased.find((each) => each.name === name && each.releasedAt == null);
  const terms = settled(hold, held);
  new MaintenanceHoldRepository().write(em, held, { siteId, name, reason, ...terms, actor: by }, now);
  const until = terms.expiresAt?.toISOString() ?? null;
  return { hold: name, [held === undefined ? 'placed' : 'updated']: true, until };
}

function isReleasedBy(intent: Intent, name: string): boolean {
  return intent.kind === 'disable' && (intent.release === null || intent.release.includes(name));
}
