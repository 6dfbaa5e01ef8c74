import type { ReplacedRule } from '../domain/edge-state.ts';
import type { RuleState } from './engine.ts';

/**
 * The priority that puts a replaced rule back where it stood. Cloudflare's numbers count from the bottom, 1 to the
 * number of rules, without gaps (reference 1.6).
 *
 * While the zone holds the same foreign rules as before, the old number is the right one. Otherwise the rule goes
 * next to the nearest of its old neighbours that is still there.
 *
 * @param current ids of all rules of the zone, the winning one first
 * @param displaced ids of rules that are still out of place: they say nothing about where anything belongs
 * @param staying ids of redirects that must go on winning: the rule goes below them, wherever it stood
 */
export function restoredPriority(
  replaced: ReplacedRule,
  current: readonly string[],
  displaced: ReadonlySet<string>,
  staying: ReadonlySet<string>,
): number {
  const isOther = (id: string) => !staying.has(id);
  const wanted = priorityAmong(
    { ...replaced, order: replaced.order.filter(isOther) },
    current.filter(isOther),
    displaced,
  );
  const others = current.filter((id) => id !== replaced.id);
  return Math.min(wanted, others.length - others.findLastIndex((id) => staying.has(id)));
}

/** The same where nothing has to win over the rule. */
function priorityAmong(
  replaced: ReplacedRule,
  current: readonly string[],
  displaced: ReadonlySet<string>,
): number {
  const { id, order } = replaced;
  const known = new Set(order);
  const newcomersAreOnTop = current
    .slice(0, current.length - order.length)
    .every((other) => !known.has(other));
  const belowIsInPlace = !order.slice(order.indexOf(id)).some((other) => displaced.has(other));
  if (order.every((other) => current.includes(other)) && newcomersAreOnTop && belowIsInPlace)
    return order.length - order.indexOf(id);

  const others = current.filter((other) => other !== id);
  const place = placeAmong(others, replaced, displaced);
  return others.length - place + 1;
}

/**
 * Places for rules that must win, counted from the bottom: the highest that no rule of ours has. It is not known
 * for sure whether a rule that is written to a place shifts the others down or changes places with the one that is
 * there (reference 1.6), so a place is taken only where neither would push one of ours down.
 *
 * @param current ids of all rules of the zone, the winning one first
 * @param ours ids of rules of ours
 * @param moving ids of the rules to place, in the order in which they will be written
 */
export function topPlaces(
  current: readonly string[],
  ours: ReadonlySet<string>,
  moving: readonly string[],
): Map<string, number> {
  let outcomes = [current, current];
  const places = new Map<string, number>();
  const placed = new Set([...ours].filter((id) => !moving.includes(id)));
  for (const id of moving) {
    const isFree = (index: number) => outcomes.every((order) => !placed.has(order[index] ?? ''));
    const index = current.findIndex((_, at) => isFree(at));
    outcomes = [shift(outcomes[0] ?? [], id, index), exchange(outcomes[1] ?? [], id, index)];
    places.set(id, current.length - index);
    placed.add(id);
  }
  return places;
}

function shift(order: readonly string[], id: string, index: number): string[] {
  return order.filter((other) => other !== id).toSpliced(index, 0, id);
}

/** The order after `id` has changed places with the rule at `index`. */
export function exchange(order: readonly string[], id: string, index: number): string[] {
  return order.with(order.indexOf(id), order[index] ?? id).with(index, id);
}

/**
 * The order that the rules of others will have once every site of the zone is open: what snapshots keep, so that
 * those taken at different times and for different sites agree.
 *
 * @param states what is ours now, for each site of the zone
 * @param current ids of all rules of the zone, the winning one first
 */
export function orderOfOthers(states: readonly RuleState[], current: readonly string[]): string[] {
  const snapshots = states.flatMap((state) => state.replaced);
  const replaced = new Set(snapshots.map((rule) => rule.id));
  const created = new Set(
    states.flatMap((state) => state.rules.map((rule) => rule.id).filter((id) => !replaced.has(id))),
  );
  const others = current.filter((id) => !created.has(id));
  const recorded = snapshots.map((rule) => rule.order.filter((id) => others.includes(id)));
  // Last what nobody has recorded: a rule that somebody has made since stands below the one that it stands below now.
  return [...recorded, others.filter((id) => !replaced.has(id))].reduce(merge, []);
}

/** Adds what `order` lacks, each below the one that it stands below in `more`. */
function merge(order: readonly string[], more: readonly string[]): string[] {
  return more.reduce<string[]>(
    (merged, id, index) => {
      if (merged.includes(id)) return merged;
      const above = index === 0 ? -1 : merged.indexOf(more[index - 1] ?? '');
      return merged.toSpliced(above + 1, 0, id);
    },
    [...order],
  );
}

/**
 * True when the rules of the snapshot that are still there stand in the same order as then.
 *
 * @param ignored ids of rules that need not stand there yet or not at all
 */
export function isOrderKept(
  replaced: ReplacedRule,
  current: readonly string[],
  ignored: ReadonlySet<string>,
): boolean {
  const counts = (id: string) => !ignored.has(id) && replaced.order.includes(id);
  const now = current.filter(counts);
  const before = replaced.order.filter((id) => now.includes(id));
  return before.every((id, place) => id === now[place]);
}

/**
 * Where to move a rule that was put back, so that all rules come to stand in the old order if two rules change
 * places on a write. Moving one rule again and again is enough for that: each move brings another rule home, or the
 * moved one out of its home while others are not in theirs. As long as only the moved one is out of place, it goes
 * from neighbour to neighbour, which does the same where a write pushes the others.
 *
 * @param current ids of all rules of the zone, the winning one first
 * @param ignored ids of rules that must stay where they are
 * @param staying ids of redirects that must go on winning: nothing is moved from or to a place above them
 * @returns the place, counted from the bottom; undefined when no move helps
 */
export function nextPlace(
  { id, order }: ReplacedRule,
  current: readonly string[],
  ignored: ReadonlySet<string>,
  staying: ReadonlySet<string>,
): number | undefined {
  const lowest = current.findLastIndex((other) => staying.has(other));
  const moved = current.flatMap((other, index) =>
    index > lowest && !ignored.has(other) && order.includes(other) ? [{ id: other, index }] : [],
  );
  const home = order.filter((other) => moved.some((one) => one.id === other));
  const at = moved.findIndex((one) => one.id === id);
  if (at === -1) return undefined;
  const target =
    home[at] === id
      ? moved.find((one, place) => one.id !== home[place])
      : moved.find((one) => one.id === home[at]);
  return target === undefined ? undefined : current.length - target.index;
}

/** The index in `others`, the winning rule first, before which the rule belongs. */
function placeAmong(
  others: readonly string[],
  replaced: ReplacedRule,
  displaced: ReadonlySet<string>,
): number {
  const old = replaced.order.indexOf(replaced.id);
  const isHere = (id: string): boolean => others.includes(id) && !displaced.has(id);
  const above = replaced.order.slice(0, old).filter(isHere).at(-1);
  if (above !== undefined) return others.indexOf(above) + 1;
  const below = replaced.order.slice(old + 1).find(isHere);
  return below === undefined ? others.length : others.indexOf(below);
}
