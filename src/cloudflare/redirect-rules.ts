import { isIntermissionError } from '../errors.ts';
import type { ApiCaller, ApiRequest } from './api-caller.ts';
import { createOnce } from './create-once.ts';
import type { Sdk } from './sdk.ts';
import type {
  CallOptions,
  CreateOptions,
  RedirectRuleFields,
  RedirectRuleset,
  RulePosition,
} from './types.ts';
import { redirectRulesetSchema } from './wire.ts';

/** The phase of a zone's redirect rules, "Single Redirects" in the dashboard (reference 3). */
const PHASE = 'http_request_dynamic_redirect';
type Send = (sdk: Sdk) => ReturnType<ApiRequest<RedirectRuleset>['send']>;

/**
 * The redirect rules of zones. Each write is about one rule and returns the whole ruleset; what is not named stays.
 * Any call may throw what those of `CloudflareGateway` may; `details.what` of a `not_found` is then `ruleset` or `zone`.
 */
export class RedirectRules {
  readonly #api: ApiCaller;

  constructor(api: ApiCaller) {
    this.#api = api;
  }

  /** Undefined: the zone has no such ruleset yet, and no redirect rule (404 with code 10003; reference 3.6). */
  async read(zoneId: string, options: CallOptions = {}): Promise<RedirectRuleset | undefined> {
    const send: Send = (sdk) => sdk.rulesets.phases.get(PHASE, { zone_id: zoneId });
    try {
      return await this.#repeatable('read the redirect rules', send, { write: false, options });
    } catch (error) {
      if (isIntermissionError(error) && error.details['what'] === 'entrypoint') return undefined;
      throw error;
    }
  }

  /**
   * Creates the ruleset of a zone that has none, with one rule.
   *
   * @throws also `rule_conflict` with `details.reason` `ruleset_exists`, `quota_exceeded`
   */
  async createRuleset(
    zoneId: string,
    rule: RedirectRuleFields,
    options: CreateOptions<RedirectRuleset> = {},
  ): Promise<RedirectRuleset> {
    const body = { name: 'default', kind: 'zone', phase: PHASE, rules: [bodyOf(rule)] };
    return await this.#once(
      'create the redirect rules of the zone',
      (sdk) => sdk.rulesets.create(sent({ zone_id: zoneId, ...body })),
      options,
    );
  }

  /** Adds a rule, never twice: after a lost reply `findExisting` is asked. @throws also `quota_exceeded` */
  async add(
    zoneId: string,
    rulesetId: string,
    rule: RedirectRuleFields,
    position: RulePosition | undefined,
    options: CreateOptions<RedirectRuleset> = {},
  ): Promise<RedirectRuleset> {
    return await this.#once(
      'create a redirect rule',
      (sdk) => sdk.rulesets.rules.create(rulesetId, sent({ zone_id: zoneId, ...bodyOf(rule), position })),
      options,
    );
  }

  /** Makes a rule exactly what `rule` says, keeping its id, and its place when none is given. */
  async change(
    zoneId: string,
    rulesetId: string,
    ruleId: string,
    rule: RedirectRuleFields & { position?: RulePosition | undefined },
    options: CallOptions = {},
  ): Promise<RedirectRuleset> {
    const { position } = rule;
    const body = { zone_id: zoneId, ruleset_id: rulesetId, ...bodyOf(rule), ...(position && { position }) };
    return await this.#repeatable(
      'change a redirect rule',
      (sdk) => sdk.rulesets.rules.edit(ruleId, sent(body)),
      { write: true, options },
    );
  }

  async delete(
    zoneId: string,
    rulesetId: string,
    ruleId: string,
    options: CallOptions = {},
  ): Promise<RedirectRuleset> {
    return await this.#repeatable(
      'delete a redirect rule',
      (sdk) => sdk.rulesets.rules.delete(ruleId, { zone_id: zoneId, ruleset_id: rulesetId }),
      { write: true, options },
    );
  }

  async #repeatable(
    doing: string,
    send: Send,
    { write, options }: { write: boolean; options: CallOptions },
  ): Promise<RedirectRuleset> {
    const request: ApiRequest<RedirectRuleset> = { doing, write, send, result: redirectRulesetSchema };
    return (await this.#api.repeatable(request, options)).result;
  }

  async #once(doing: string, send: Send, options: CreateOptions<RedirectRuleset>): Promise<RedirectRuleset> {
    const request: ApiRequest<RedirectRuleset> = { doing, write: true, send, result: redirectRulesetSchema };
    const create = async () => (await this.#api.once(request, options)).result;
    return await createOnce(create, options.findExisting, this.#api.retryOptions(options));
  }
}

function bodyOf(rule: RedirectRuleFields) {
  const { action, actionParameters, expression, description, ref, enabled } = rule;
  const definition = { action, action_parameters: actionParameters, expression, ref, enabled };
  return description === undefined ? definition : { ...definition, description };
}

/** The SDK's types know the actions of today; a rule that is put back may have another. */
function sent<T>(body: object): T {
  return body as T;
}
