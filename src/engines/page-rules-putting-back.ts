import { isDeepStrictEqual } from 'node:util';
import type { OwnRule, ReplacedRule, WantedRule } from '../domain/edge-state.ts';
import type { Applied, CallOptions, EdgeRule, Note, Restored } from './engine.ts';
import { isAsWritten, isOurWriting } from './page-rule-patterns.ts';
import { exchange, isOrderKept, nextPlace, restoredPriority } from './page-rules-order.ts';
import {
  fieldsOf,
  isAsSaved,
  type PageRuleFields,
  type PageRulesPort,
  toEdgeRule,
} from './page-rules-port.ts';
import { leftAlone, madeAgain } from './rule-state.ts';

/** Puts replaced rules of one zone back, and sees to it that all rules stand in the old order. */
export class PuttingBack {
  readonly #port: PageRulesPort;
  readonly #zoneId: string;
  readonly #options: CallOptions;

  constructor(port: PageRulesPort, zoneId: string, options: CallOptions) {
    this.#port = port;
    this.#zoneId = zoneId;
    this.#options = options;
  }

  /** Puts one rule back, unless it is no longer what we wrote: then it is the user's already. */
  async restore(own: OwnRule & Restored): Promise<Applied> {
    const rules = await this.#read();
    const actual = rules.find((rule) => rule.id === own.id);
    if (actual === undefined || !isOurWriting(actual, own)) return leftAlone(own.id);
    await this.#putBack(own, await this.#stepDown(own, rules));
    return { rule: undefined };
  }

  /** Makes a rule again that was deleted, above those that it stood above. Its id is a new one. */
  async recreate({ replaced, id, pattern }: OwnRule & { replaced: ReplacedRule }): Promise<Applied> {
    const findExisting = async () =>
      (await this.#port.listPageRules(this.#zoneId, this.#options)).find((rule) =>
        isAsSaved(toEdgeRule(rule), replaced),
      );
    const ids = idsOf(await this.#read());
    const next = replaced.order.slice(replaced.order.indexOf(id) + 1).find((other) => ids.includes(other));
    const priority = next === undefined ? 1 : ids.length - ids.indexOf(next) + 1;
    const { targets, actions, status } = replaced.rule as unknown as PageRuleFields;
    const fields = { targets, actions, status, priority };
    const made = await this.#port.createPageRule(this.#zoneId, fields, { ...this.#options, findExisting });
    return madeAgain({ id, pattern }, made.id);
  }

  /**
   * Corrects the order after rules were put back, by moving nothing but these. First each is put beside its old
   * neighbours. Where two rules change places on a write, rules that we never wrote may stand elsewhere as well;
   * moving one rule step by step brings them back too.
   *
   * @returns notes on what could not be corrected
   */
  async settleOrder(restored: readonly Restored[]): Promise<Note[]> {
    const settled = withCommonDisplaced(restored);
    const isKept = (rules: readonly EdgeRule[]) =>
      settled.every((rule) => isOrderKept(rule.replaced, idsOf(rules), notCompared(rule, rules)));
    for (const rule of settled) {
      const rules = await this.#read();
      if (isKept(rules)) return [];
      if (isBack(rule.replaced, rules)) await this.#putBack(rule, rules);
    }
    for (const rule of settled) await this.#rearrange(rule, isKept);
    if (isKept(await this.#read())) return [];
    const ids = restored.map(({ replaced }) => replaced.id).join(', ');
    return [
      {
        code: 'order_changed',
        message: `The rules put back (${ids}) do not all stand where they stood. Check their order in the dashboard.`,
      },
    ];
  }

  /**
   * Moves one rule until the order is right. Each move is one that does the same whether a write pushes the others
   * or changes places with one of them, or else one that helps only in the second case; it ends when Cloudflare
   * turns out to push, when somebody else changes the zone at the same time, or after more moves than could help.
   */
  async #rearrange(rule: Restored, isKept: (rules: readonly EdgeRule[]) => boolean): Promise<void> {
    const { replaced } = rule;
    let rules = await this.#read();
    for (let moves = 2 * rules.length; moves > 0 && !isKept(rules) && isBack(replaced, rules); moves -= 1) {
      const current = idsOf(rules);
      const place = nextPlace(replaced, current, notCompared(rule, rules), staying(rule, rules));
      if (place === undefined) return;
      await this.#write(replaced, place);
      rules = await this.#read();
      const expected = exchange(current, replaced.id, current.length - place);
      if (isDeepStrictEqual(idsOf(rules), expected)) continue;
      if (isBack(replaced, rules)) await this.#putBack(rule, rules);
      return;
    }
  }

  /**
   * Brings a rule of ours below the redirects that stay. Where two rules change places on a write, whatever stands
   * where the rule is put back would otherwise come to stand above them.
   */
  async #stepDown(own: OwnRule & Restored, rules: readonly EdgeRule[]): Promise<readonly EdgeRule[]> {
    const above = staying(own, rules);
    const lowest = rules.findLastIndex((rule) => above.has(rule.id));
    if (rules.findIndex((rule) => rule.id === own.id) > lowest) return rules;
    const fields = fieldsOf(own, rules.length - lowest);
    await this.#port.replacePageRule(this.#zoneId, own.id, fields, this.#options);
    return this.#read();
  }

  async #putBack(rule: Restored, rules: readonly EdgeRule[]): Promise<void> {
    const displaced = new Set(rule.displaced);
    await this.#write(
      rule.replaced,
      restoredPriority(rule.replaced, idsOf(rules), displaced, staying(rule, rules)),
    );
  }

  async #write({ id, rule }: ReplacedRule, priority: number): Promise<void> {
    const { targets, actions, status } = rule as unknown as PageRuleFields;
    const fields = { targets, actions, status, priority };
    await this.#port.replacePageRule(this.#zoneId, id, fields, this.#options);
  }

  async #read(): Promise<EdgeRule[]> {
    return (await this.#port.listPageRules(this.#zoneId, this.#options)).map(toEdgeRule);
  }
}

/** What was displaced when the first was put back may have followed it. */
function withCommonDisplaced(restored: readonly Restored[]): Restored[] {
  const isDisplaced = (id: string) => restored.every((rule) => rule.displaced.includes(id));
  return restored.map((rule) => ({ ...rule, displaced: rule.displaced.filter(isDisplaced) }));
}

function idsOf(rules: readonly EdgeRule[]): string[] {
  return rules.map((rule) => rule.id);
}

/** Ids of the redirects that must go on winning. */
function staying({ under }: Restored, rules: readonly EdgeRule[]): ReadonlySet<string> {
  const stays = (rule: EdgeRule) => under.some((wanted: WantedRule) => isAsWritten(rule, wanted));
  return new Set(idsOf(rules.filter(stays)));
}

/** Ids of rules whose place says nothing now. */
function notCompared(rule: Restored, rules: readonly EdgeRule[]): ReadonlySet<string> {
  return new Set([...staying(rule, rules), ...rule.displaced]);
}

/** True when the rule is what it was before we wrote over it, wherever it stands: nobody has changed it since. */
function isBack(saved: ReplacedRule, rules: readonly EdgeRule[]): boolean {
  return rules.some((rule) => rule.id === saved.id && isAsSaved(rule, saved));
}
