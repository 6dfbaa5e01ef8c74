import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import { IntermissionError, isIntermissionError } from '../errors.ts';
import type {
  Applied,
  CallOptions,
  Change,
  EdgeRule,
  Engine,
  EngineSite,
  Inspection,
  InspectionInput,
  Note,
  PlanInput,
  Restored,
  RulePlan,
} from './engine.ts';
import { closingExpression } from './redirect-expression.ts';
import { inspectRedirectRules } from './redirect-rule-inspection.ts';
import { planRedirectRules, REF_PREFIX, recognizeRedirectRules } from './redirect-rules-plan.ts';
import {
  fieldsOf,
  isAsSaved,
  isAsWritten,
  isOurWriting,
  type RedirectRuleFields,
  type RedirectRuleset,
  type RedirectRulesPort,
  type RulePosition,
  toEdgeRule,
} from './redirect-rules-port.ts';
import { goneBefore, leftAlone, madeAgain, ownRule } from './rule-state.ts';

/** Before all other rules. */
const FIRST = { before: '' };

export interface RedirectRulesOptions {
  /** Names this installation in the handles of its rules. */
  instanceId: string;
  /** Rulesets of zones that were seen before, by the id of the zone: saves reading them. */
  rulesets?: Iterable<readonly [string, string]>;
}

interface AddOptions extends CallOptions {
  findExisting: () => Promise<RedirectRuleset | undefined>;
  position: RulePosition | undefined;
}

/** Closes sites by redirect rules ("Single Redirects"): one rule per site, ten on Free, before all page rules. */
export class RedirectRulesEngine implements Engine {
  readonly name = 'redirect_rules';
  readonly #port: RedirectRulesPort;
  readonly #instanceId: string;
  /** By the id of the zone; null: the zone has none. */
  readonly #rulesets: Map<string, string | null>;

  constructor(port: RedirectRulesPort, { instanceId, rulesets = [] }: RedirectRulesOptions) {
    this.#port = port;
    this.#instanceId = instanceId;
    this.#rulesets = new Map(rulesets);
  }

  wanted(site: EngineSite, url: string): WantedRule[] {
    return [{ pattern: closingExpression(site), url, ref: `${REF_PREFIX}${this.#instanceId}:${site.id}` }];
  }

  /** A rule can only be added to a ruleset that is known. */
  readsFirst(zoneId: string): boolean {
    return !this.#rulesets.has(zoneId);
  }

  async read(zoneId: string, options: CallOptions): Promise<EdgeRule[]> {
    const ruleset = await this.#look(zoneId, options);
    return ruleset?.rules.map(toEdgeRule) ?? [];
  }

  plan(input: PlanInput): RulePlan {
    return planRedirectRules(input);
  }

  recognize(...known: Parameters<Engine['recognize']>): RulePlan {
    return recognizeRedirectRules(...known);
  }

  inspect(input: InspectionInput): Inspection {
    return inspectRedirectRules(input);
  }

  async apply(zoneId: string, change: Change, options: CallOptions): Promise<Applied> {
    switch (change.kind) {
      case 'create':
        return await this.#create(zoneId, change, options);
      case 'update':
      case 'replace':
        await this.#write(zoneId, change.id, { ...fieldsOf(change), position: FIRST }, options);
        return { rule: ownRule(change.id, change) };
      case 'delete':
        return await this.#delete(zoneId, change.id, options);
      case 'restore':
        return await this.#putBack(zoneId, change, options);
      case 'recreate':
        return await this.#recreate(zoneId, change, options);
    }
  }

  /** Nothing of others ever moves. */
  async settleOrder(_zoneId: string, _restored: readonly Restored[], _options: CallOptions): Promise<Note[]> {
    return [];
  }

  rulesetId(zoneId: string): string | undefined {
    return this.#rulesets.get(zoneId) ?? undefined;
  }

  async #look(zoneId: string, options: CallOptions): Promise<RedirectRuleset | undefined> {
    const ruleset = await this.#port.read(zoneId, options);
    this.#rulesets.set(zoneId, ruleset?.id ?? null);
    return ruleset;
  }

  async #create(zoneId: string, wanted: WantedRule, options: CallOptions): Promise<Applied> {
    const isMade = (rule: RedirectRuleset['rules'][number]) => isAsWritten(toEdgeRule(rule), wanted);
    const findExisting = async (): Promise<RedirectRuleset | undefined> => {
      const ruleset = await this.#look(zoneId, options);
      return ruleset?.rules.some(isMade) ? ruleset : undefined;
    };
    const ruleset = await this.#add(zoneId, fieldsOf(wanted), { ...options, findExisting, position: FIRST });
    this.#rulesets.set(zoneId, ruleset.id);
    const made = ruleset.rules.find(isMade);
    if (made === undefined) throw notInReply();
    const others = ruleset.rules.filter(({ id }) => id !== made.id).map(toEdgeRule);
    return { rule: ownRule(made.id, wanted), others };
  }

  /** Into the ruleset that is known, into the one that is there, or, when there is none, into a new one. */
  async #add(
    zoneId: string,
    rule: RedirectRuleFields,
    { position, ...options }: AddOptions,
  ): Promise<RedirectRuleset> {
    const add = (rulesetId: string) => this.#port.add(zoneId, rulesetId, rule, position, options);
    const known = this.#rulesets.get(zoneId);
    if (known) {
      try {
        return await add(known);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    const actual = known === null ? undefined : await this.#look(zoneId, options);
    if (actual !== undefined) return add(actual.id);
    try {
      return await this.#port.createRuleset(zoneId, rule, options);
    } catch (error) {
      if (!isIntermissionError(error) || error.details['reason'] !== 'ruleset_exists') throw error;
      const made = await this.#look(zoneId, options);
      if (made === undefined) throw error;
      return add(made.id);
    }
  }

  /** @throws IntermissionError `not_found` with `details.what` `rule` when the rule is gone */
  async #write(
    zoneId: string,
    ruleId: string,
    fields: Parameters<RedirectRulesPort['change']>[3],
    options: CallOptions,
  ): Promise<void> {
    await this.#atRule(zoneId, ruleId, options, async (rulesetId) => {
      await this.#port.change(zoneId, rulesetId, ruleId, fields, options);
    });
  }

  /** Already gone is as good as deleted. */
  async #delete(zoneId: string, ruleId: string, options: CallOptions): Promise<Applied> {
    try {
      await this.#atRule(zoneId, ruleId, options, async (rulesetId) => {
        await this.#port.delete(zoneId, rulesetId, ruleId, options);
      });
      return { rule: undefined };
    } catch (error) {
      if (!isIntermissionError(error) || error.details['what'] !== 'rule') throw error;
      return goneBefore(error);
    }
  }

  /** Does something to a rule in the ruleset that is known; when that one is not found, in the one that holds the rule. */
  async #atRule(
    zoneId: string,
    ruleId: string,
    options: CallOptions,
    work: (rulesetId: string) => Promise<void>,
  ): Promise<void> {
    const known = this.#rulesets.get(zoneId);
    if (known) {
      try {
        return await work(known);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    const actual = await this.#look(zoneId, options);
    if (actual === undefined || !actual.rules.some(({ id }) => id === ruleId)) throw ruleGone(ruleId);
    await work(actual.id);
  }

  /** A rule that was adopted and written over, as it was found; what the user has changed since is left alone. */
  async #putBack(zoneId: string, own: OwnRule & Restored, options: CallOptions): Promise<Applied> {
    const rules = (await this.#look(zoneId, options))?.rules ?? [];
    const actual = rules.find(({ id }) => id === own.id);
    if (actual === undefined || !isOurWriting(toEdgeRule(actual), own)) return leftAlone(own.id);
    const position = placeOf(own.replaced, rules);
    await this.#write(zoneId, own.id, { ...asFound(own.replaced.rule), position }, options);
    return { rule: undefined };
  }

  /** A rule that was adopted and deleted, made again; its id is a new one. */
  async #recreate(
    zoneId: string,
    { id, pattern, replaced }: OwnRule & { replaced: ReplacedRule },
    options: CallOptions,
  ): Promise<Applied> {
    const isMade = (rule: RedirectRuleset['rules'][number]) => isAsSaved(rule, replaced);
    const findExisting = async (): Promise<RedirectRuleset | undefined> => {
      const ruleset = await this.#look(zoneId, options);
      return ruleset?.rules.some(isMade) ? ruleset : undefined;
    };
    const position = placeOf(replaced, (await this.#look(zoneId, options))?.rules ?? []);
    const ruleset = await this.#add(zoneId, asFound(replaced.rule), { ...options, findExisting, position });
    const made = ruleset.rules.find(isMade);
    if (made === undefined) throw notInReply();
    return madeAgain({ id, pattern }, made.id);
  }
}

/** Before the first of the rules that it stood before. */
function placeOf({ id, order }: ReplacedRule, rules: RedirectRuleset['rules']): RulePosition | undefined {
  const behind = order.slice(order.indexOf(id) + 1);
  const next = behind.find((other) => rules.some((rule) => rule.id === other));
  return next === undefined ? undefined : { before: next };
}

/** The definition in a snapshot. */
function asFound(rule: ReplacedRule['rule']): RedirectRuleFields {
  const { action, action_parameters, expression, description, ref, enabled } = rule as {
    action: string;
    action_parameters?: RedirectRuleFields['actionParameters'];
    expression: string;
    description?: string;
    ref: string;
    enabled?: boolean;
  };
  return {
    action,
    actionParameters: action_parameters ?? null,
    expression,
    ...(description !== undefined && { description }),
    ref,
    enabled: enabled ?? true,
  };
}

/** A rule, or the ruleset that it was in. What it is, only reading tells. */
function isGone(error: unknown): boolean {
  return isIntermissionError(error) && error.code === 'not_found' && error.details['what'] === 'ruleset';
}

function ruleGone(ruleId: string): IntermissionError {
  return new IntermissionError('not_found', `The redirect rule ${ruleId} is gone from Cloudflare.`, {
    hint: 'Somebody has removed it. Run the command again: it then reads the zone first.',
    details: { what: 'rule' },
  });
}

function notInReply(): IntermissionError {
  return new IntermissionError(
    'api_rejected',
    'Cloudflare’s answer does not hold the redirect rule it made.',
    {
      hint: 'Run the command again: it reads the zone and puts it in order first.',
      details: { uncertain: true },
    },
  );
}
