import { defineEntity, p } from '@mikro-orm/core';
import type { JsonValue } from '../errors.ts';
import { CloudflareApiKey } from './cloudflare-api-key.ts';
import { type EdgeState, ENGINE_CHOICES } from './edge-state.ts';

/** A domain we manage, and what Cloudflare said of its zone when it was last read. */
const cloudflareSiteSchema = defineEntity({
  name: 'CloudflareSite',
  tableName: 'cloudflare_site',
  properties: {
    id: p.integer().primary(),
    name: p.string().length(100),
    /** Lower-case, punycode. */
    domain: p.string().length(253).unique(),
    /** 32 hex characters; discovered when not given. */
    zoneId: p.string().length(32).nullable().index(),
    zoneName: p.string().length(253).nullable(),
    accountId: p.string().length(32).nullable(),
    /** Null: the default key. */
    apiKey: () => p.manyToOne(CloudflareApiKey).nullable().index(),
    includeSubdomains: p.boolean().default(true),
    /** Comma separated labels; meaningful when `includeSubdomains` is false. */
    subdomainList: p.text().default(''),
    maintenanceUrl: p.string().length(500).nullable(),
    engine: p.enum(ENGINE_CHOICES).default('auto'),
    openPaths: p.json<string[]>(),
    bypassIps: p.json<string[]>(),
    brand: p.json<{ [key: string]: JsonValue }>(),
    isActive: p.boolean().default(true),
    /** The intended state: at least one hold is in force. */
    maintenanceActive: p.boolean().default(false),
    lastMaintenanceAt: p.datetime(3).nullable().index(),
    /** What we have at Cloudflare; null when nothing is recorded. */
    edgeState: p.json<EdgeState>().nullable(),
    zoneStatus: p.string().length(32).nullable(),
    zonePaused: p.boolean().nullable(),
    zonePlan: p.string().length(32).nullable(),
    pageRuleQuota: p.integer().nullable(),
    zoneCheckedAt: p.datetime(3).nullable(),
    version: p.integer().version(),
    createdAt: p.datetime(3).index(),
    updatedAt: p.datetime(3),
  },
});

export class CloudflareSite extends cloudflareSiteSchema.class {}
cloudflareSiteSchema.setClass(CloudflareSite);
