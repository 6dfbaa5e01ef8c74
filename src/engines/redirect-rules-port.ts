import { isDeepStrictEqual } from 'node:util';
import type { ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import type { JsonValue } from '../errors.ts';
import type { CallOptions, EdgeRule } from './engine.ts';

/** The status code of our redirects: 302, since browsers keep a 301, sometimes for ever (reference 9). */
const REDIRECT_STATUS = 302;

/** All that a redirect rule is: a write always sends the whole of it (reference 3.2). */
export interface RedirectRuleFields {
  action: string;
  actionParameters: JsonValue;
  expression: string;
  description?: string;
  ref: string;
  enabled: boolean;
}

export interface RedirectRule extends RedirectRuleFields {
  id: string;
  raw: JsonValue;
}

/** The redirect rules of a zone, the winning one first. */
export interface RedirectRuleset {
  id: string;
  rules: RedirectRule[];
}

/** Before the rule of that id; `''` for before all. */
export interface RulePosition {
  before: string;
}

type CreateOptions = CallOptions & { findExisting?: () => Promise<RedirectRuleset | undefined> };

/** What this engine needs of Cloudflare. Each write returns the whole ruleset as it is then. */
export interface RedirectRulesPort {
  /** Undefined: the zone has no ruleset for redirects yet. */
  read(zoneId: string, options?: CallOptions): Promise<RedirectRuleset | undefined>;
  /** Throws `rule_conflict` with `details.reason` `ruleset_exists` when there is one after all. */
  createRuleset(zoneId: string, rule: RedirectRuleFields, options?: CreateOptions): Promise<RedirectRuleset>;
  /** Without `position` behind all others. `findExisting` is asked, before a second attempt, whether the first one arrived after all. */
  add(
    zoneId: string,
    rulesetId: string,
    rule: RedirectRuleFields,
    position: RulePosition | undefined,
    options?: CreateOptions,
  ): Promise<RedirectRuleset>;
  change(
    zoneId: string,
    rulesetId: string,
    ruleId: string,
    rule: RedirectRuleFields & { position?: RulePosition | undefined },
    options?: CallOptions,
  ): Promise<RedirectRuleset>;
  delete(zoneId: string, rulesetId: string, ruleId: string, options?: CallOptions): Promise<RedirectRuleset>;
}

/** The rule that sends whatever the expression matches to `url`, and nothing more. */
export function fieldsOf({ pattern, url, ref = '' }: WantedRule): RedirectRuleFields {
  const target = { value: url };
  return {
    action: 'redirect',
    actionParameters: {
      from_value: { target_url: target, status_code: REDIRECT_STATUS, preserve_query_string: false },
    },
    expression: pattern,
    description: 'Maintenance mode, set by Intermission. It is removed when the site reopens.',
    ref,
    enabled: true,
  };
}

export function toEdgeRule(rule: RedirectRule): EdgeRule {
  const { id, ref, expression, enabled, raw } = rule;
  return { id, ref, pattern: expression, active: enabled, redirect: redirectOf(rule), raw };
}

/** Null when the rule does anything but send visitors to one fixed address. */
function redirectOf({ action, actionParameters }: RedirectRule): EdgeRule['redirect'] {
  if (action !== 'redirect') return null;
  const parameters = (actionParameters ?? {}) as {
    from_value?: {
      target_url?: { value?: string };
      status_code?: number;
      preserve_query_string?: boolean;
    };
  };
  const { target_url, status_code = 301, preserve_query_string = false } = parameters.from_value ?? {};
  if (target_url?.value === undefined || preserve_query_string) return null;
  return { url: target_url.value, statusCode: status_code };
}

/** True when the rule at Cloudflare still is what we wrote, be it that somebody has switched it off. */
export function isOurWriting(rule: EdgeRule, written: WantedRule): boolean {
  return (
    rule.pattern === written.pattern &&
    rule.ref === written.ref &&
    rule.redirect?.url === written.url &&
    rule.redirect.statusCode === REDIRECT_STATUS
  );
}

export function isAsWritten(rule: EdgeRule, written: WantedRule): boolean {
  return rule.active && isOurWriting(rule, written);
}

/** True when the rule does what the one in the snapshot did, under whatever id and wherever it stands. */
export function isAsSaved(rule: Pick<EdgeRule, 'raw'>, saved: ReplacedRule): boolean {
  return isDeepStrictEqual(contentOf(rule.raw), contentOf(saved.rule));
}

function contentOf(raw: unknown): object {
  const { action, action_parameters, expression, ref, enabled = true } = raw as Record<string, unknown>;
  return { action, action_parameters, expression, ref, enabled };
}
