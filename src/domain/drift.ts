/** The state of a site as one source tells it. `mixed`: only some of its hosts are closed. */
export type SiteCondition = 'open' | 'maintenance' | 'mixed' | 'unknown';

/** A rule as it stands at Cloudflare. */
export interface FoundRule {
  id: string;
  pattern: string;
  active: boolean;
  /** Where it sends visitors; null when it does something else. */
  url: string | null;
}

/** A redirect that could have closed a site, and of which nothing is recorded here. */
export interface DoubtfulRule extends FoundRule {
  /** Its destination is a maintenance page that is in use here: it is most likely a forgotten closure. */
  knownPage: boolean;
  /** It takes the site along with a domain above it: no command about this site touches it. */
  wider: boolean;
}

export type DriftKind =
  /** A rule of ours is gone. */
  | 'missing'
  /** A rule of ours is switched off. */
  | 'disabled'
  /** What stands at Cloudflare is not what is wanted: edited there, or the site was edited here. */
  | 'changed'
  /** A rule that others made wins over ours. */
  | 'outranked'
  /** A rule of ours is there, and no hold wants it. */
  | 'rule_without_hold'
  /** The user has changed or removed the rule that stands where one of theirs was replaced: it is theirs again. */
  | 'replaced_changed'
  /** The hosts of an open site are closed along with another site. */
  | 'closed_by_other_site';

/** One way in which Cloudflare's rules differ from what is intended. */
export interface Drift {
  kind: DriftKind;
  /** The rule that should be otherwise; null when there is none yet. */
  ruleId: string | null;
  pattern: string;
  /** Where its visitors should be sent; null when it should not be there. */
  url: string | null;
  /** Who made the difference: an edit of the site here that is not applied yet, or somebody at Cloudflare. */
  origin: 'here' | 'cloudflare';
  /** What stands there. */
  found: FoundRule | null;
  /** The rule that wins, and the site of this database that it belongs to, if any. */
  by: (FoundRule & { site: string | null }) | null;
}
