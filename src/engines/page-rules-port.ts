import { isDeepStrictEqual } from 'node:util';
import type { ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import type { JsonValue } from '../errors.ts';
import type { CallOptions, EdgeRule } from './engine.ts';
import { REDIRECT_STATUS } from './page-rule-patterns.ts';

/** The four fields of a page rule that a write must always send: what is left out falls back to a default (reference 1.4). */
export interface PageRuleFields {
  targets: { target: string; constraint: { operator: string; value: string } }[];
  actions: { id: string; value?: JsonValue }[];
  priority: number;
  status: 'active' | 'disabled';
}

export interface PageRule extends PageRuleFields {
  id: string;
  raw: JsonValue;
}

/** What this engine needs of Cloudflare. */
export interface PageRulesPort {
  /** All page rules of the zone, the winning one first. */
  listPageRules(zoneId: string, options?: CallOptions): Promise<PageRule[]>;
  /** Creates a rule. `findExisting` is asked, before a second attempt, whether the first one arrived after all. */
  createPageRule(
    zoneId: string,
    fields: PageRuleFields,
    options?: CallOptions & { findExisting?: () => Promise<PageRule | undefined> },
  ): Promise<PageRule>;
  replacePageRule(
    zoneId: string,
    ruleId: string,
    fields: PageRuleFields,
    options?: CallOptions,
  ): Promise<PageRule>;
  /** Throws `not_found` when it was gone before. */
  deletePageRule(zoneId: string, ruleId: string, options?: CallOptions): Promise<void>;
}

/** What is written to send the visitors of a pattern elsewhere. */
export function fieldsOf(rule: WantedRule, priority: number): PageRuleFields {
  return {
    targets: [{ target: 'url', constraint: { operator: 'matches', value: rule.pattern } }],
    actions: [{ id: 'forwarding_url', value: { url: rule.url, status_code: REDIRECT_STATUS } }],
    priority,
    status: 'active',
  };
}

/** A page rule in the words of the planner. */
export function toEdgeRule(rule: PageRule): EdgeRule {
  const [action, ...more] = rule.actions;
  const value = action?.id === 'forwarding_url' && more.length === 0 ? action.value : undefined;
  const { url, status_code } = (value ?? {}) as { url?: string; status_code?: number };
  return {
    id: rule.id,
    pattern: rule.targets[0]?.constraint.value ?? '',
    active: rule.status === 'active',
    redirect: url === undefined || status_code === undefined ? null : { url, statusCode: status_code },
    raw: rule.raw,
  };
}

/** True when the rule does what the one in the snapshot did, under whatever id and wherever it stands. */
export function isAsSaved(rule: Pick<EdgeRule, 'raw'>, saved: ReplacedRule): boolean {
  return isDeepStrictEqual(contentOf(rule.raw), contentOf(saved.rule));
}

/** Cloudflare may return the actions in another order (reference 1.3). */
function contentOf(raw: unknown): object {
  const { targets, actions, status } = raw as PageRuleFields;
  return { targets, status, actions: actions.toSorted((a, b) => a.id.localeCompare(b.id)) };
}
