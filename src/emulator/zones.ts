import { createHash } from 'node:crypto';
import type { StoredPageRule } from './page-rules/rule.ts';
import type { StoredRuleset } from './redirect-rules/ruleset.ts';
import type { DnsRecord, OriginAnswer, Plan, ZoneSeed, ZoneStatus } from './schemas.ts';

/**
 * What a write changes and the edge serves. Never mutated: a write puts a new one in its place, which is what makes
 * stale reads and propagation cheap. Another product's configuration is one more field.
 */
export interface ZoneConfig {
  readonly status: ZoneStatus;
  readonly paused: boolean;
  /** Lowest priority first: a rule's priority is its place, counted from 1. */
  readonly pageRules: readonly StoredPageRule[];
  /** Undefined as long as nobody made one: an empty ruleset is something else. */
  readonly redirects: StoredRuleset | undefined;
}

export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly type: NonNullable<ZoneSeed['type']>;
  readonly account: { readonly id: string; readonly name: string };
  readonly createdOn: string;
  modifiedOn: string;
  plan: Plan;
  pageRuleQuota: number | undefined;
  redirectRuleQuota: number | undefined;
  dns: readonly DnsRecord[];
  origin: OriginAnswer;
  config: ZoneConfig;
  /** The configuration before the last write. */
  previous: ZoneConfig;
  /** Oldest first; the edge serves the last one whose time has come. */
  propagating: { readonly visibleAt: number; readonly config: ZoneConfig }[];
  rulesMade: number;
  redirectsMade: number;
}

/** Page rules per plan (2.1). */
const pageRuleQuotas: Record<Plan, number> = { free: 3, pro: 20, business: 50, enterprise: 125 };

/** Redirect rules per plan (3.4). */
const redirectRuleQuotas: Record<Plan, number> = { free: 10, pro: 25, business: 50, enterprise: 300 };

/** Only the Free and Enterprise names are in recordings (5.2). */
const planNames: Record<Plan, string> = {
  free: 'Free Website',
  pro: 'Pro Website',
  business: 'Business Website',
  enterprise: 'Enterprise Website',
};

export const defaultAccount = { id: stableId('account'), name: "Emulator's account" } as const;

/** 32 hexadecimal characters that are the same in every run. */
export function stableId(seed: string): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, 32);
}

/** Cloudflare's way to write a time: six digits after the second that are always 0 (1.3). */
export function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}.000000Z`;
}

export function createZone(seed: ZoneSeed, plan: Plan, now: number): Zone {
  const { status = 'active', paused = false } = seed;
  const config: ZoneConfig = { status, paused, pageRules: [], redirects: undefined };
  return {
    id: seed.id ?? stableId(`zone ${seed.name}`),
    name: seed.name,
    type: seed.type ?? 'full',
    account: seed.account ?? defaultAccount,
    createdOn: timestamp(now),
    modifiedOn: timestamp(now),
    plan: seed.plan ?? plan,
    pageRuleQuota: seed.pageRuleQuota,
    redirectRuleQuota: seed.redirectRuleQuota,
    dns: absoluteRecords(seed.name, seed.dns ?? defaultRecords),
    origin: seed.origin ?? {},
    config,
    previous: config,
    propagating: [],
    rulesMade: 0,
    redirectsMade: 0,
  };
}

const defaultRecords: readonly DnsRecord[] = [
  { name: '@', proxied: true },
  { name: 'www', proxied: true },
  { name: '*', proxied: true },
];

/** `@`, `www` and `www.example.com` are all understood, as in Cloudflare's dashboard. */
export function absoluteRecords(zoneName: string, records: readonly DnsRecord[]): DnsRecord[] {
  return records.map(({ name, proxied }) => ({ name: absoluteName(zoneName, name.toLowerCase()), proxied }));
}

function absoluteName(zoneName: string, name: string): string {
  if (name === '@') return zoneName;
  return name === zoneName || name.endsWith(`.${zoneName}`) ? name : `${name}.${zoneName}`;
}

export function pageRuleQuota(zone: Zone): number {
  return zone.pageRuleQuota ?? pageRuleQuotas[zone.plan];
}

export function redirectRuleQuota(zone: Zone): number {
  return zone.redirectRuleQuota ?? redirectRuleQuotas[zone.plan];
}

/** The zone as the API shows it (5.2). */
export function zoneBody(zone: Zone, config: ZoneConfig = zone.config): Record<string, unknown> {
  return {
    id: zone.id,
    name: zone.name,
    status: config.status,
    paused: config.paused,
    type: zone.type,
    development_mode: 0,
    name_servers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
    original_name_servers: ['ns1.registrar.example', 'ns2.registrar.example'],
    original_registrar: null,
    original_dnshost: null,
    modified_on: zone.modifiedOn,
    created_on: zone.createdOn,
    activated_on: config.status === 'active' ? zone.createdOn : null,
    meta: zoneMeta(zone),
    owner: { id: null, type: 'user', email: null },
    account: zone.account,
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: ['#zone:read', '#zone:edit'],
    plan: planBody(zone.plan),
  };
}

function zoneMeta(zone: Zone): Record<string, unknown> {
  return {
    step: 2,
    custom_certificate_quota: 0,
    page_rule_quota: pageRuleQuota(zone),
    phishing_detected: false,
  };
}

function planBody(plan: Plan): Record<string, unknown> {
  return {
    id: stableId(`plan ${plan}`),
    name: planNames[plan],
    price: 0,
    currency: 'USD',
    frequency: '',
    is_subscribed: plan !== 'free',
    can_subscribe: false,
    legacy_id: plan,
    legacy_discount: false,
    externally_managed: false,
  };
}
