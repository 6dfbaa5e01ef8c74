import type { WantedRule } from '../../domain/edge-state.ts';
import { summarizeHolds } from '../../domain/holds.ts';
import { visitorUrl } from '../../domain/maintenance-url.ts';
import type { Answer, EdgeRule, Engine, RulePlan, RuleState } from '../../engines/engine.ts';
import { type HoldLike, holdsAfter } from './hold-records.ts';
import type { Intent } from './operation.ts';
import { recordedState, type Situation } from './records.ts';

/** What the holds ask for once the intent is done. */
export interface Wanted {
  /** Holds that then are in force; none opens the site. */
  holds: HoldLike[];
  url: string | null;
  until: Date | undefined;
  target: WantedRule[];
}

/** Pure: the rules that a site needs once `intent` is done. */
export function wantedAfter(
  situation: Situation,
  intent: Intent,
  engine: Engine,
  defaultUrl: string,
): Wanted {
  const holds = holdsAfter(situation.holds, intent, situation.asOf);
  if (holds.length === 0) return { holds, url: null, until: undefined, target: [] };
  const summary = summarizeHolds(holds);
  const { site } = situation;
  const template = summary.url ?? site.maintenanceUrl ?? defaultUrl;
  const url = visitorUrl(template, site.domain, summary.until);
  return { holds, url, until: summary.until, target: engine.wanted(site, url) };
}

/**
 * Whether Cloudflare must be read before planning. One new rule is tried without: should its pattern be taken,
 * Cloudflare says so. Rules of ours alone are removed by their ids.
 */
export function needsReading(situation: Situation, wanted: Wanted, existing: Answer | undefined): boolean {
  const { rules, replaced } = recordedState(situation.site.edgeState);
  if (existing !== undefined) return true;
  if (rules.length === 0) return wanted.target.length !== 1;
  return wanted.target.length > 0 || replaced.length > 0;
}

/** Pure: from what is there (`state`, the recorded one unless given) to what is wanted. */
export function planRules(
  engine: Engine,
  situation: Situation,
  {
    state,
    ...input
  }: {
    target: WantedRule[];
    /** What is ours now; undefined for what is recorded. */
    state?: RuleState | undefined;
    read: EdgeRule[] | undefined;
    existing: Answer | undefined;
  },
): RulePlan {
  const { site, neighbours } = situation;
  return engine.plan({
    site,
    state: state ?? recordedState(site.edgeState),
    foreign: site.edgeState?.foreign ?? [],
    neighbours: neighbours.map(({ domain, edgeState }) => ({ domain, ...recordedState(edgeState) })),
    ...input,
  });
}
