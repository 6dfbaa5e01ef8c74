import type { Coverage } from '../domain/coverage.ts';
import type { OwnRule, WantedRule } from '../domain/edge-state.ts';
import { isIntermissionError } from '../errors.ts';
import type {
  Applied,
  CallOptions,
  Change,
  EdgeRule,
  Engine,
  Inspection,
  InspectionInput,
  Note,
  PlanInput,
  Restored,
  RulePlan,
} from './engine.ts';
import { inspectPageRules } from './page-rule-inspection.ts';
import { isAsWritten, wantedRules } from './page-rule-patterns.ts';
import { planPageRules, recognizePageRules } from './page-rules-plan.ts';
import { fieldsOf, type PageRule, type PageRulesPort, toEdgeRule } from './page-rules-port.ts';
import { PuttingBack } from './page-rules-putting-back.ts';
import { goneBefore, ownRule } from './rule-state.ts';

/** Above every quota: Cloudflare clamps it to the top (reference 1.6, 12). */
const TOP_PRIORITY = 1000;
/** Cloudflare's code for "Page Rule validation failed" (reference 2.3). */
const VALIDATION_FAILED = 1004;

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

  readsFirst(): boolean {
    return false;
  }

  async read(zoneId: string, options: CallOptions): Promise<EdgeRule[]> {
    const rules = await this.#port.listPageRules(zoneId, options);
    return rules.map(toEdgeRule);
  }

  plan(input: PlanInput): RulePlan {
    return planPageRules(input);
  }

  recognize(...known: Parameters<Engine['recognize']>): RulePlan {
    return recognizePageRules(...known);
  }

  inspect(input: InspectionInput): Inspection {
    return inspectPageRules(input);
  }

  async apply(zoneId: string, change: Change, options: CallOptions): Promise<Applied> {
    switch (change.kind) {
      case 'create':
        return { rule: await this.#create(zoneId, change, options) };
      case 'update':
      case 'replace':
        return { rule: await this.#write(zoneId, change, options) };
      case 'delete':
        return await this.#delete(zoneId, change.id, options);
      case 'restore':
        return new PuttingBack(this.#port, zoneId, options).restore(change);
      case 'recreate':
        return new PuttingBack(this.#port, zoneId, options).recreate(change);
    }
  }

  settleOrder(zoneId: string, restored: readonly Restored[], options: CallOptions): Promise<Note[]> {
    return new PuttingBack(this.#port, zoneId, options).settleOrder(restored);
  }

  rulesetId(): undefined {
    return undefined;
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
    return ownRule(made.id, wanted);
  }

  async #write(
    zoneId: string,
    { place, ...own }: OwnRule & { place: number },
    options: CallOptions,
  ): Promise<OwnRule> {
    await this.#port.replacePageRule(zoneId, own.id, fieldsOf(own, place), options);
    return ownRule(own.id, own);
  }

  /** Already gone is as good as deleted. A zone or an address that is not found says nothing about the rule. */
  async #delete(zoneId: string, ruleId: string, options: CallOptions): Promise<Applied> {
    try {
      await this.#port.deletePageRule(zoneId, ruleId, options);
      return { rule: undefined };
    } catch (error) {
      const isGone =
        isIntermissionError(error) && error.code === 'not_found' && error.details['what'] === 'rule';
      if (!isGone) throw error;
      return goneBefore(error);
    }
  }
}

function isRejectedByValidation(error: unknown): boolean {
  if (!isIntermissionError(error) || error.code !== 'api_rejected') return false;
  const codes = error.details['codes'];
  return Array.isArray(codes) && codes.includes(VALIDATION_FAILED);
}
