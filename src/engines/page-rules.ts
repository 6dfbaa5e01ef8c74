import type { Coverage } from '../domain/coverage.ts';
import type { OwnRule, WantedRule } from '../domain/edge-state.ts';
import { isIntermissionError, type JsonValue } from '../errors.ts';
import type {
  Applied,
  CallOptions,
  Change,
  EdgeRule,
  Engine,
  JournaledChange,
  Note,
  PlanInput,
  Restored,
  RulePlan,
  RuleState,
} from './engine.ts';
import { isAsWritten, isOurWriting, REDIRECT_STATUS, wantedRules } from './page-rule-patterns.ts';
import { isOrderKept, restoredPriority } from './page-rules-order.ts';
import { planPageRules, recognizePageRules } from './page-rules-plan.ts';

/** Above every quota: Cloudflare clamps it to the top (reference 1.6, 12). */
const TOP_PRIORITY = 1000;
/** How often an order is corrected: where Cloudflare lets two rules change places, one move can undo another. */
const ROUNDS = 3;
/** Cloudflare's code for "Page Rule validation failed" (reference 2.3). */
const VALIDATION_FAILED = 1004;

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

/** Closes sites by page rules with a `forwarding_url` action: on every plan, three rules on Free. */
export class PageRulesEngine implements Engine {
  readonly name = 'page_rules';
  readonly #port: PageRulesPort;

  constructor(port: PageRulesPort) {
    this.#port = port;
  }

  wanted(site: Coverage, url: string): WantedRule[] {
    return wantedRules(site, url);
  }

  async read(zoneId: string, options: CallOptions): Promise<EdgeRule[]> {
    const rules = await this.#port.listPageRules(zoneId, options);
    return rules.map(toEdgeRule);
  }

  plan(input: PlanInput): RulePlan {
    return planPageRules(input);
  }

  recognize(state: RuleState, changes: readonly JournaledChange[], read: readonly EdgeRule[]): RulePlan {
    return recognizePageRules(state, changes, read);
  }

  async apply(zoneId: string, change: Change, options: CallOptions): Promise<Applied> {
    switch (change.kind) {
      case 'create':
        return { rule: await this.#create(zoneId, change, options) };
      case 'update':
      case 'replace':
        return { rule: await this.#write(zoneId, change, options) };
      case 'delete':
        await this.#delete(zoneId, change.id, options);
        return { rule: undefined };
      case 'restore':
        return this.#restore(zoneId, change, options);
    }
  }

  async settleOrder(zoneId: string, restored: readonly Restored[], options: CallOptions): Promise<Note[]> {
    // What was displaced when the first was put back may have followed it.
    const isDisplaced = (id: string) => restored.every((rule) => rule.displaced.includes(id));
    const settled = restored.map((rule) => ({ ...rule, displaced: rule.displaced.filter(isDisplaced) }));
    const isKept = (rules: readonly EdgeRule[]) =>
      settled.every(({ replaced, under, displaced }) =>
        isOrderKept(replaced, idsOf(rules), new Set([...idsOf(asWritten(rules, under)), ...displaced])),
      );
    for (let round = 0; round < ROUNDS; round += 1) {
      if (isKept(await this.read(zoneId, options))) return [];
      for (const rule of settled)
        await this.#putBack(zoneId, rule, await this.read(zoneId, options), options);
    }
    if (isKept(await this.read(zoneId, options))) return [];
    const ids = restored.map(({ replaced }) => replaced.id).join(', ');
    return [
      {
        code: 'order_changed',
        message: `The rules put back (${ids}) do not all stand where they stood. Check their order in the dashboard.`,
      },
    ];
  }

  async #create(zoneId: string, wanted: WantedRule, options: CallOptions): Promise<OwnRule> {
    const findExisting = async (): Promise<PageRule | undefined> => {
      const rules = await this.#port.listPageRules(zoneId, options);
      return rules.find((rule) => isAsWritten(toEdgeRule(rule), wanted));
    };
    const create = (priority: number) =>
      this.#port.createPageRule(zoneId, fieldsOf(wanted, priority), { ...options, findExisting });
    const made = await create(TOP_PRIORITY).catch(async (error: unknown) => {
      if (!isRejectedByValidation(error)) throw error;
      // Where a number above the count is refused instead of clamped, the exact one is sent.
      const rules = await this.#port.listPageRules(zoneId, options);
      return create(rules.length + 1);
    });
    return { id: made.id, pattern: wanted.pattern, url: wanted.url };
  }

  async #write(
    zoneId: string,
    { place, ...own }: OwnRule & { place: number },
    options: CallOptions,
  ): Promise<OwnRule> {
    await this.#port.replacePageRule(zoneId, own.id, fieldsOf(own, place), options);
    return { id: own.id, pattern: own.pattern, url: own.url };
  }

  /** Already gone is as good as deleted. A zone or an address that is not found says nothing about the rule. */
  async #delete(zoneId: string, ruleId: string, options: CallOptions): Promise<void> {
    try {
      await this.#port.deletePageRule(zoneId, ruleId, options);
    } catch (error) {
      const isGone =
        isIntermissionError(error) && error.code === 'not_found' && error.details['what'] === 'rule';
      if (!isGone) throw error;
    }
  }

  async #restore(zoneId: string, own: OwnRule & Restored, options: CallOptions): Promise<Applied> {
    const rules = await this.read(zoneId, options);
    const actual = rules.find((rule) => rule.id === own.id);
    if (actual === undefined || !isOurWriting(actual, own)) {
      const message = `The rule ${own.id} was changed or removed at Cloudflare meanwhile and is left as it is now.`;
      return { rule: undefined, note: { code: 'rule_changed', message } };
    }
    await this.#putBack(zoneId, own, await this.#stepDown(zoneId, own, rules, options), options);
    return { rule: undefined };
  }

  /**
   * Brings a rule of ours below the redirects that stay. Where two rules change places on a write, whatever stands
   * where the rule is put back would otherwise come to stand above them.
   */
  async #stepDown(
    zoneId: string,
    own: OwnRule & Restored,
    rules: readonly EdgeRule[],
    options: CallOptions,
  ): Promise<readonly EdgeRule[]> {
    const staying = idsOf(asWritten(rules, own.under));
    const lowest = rules.findLastIndex((rule) => staying.includes(rule.id));
    if (rules.findIndex((rule) => rule.id === own.id) > lowest) return rules;
    await this.#write(zoneId, { ...own, place: rules.length - lowest }, options);
    return this.read(zoneId, options);
  }

  async #putBack(
    zoneId: string,
    { replaced, under, displaced }: Restored,
    rules: readonly EdgeRule[],
    options: CallOptions,
  ): Promise<void> {
    const { targets, actions, status } = replaced.rule as unknown as PageRuleFields;
    const staying = idsOf(asWritten(rules, under));
    const priority = restoredPriority(replaced, idsOf(rules), new Set(displaced), new Set(staying));
    await this.#port.replacePageRule(zoneId, replaced.id, { targets, actions, status, priority }, options);
  }
}

function idsOf(rules: readonly EdgeRule[]): string[] {
  return rules.map((rule) => rule.id);
}

/** The rules that are there just as they are wanted. */
function asWritten(rules: readonly EdgeRule[], wanted: readonly WantedRule[]): EdgeRule[] {
  return rules.filter((rule) => wanted.some((one) => isAsWritten(rule, one)));
}

function fieldsOf(rule: WantedRule, priority: number): PageRuleFields {
  return {
    targets: [{ target: 'url', constraint: { operator: 'matches', value: rule.pattern } }],
    actions: [{ id: 'forwarding_url', value: { url: rule.url, status_code: REDIRECT_STATUS } }],
    priority,
    status: 'active',
  };
}

function toEdgeRule(rule: PageRule): EdgeRule {
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

function isRejectedByValidation(error: unknown): boolean {
  if (!isIntermissionError(error) || error.code !== 'api_rejected') return false;
  const codes = error.details['codes'];
  return Array.isArray(codes) && codes.includes(VALIDATION_FAILED);
}
