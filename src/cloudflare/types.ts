import type { JsonValue } from '../errors.ts';
import type { Pacer } from './pacer.ts';

/** What a call is for. `reopen` (disable, undo, recovery) goes first and may use the reserved part of the budget. */
export type Purpose = 'close' | 'reopen';

/** How many requests may be sent, as far as it is known. */
export interface Room {
  /** False: nothing has been sent yet, so Cloudflare has not said anything. */
  isKnown: boolean;
  /** Requests that may be sent now. */
  calls: number;
  /** When more may be sent, if these are used up. */
  fullAt: Date;
  /** Requests that one whole window lets through. */
  perWindow: number;
  windowMs: number;
  perSecond: number;
}

export interface Clock {
  now(): Date;
}

/** Resolves after `ms` milliseconds; rejects when `signal` aborts. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

export interface GatewayOptions {
  /** API token, sent as `Authorization: Bearer`. Never part of an error or of what `inspect` shows. */
  token: string;
  /** For example `https://api.cloudflare.com/client/v4`. */
  baseUrl: string;
  maxRetries: number;
  /** First back-off, milliseconds. */
  retryBaseMs: number;
  /** Limit of one attempt, reading the reply included, milliseconds: half the lease of a zone's lock. */
  timeoutMs: number;
  clock: Clock;
  /** From 0 up to 1, for jitter. */
  random?: () => number;
  wait?: Wait;
  /** Shared when several gateways use one token; else the gateway makes its own. */
  pacer?: Pacer;
  /** Told of each request that is sent. */
  onSend?: () => void;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Default `close`. */
  purpose?: Purpose;
  /** Awaited directly before each attempt of a write is sent; what it throws ends the call. */
  beforeWrite?: () => Promise<void>;
  /** Milliseconds per attempt, instead of the gateway's. */
  timeoutMs?: number;
}

export interface VerifyOptions extends CallOptions {
  /** The account of the token when it is known: account-owned tokens are checked there. */
  accountId?: string;
}

export interface CreateOptions<T = PageRule> extends CallOptions {
  /** Reads back whether a create whose reply was lost has happened; without it such a create is not repeated. */
  findExisting?: () => Promise<T | undefined>;
}

export interface TokenCheck {
  /** Absent when only the list of zones could show that the token works. */
  id?: string;
  status: 'active' | 'disabled' | 'expired';
  /** Who owns the token: page rules refuse account-owned ones. */
  kind: 'user' | 'account' | 'unknown';
  /** ISO 8601, as received. */
  expiresOn?: string;
  /** ISO 8601, as received. */
  notBefore?: string;
}

export interface Zone {
  id: string;
  name: string;
  /** `active` is the only one that serves visitors. */
  status: string;
  /** True: Cloudflare is off for the zone, no rule runs. */
  paused: boolean;
  /** full, partial, secondary or internal. */
  type: string | null;
  accountId: string | null;
  accountName: string | null;
  /** free, pro, business, enterprise, another name, or `unknown`. */
  plan: string;
  /** How many page rules the zone may have, disabled ones included; null when neither the zone nor its plan tells. */
  pageRuleQuota: number | null;
  /** What the token may do in the zone, as Cloudflare says it (`#zone:edit`). */
  permissions?: string[];
}

/** One page of the list of zones. */
export interface ZonePage {
  zones: Zone[];
  /** Elements of the page that are not what a zone must be. */
  unreadable: UnreadableZone[];
  /** How many zones there are on all pages, where Cloudflare tells. */
  total: number | undefined;
}

/** What is known of an element of the list that cannot be used. */
export interface UnreadableZone {
  id: string | null;
  name: string | null;
  /** What is wrong with it, for people. */
  problem: string;
}

export interface PageRuleTarget {
  /** Always `url` in practice. */
  target: string;
  constraint: { operator: string; value: string };
}

export interface PageRuleAction {
  id: string;
  value?: JsonValue;
}

/** What a page rule consists of: a write always sends all four. */
export interface PageRuleFields {
  targets: PageRuleTarget[];
  actions: PageRuleAction[];
  /** A position, counted from the bottom; Cloudflare clamps it and closes gaps. */
  priority: number;
  status: 'active' | 'disabled';
}

export interface PageRule extends PageRuleFields {
  id: string;
  /** ISO 8601, as received. */
  createdOn: string | null;
  /** ISO 8601, as received. */
  modifiedOn: string | null;
  /** The whole object as received: what is needed to put a rule back. */
  raw: JsonValue;
}

/** The definition of a redirect rule: a write always sends all of it, since a PATCH replaces it (reference 3.2). */
export interface RedirectRuleFields {
  action: string;
  actionParameters: JsonValue;
  expression: string;
  description?: string;
  /** Own handle, unique in the ruleset. */
  ref: string;
  enabled: boolean;
}

export interface RedirectRule extends RedirectRuleFields {
  id: string;
  /** The whole object as received. */
  raw: JsonValue;
}

/** The redirect rules of a zone: the first that matches a request wins. */
export interface RedirectRuleset {
  id: string;
  rules: RedirectRule[];
}

/** Where a rule goes: before the rule of that id, `''` before all of them. */
export interface RulePosition {
  before: string;
}
