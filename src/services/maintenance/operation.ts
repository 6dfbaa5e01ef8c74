import { createHash } from 'node:crypto';
import type { ClosedSide, EngineName, ReplacedRule } from '../../domain/edge-state.ts';
import type { Change, JournaledChange, Note, RuleState } from '../../engines/engine.ts';

/** The hold that an enable places or updates. What is undefined stays as it is, null clears it. */
export interface HoldRequest {
  name: string;
  reason: string;
  /** What the public may read. */
  message?: string | null | undefined;
  url?: string | null | undefined;
  /** ISO 8601, UTC. */
  expiresAt?: string | null | undefined;
}

/** What an operation is to bring about; enough to finish it after a crash. */
export type Intent =
  | { kind: 'enable'; hold: HoldRequest }
  /** Releases the holds of these names; null releases all. Holds that have ended count as released already. */
  | { kind: 'disable'; release: string[] | null };

/** What a pending log row keeps: everything that undoing or finishing needs. */
export interface OperationPlan {
  version: 1;
  zoneId: string;
  engine: EngineName;
  /** Why this engine. */
  why: string;
  intent: Intent;
  /** Where visitors are sent; null when the site opens. */
  url: string | null;
  /** What was ours before the first change. */
  before: RuleState;
  /** What visitors met before and meet afterwards while it is closed, the latest last; old rows do not say. */
  closes?: ClosedSide[];
  changes: JournaledChange[];
  notes: Note[];
  /** Doubtful rules that were taken as ours by request, as they were found. */
  adopted: ReplacedRule[];
  /** The ruleset of the zone, as last seen; kept in the record, so that it need not be read. */
  rulesetId?: string | undefined;
  /** Requests sent to Cloudflare, known when the operation is finished. */
  calls: number;
  /** What was done to come back, when the operation failed. */
  undone?: Change[];
}

/** What would be done, shown before anything is changed. */
export interface Preview {
  domain: string;
  action: Intent['kind'];
  engine: EngineName;
  why: string;
  url: string | null;
  until: string | null;
  changes: Change[];
  notes: Note[];
  /** Requests that applying it needs at least. */
  calls: number;
  /** Pass it on as `expect`: then nothing else is done than what was shown. */
  digest: string;
}

/** Names a list of changes: equal digests mean the same changes of the same rules. */
export function digestOf(engine: EngineName, changes: readonly Change[]): string {
  const essence = changes.map((change) => [
    change.kind,
    change.kind === 'create' ? '' : change.id,
    change.pattern,
    change.url,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([engine, essence]))
    .digest('hex')
    .slice(0, 32);
}

/** One line for people: what a change does. */
export function describeChange(change: Change & { refused?: string }): string {
  switch (change.kind) {
    case 'create':
      return `add ${change.pattern} → ${change.url}`;
    case 'update':
      return `rewrite our rule ${change.id}: ${change.pattern} → ${change.url}`;
    case 'replace':
      return `write over the rule ${change.id} (${change.pattern}) → ${change.url}; it is saved and put back`;
    case 'recreate':
      return `make the rule ${change.id} (${change.pattern}) again as it was`;
    case 'delete':
      return `remove our rule ${change.pattern}`;
    case 'restore':
      if (change.refused !== undefined)
        return `remove our rule ${change.pattern}; the rule ${change.id} was not taken back by Cloudflare, its snapshot is kept`;
      return `put back the rule ${change.id} (${change.pattern}) as it was`;
  }
}
