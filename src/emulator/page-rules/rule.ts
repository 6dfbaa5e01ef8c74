export interface PageRuleAction {
  readonly id: string;
  readonly value?: unknown;
}

export interface PageRuleTarget {
  readonly target: string;
  readonly constraint: { readonly operator: string; readonly value: string };
}

/** A page rule as Cloudflare keeps it: its priority is its place in the zone's list. */
export interface StoredPageRule {
  readonly id: string;
  readonly targets: readonly PageRuleTarget[];
  readonly actions: readonly PageRuleAction[];
  readonly status: 'active' | 'disabled';
  readonly createdOn: string;
  readonly modifiedOn: string;
}

/** A page rule as the API shows it (1.3). */
export interface PageRule {
  id: string;
  targets: PageRuleTarget[];
  actions: PageRuleAction[];
  priority: number;
  status: 'active' | 'disabled';
  created_on: string;
  modified_on: string;
}

export function pageRuleBody(rule: StoredPageRule, priority: number): PageRule {
  return {
    id: rule.id,
    targets: [...rule.targets],
    actions: [...rule.actions],
    priority,
    status: rule.status,
    created_on: rule.createdOn,
    modified_on: rule.modifiedOn,
  };
}

/** All rules, highest priority first, which is the API's default order (1.5). */
export function pageRuleList(rules: readonly StoredPageRule[]): PageRule[] {
  return rules.map((rule, index) => pageRuleBody(rule, index + 1)).reverse();
}

export function urlTarget(pattern: string): PageRuleTarget {
  return { target: 'url', constraint: { operator: 'matches', value: pattern } };
}

export function patternOf(rule: Pick<StoredPageRule, 'targets'>): string {
  return rule.targets[0]?.constraint.value ?? '';
}
