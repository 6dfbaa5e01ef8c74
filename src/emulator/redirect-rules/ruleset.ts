import type { Switches } from '../switches.ts';

export const redirectPhase = 'http_request_dynamic_redirect';

/** Where a redirect leads: a fixed address, or an expression that gives one. */
export type RedirectTarget = { readonly value: string } | { readonly expression: string };

/** A rule of the redirect phase as Cloudflare keeps it. */
export interface StoredRedirectRule {
  readonly id: string;
  readonly version: number;
  readonly expression: string;
  readonly target: RedirectTarget;
  /** 301 unless given. */
  readonly statusCode: number | undefined;
  /** No, unless given. */
  readonly preserveQueryString: boolean | undefined;
  readonly description: string | undefined;
  readonly ref: string;
  readonly enabled: boolean;
  readonly lastUpdated: string;
}

/** The zone's only ruleset in this phase; the first rule that matches wins. */
export interface StoredRuleset {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  readonly lastUpdated: string;
  readonly rules: readonly StoredRedirectRule[];
}

export interface RedirectParameters {
  from_value: {
    target_url: RedirectTarget;
    status_code?: number;
    preserve_query_string?: boolean;
  };
}

/** A redirect rule as the API shows it (3.2). */
export interface RedirectRule {
  id: string;
  version: string;
  action: 'redirect';
  action_parameters: RedirectParameters;
  expression: string;
  description?: string;
  last_updated: string;
  ref: string;
  enabled: boolean;
}

/** A ruleset of the redirect phase as the API shows it (3.2). */
export interface RedirectRuleset {
  id: string;
  name: string;
  description: string;
  kind: 'zone';
  version: string;
  phase: typeof redirectPhase;
  last_updated: string;
  rules: RedirectRule[];
}

/** Six digits after the second, of which the emulator knows three. */
export function preciseTimestamp(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}

export function redirectRuleBody(
  rule: StoredRedirectRule,
  defaults: Switches['redirectDefaults'] = 'asSent',
): RedirectRule {
  return {
    id: rule.id,
    version: String(rule.version),
    action: 'redirect',
    action_parameters: { from_value: { target_url: rule.target, ...shownOptions(rule, defaults) } },
    expression: rule.expression,
    ...(rule.description === undefined ? {} : { description: rule.description }),
    last_updated: rule.lastUpdated,
    ref: rule.ref,
    enabled: rule.enabled,
  };
}

function shownOptions(rule: StoredRedirectRule, defaults: Switches['redirectDefaults']) {
  const fallback = defaults === 'filled' ? { status: 301, preserve: false } : {};
  const hidden = defaults === 'omitted' ? { status: 301, preserve: false } : {};
  const status = rule.statusCode ?? fallback.status;
  const preserve = rule.preserveQueryString ?? fallback.preserve;
  return {
    ...(status === undefined || status === hidden.status ? {} : { status_code: status }),
    ...(preserve === undefined || preserve === hidden.preserve ? {} : { preserve_query_string: preserve }),
  };
}

/** A ruleset as lists show it. */
export function rulesetSummary(ruleset: StoredRuleset): Omit<RedirectRuleset, 'rules'> {
  return {
    id: ruleset.id,
    name: ruleset.name,
    description: ruleset.description,
    kind: 'zone',
    version: String(ruleset.version),
    phase: redirectPhase,
    last_updated: ruleset.lastUpdated,
  };
}

export function rulesetBody(ruleset: StoredRuleset, switches: Switches): Record<string, unknown> {
  const rules = ruleset.rules.map((rule) => redirectRuleBody(rule, switches.redirectDefaults));
  const hidden = rules.length === 0 && switches.emptyRules === 'absent';
  return { ...rulesetSummary(ruleset), ...(hidden ? {} : { rules }) };
}

/** The ruleset with other rules: a new version. */
export function withRules(
  ruleset: StoredRuleset,
  rules: readonly StoredRedirectRule[],
  now: number,
): StoredRuleset {
  return { ...ruleset, rules, version: ruleset.version + 1, lastUpdated: preciseTimestamp(now) };
}
