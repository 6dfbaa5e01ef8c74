import * as z from 'zod';
import { errorFact, flag, json, many, note, page, time } from './common.ts';

export const engine = z.enum(['auto', 'page_rules', 'redirect_rules']);

/** Which sites: the query of the list, and what a plan selects by. */
export const siteFilter = z.object({
  q: z.string().trim().max(253).optional(),
  /** In maintenance, or not. */
  maintenance: flag.optional(),
  active: flag.optional(),
  apiKeyId: z.coerce.number().int().optional(),
  engine: engine.optional(),
  /** Closed or reopened within so many days. */
  maintainedDays: z.coerce.number().positive().max(3_650).optional(),
});

/** `GET /sites` */
export const siteList = page.extend(siteFilter.shape).extend({
  sort: z.enum(['domain', 'name', 'lastMaintenanceAt', 'createdAt', 'maintenanceActive']).default('domain'),
  /** Only these: `?id=1&id=2`. */
  id: many(z.coerce.number().int()).optional(),
});

export const hold = z.object({
  name: z.string(),
  reason: z.string(),
  actor: z.string(),
  since: time,
  until: time.nullable(),
});

/** What our database says of a site, in one word. */
export const siteState = z.enum(['open', 'maintenance', 'attention', 'inactive']);

export const siteRow = z.object({
  id: z.number(),
  domain: z.string(),
  name: z.string(),
  state: siteState,
  /** Why it needs attention: an interrupted operation, an end that nobody acted on, rules left at Cloudflare. */
  attention: z.array(z.string()),
  maintenanceActive: z.boolean(),
  isActive: z.boolean(),
  engine,
  apiKey: z.object({ id: z.number(), name: z.string() }).nullable(),
  zoneName: z.string().nullable(),
  zoneStatus: z.string().nullable(),
  zonePaused: z.boolean().nullable(),
  /** When the last hold ends; null while it is open, or when no end is known. */
  until: time.nullable(),
  holds: z.array(hold),
  lastMaintenanceAt: time.nullable(),
  /** An operation is running right now. */
  isBusy: z.boolean(),
});
export type SiteRow = z.output<typeof siteRow>;

/** `GET /sites/:id` */
export const siteDetail = siteRow.extend({
  zoneId: z.string().nullable(),
  accountId: z.string().nullable(),
  zonePlan: z.string().nullable(),
  pageRuleQuota: z.number().nullable(),
  zoneCheckedAt: time.nullable(),
  includeSubdomains: z.boolean(),
  subdomainList: z.string(),
  /** The hosts that are closed with it; `*.` stands for every subdomain. */
  closedHosts: z.array(z.string()),
  /** Null: the default one. */
  maintenanceUrl: z.string().nullable(),
  /** Where visitors are sent while it is closed, unless the closing says otherwise. */
  visitorUrl: z.string(),
  /** Where they are sent now. */
  currentUrl: z.string().nullable(),
  message: z.string().nullable(),
  openPaths: z.array(z.string()),
  bypassIps: z.array(z.string()),
  /** Rules of the user that Cloudflare refused to take back. */
  unrestored: z.array(z.object({ id: z.string(), rule: json, reason: z.string(), since: z.string() })),
  /** Rules of ours that Cloudflare refused to remove. */
  leftRules: z.array(z.object({ id: z.string(), pattern: z.string(), url: z.string() })),
  operations: z.array(z.object({ logId: z.number(), action: z.string(), since: time, running: z.boolean() })),
  createdAt: time,
  updatedAt: time,
});
export type SiteDetail = z.output<typeof siteDetail>;

/** `PATCH /sites/:id`; with `domain`, `POST /sites`. What is left out stays, or gets its default. */
export const siteChanges = z.object({
  name: z.string().max(100).optional(),
  zoneId: z.string().max(64).optional(),
  /** Null: the default key. */
  apiKeyId: z.number().int().nullable().optional(),
  includeSubdomains: z.boolean().optional(),
  subdomainList: z.string().max(5_000).optional(),
  /** Empty: the default one. */
  maintenanceUrl: z.string().max(500).nullable().optional(),
  engine: engine.optional(),
  openPaths: z.array(z.string().max(500)).max(100).optional(),
  bypassIps: z.array(z.string().max(64)).max(100).optional(),
  isActive: z.boolean().optional(),
});
export const newSite = siteChanges.extend({ domain: z.string().min(1).max(1_000) });

const condition = z.enum(['open', 'maintenance', 'mixed', 'unknown']);
const foundRule = z.object({
  id: z.string(),
  pattern: z.string(),
  active: z.boolean(),
  url: z.string().nullable(),
});
export const hostReport = z.object({
  host: z.string(),
  verdict: z.enum(['closed', 'open', 'unreachable', 'not_proxied', 'exempt']),
  counts: z.boolean(),
  asWanted: z.boolean(),
  message: z.string(),
  hint: z.string().optional(),
});

/** `GET /sites/:id/live?observe=true`: intended, configured and observed, read now */
export const liveQuery = z.object({ observe: flag.default(false) });
export const liveStatus = z.object({
  intended: z.enum(['open', 'maintenance']),
  configured: condition,
  observed: condition,
  /** True when somebody should look. */
  differs: z.boolean(),
  hosts: z.array(hostReport),
  drift: z.array(
    z.object({
      kind: z.string(),
      ruleId: z.string().nullable(),
      pattern: z.string(),
      url: z.string().nullable(),
      origin: z.enum(['here', 'cloudflare']),
      found: foundRule.nullable(),
      by: foundRule.extend({ site: z.string().nullable() }).nullable(),
    }),
  ),
  doubtful: z.array(foundRule.extend({ knownPage: z.boolean(), wider: z.boolean() })),
  notes: z.array(note),
  /** Why the zone could not be read. */
  error: errorFact.nullable(),
});
export type LiveStatusAnswer = z.output<typeof liveStatus>;

/** `GET /sites/:id/rules`: the rules of its zone, the winning one first */
export const zoneRule = foundRule.extend({
  kind: z.enum(['page_rules', 'redirect_rules']),
  owner: z.enum(['ours', 'doubtful', 'foreign']),
  /** The site that a rule of ours closes. */
  site: z.string().nullable(),
});
export const zoneRules = z.object({ data: z.array(zoneRule), zoneName: z.string().nullable() });
export type ZoneRuleRow = z.output<typeof zoneRule>;

/** `POST /sites/:id/verify` */
export const siteProof = z.object({
  state: z.enum(['proven', 'unproven']),
  wanted: z.enum(['closed', 'open']),
  observed: condition,
  message: z.string(),
  hint: z.string().optional(),
  hosts: z.array(hostReport),
});
