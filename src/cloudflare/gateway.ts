import type { PageRuleCreateParams } from 'cloudflare/resources/page-rules/page-rules';
import { z } from 'zod';
import { isIntermissionError } from '../errors.ts';
import { ApiCaller, type ApiRequest } from './api-caller.ts';
import { createOnce } from './create-once.ts';
import type { Pacer } from './pacer.ts';
import { RedirectRules } from './redirect-rules.ts';
import type {
  CallOptions,
  CreateOptions,
  GatewayOptions,
  PageRule,
  PageRuleFields,
  Purpose,
  Room,
  TokenCheck,
  VerifyOptions,
  Zone,
  ZonePage,
} from './types.ts';
import { verifyToken } from './verify-token.ts';
import { pageRuleSchema, zoneSchema } from './wire.ts';
import { findZone, listZonePages } from './zone-list.ts';

/**
 * Cloudflare's API with one token. Every failure is an IntermissionError whose `details` tell status, codes,
 * messages, method and path; `details.uncertain` marks a write that may have happened.
 *
 * Any call may throw `api_token_invalid`, `api_permission_denied`, `api_rate_limited`, `api_unavailable`,
 * `api_rejected`, `not_found` (`details.what`: rule, zone or route) or `interrupted`; calls about page rules also
 * `api_token_unsupported` and `zone_not_serving`.
 */
export class CloudflareGateway {
  readonly #options: GatewayOptions;
  readonly #api: ApiCaller;
  /** The redirect rules of zones. */
  readonly redirectRules: RedirectRules;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#api = new ApiCaller(options);
    this.redirectRules = new RedirectRules(this.#api);
  }

  /** HTTP requests sent so far, repeated ones included. */
  get calls(): number {
    return this.#api.calls;
  }

  /** The same token, queue and budget with a count of calls of its own; they count here as well. */
  fork(): CloudflareGateway {
    const { pacer } = this.#api;
    return new CloudflareGateway({ ...this.#options, pacer, onSend: () => this.#api.count() });
  }

  /** What work on many sites has to reckon with. What is kept for reopening is left out for every purpose but that. */
  room(purpose: Purpose): Room {
    return this.#api.pacer.room(purpose);
  }

  /** Returns once so many requests may be sent, however long that takes. */
  awaitRoom(...question: Parameters<Pacer['awaitRoom']>): Promise<void> {
    return this.#api.pacer.awaitRoom(...question);
  }

  /** What Cloudflare lets this user still send, as far as it is known, and when it is full again. */
  get budget(): { remaining: number | undefined; resetsAt: Date | undefined } {
    return this.#api.pacer.budget;
  }

  /** Asks whether the token works and whom it belongs to. A good answer says nothing about its permissions. */
  async verifyToken(options: VerifyOptions = {}): Promise<TokenCheck> {
    return await verifyToken(this.#api, this.#options.token, options);
  }

  /** All zones that the token may see, one array per page of up to 50. */
  async *listZones(options: CallOptions = {}): AsyncGenerator<Zone[], void, undefined> {
    for await (const { zones } of this.listZonePages(options)) if (zones.length > 0) yield zones;
  }

  /** The same with what is known of the list; an element that cannot be read does not keep the others back. */
  listZonePages(options: CallOptions = {}): AsyncIterable<ZonePage> {
    return listZonePages(this.#api, {}, options);
  }

  async getZone(zoneId: string, options: CallOptions = {}): Promise<Zone> {
    const request: ApiRequest<Zone> = {
      doing: `read the zone ${zoneId}`,
      write: false,
      send: (sdk) => sdk.zones.get({ zone_id: zoneId }),
      result: zoneSchema,
    };
    return (await this.#api.repeatable(request, options)).result;
  }

  /** The zone that `domain` (lower case, punycode) belongs to; of two with one name, the active one. */
  async findZone(domain: string, options: CallOptions = {}): Promise<Zone | undefined> {
    return await findZone(this.#api, domain, options);
  }

  /** All page rules of a zone, the winning one first. */
  async listPageRules(zoneId: string, options: CallOptions = {}): Promise<PageRule[]> {
    const request: ApiRequest<PageRule[]> = {
      doing: 'list the page rules',
      write: false,
      send: (sdk) => sdk.pageRules.list({ zone_id: zoneId }),
      result: z.array(pageRuleSchema),
    };
    const { result } = await this.#api.repeatable(request, options);
    return result.toSorted((a, b) => b.priority - a.priority);
  }

  /**
   * Creates a page rule, never twice: after a lost reply `findExisting` is asked, and without it the call fails.
   *
   * @throws also `quota_exceeded`, and `rule_conflict` with `details.reason` `pattern_taken`.
   */
  async createPageRule(
    zoneId: string,
    fields: PageRuleFields,
    options: CreateOptions = {},
  ): Promise<PageRule> {
    const request: ApiRequest<PageRule> = {
      doing: 'create a page rule',
      write: true,
      send: (sdk) => sdk.pageRules.create({ zone_id: zoneId, ...bodyOf(fields) }),
      result: pageRuleSchema,
    };
    const create = async () => (await this.#api.once(request, options)).result;
    return await createOnce(create, options.findExisting, this.#api.retryOptions(options));
  }

  /**
   * Makes a rule exactly what `fields` says, keeping its id.
   *
   * @throws also `rule_conflict` with `details.reason` `pattern_taken`.
   */
  async replacePageRule(
    zoneId: string,
    ruleId: string,
    fields: PageRuleFields,
    options: CallOptions = {},
  ): Promise<PageRule> {
    const request: ApiRequest<PageRule> = {
      doing: 'change a page rule',
      write: true,
      send: (sdk) => sdk.pageRules.update(ruleId, { zone_id: zoneId, ...bodyOf(fields) }),
      result: pageRuleSchema,
    };
    return (await this.#api.repeatable(request, options)).result;
  }

  /** Deletes a rule; `not_found` only when it was already gone before the first attempt. */
  async deletePageRule(zoneId: string, ruleId: string, options: CallOptions = {}): Promise<void> {
    let attempts = 0;
    const request: ApiRequest<unknown> = {
      doing: 'delete a page rule',
      write: true,
      send: (sdk) => {
        attempts++;
        return sdk.pageRules.delete(ruleId, { zone_id: zoneId });
      },
      result: z.unknown(),
    };
    try {
      await this.#api.repeatable(request, options);
    } catch (error) {
      const gone = isIntermissionError(error) && error.code === 'not_found' && attempts > 1;
      if (!gone) throw error;
    }
  }
}

/** All four fields, always: what is left out of a write falls back to a default (`disabled`, last place). */
function bodyOf(fields: PageRuleFields): Omit<PageRuleCreateParams, 'zone_id'> {
  const { targets, actions, priority, status } = fields;
  // The SDK's types know the actions of today; a rule of the user's that is put back may have others.
  return { targets, actions, priority, status } as unknown as Omit<PageRuleCreateParams, 'zone_id'>;
}
