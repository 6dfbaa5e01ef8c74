import * as z from 'zod';
import { errorFact, note, time } from './common.ts';

export const apiKeyRow = z.object({
  id: z.number(),
  name: z.string(),
  description: z.string(),
  /** The last four characters of the token: all that is ever shown of it. */
  tokenHint: z.string(),
  accountId: z.string().nullable(),
  isActive: z.boolean(),
  isDefault: z.boolean(),
  sites: z.number(),
  /** Calls that Cloudflare still allows in this window; null when nothing has been heard of it yet. */
  callsLeft: z.number().nullable(),
  lastUsedAt: time.nullable(),
  createdAt: time,
  updatedAt: time,
});
export type ApiKeyRow = z.output<typeof apiKeyRow>;
export const apiKeys = z.object({
  data: z.array(apiKeyRow),
  /** CLOUDFLARE_API_TOKEN is set: it is used when no key is stored. */
  environmentToken: z.boolean(),
});

const answer = z.enum(['yes', 'no', 'unknown']);
export const tokenReport = z.object({
  status: z.string(),
  kind: z.enum(['user', 'account', 'unknown']),
  expiresOn: z.string().nullable(),
  zones: z.number(),
  moreZones: z.boolean(),
  canReadPageRules: answer,
  canReadRedirectRules: answer,
  problems: z.array(note),
});
export type TokenReportAnswer = z.output<typeof tokenReport>;

/** `POST /api-keys/:id/discover`, and part of the answer of adding */
export const discovery = z.object({
  /** Zones that the token may see. */
  discovered: z.number(),
  created: z.number(),
  updated: z.number(),
  skipped: z.number(),
  deactivated: z.number(),
  conflicts: z.number(),
  unreachable: z.number(),
  errors: z.number(),
  calls: z.number(),
  sites: z.array(
    z.object({
      domain: z.string(),
      action: z.enum(['created', 'updated', 'skipped', 'deactivated', 'conflict', 'unreachable', 'error']),
      /** Why, in words; null where the action says it all. */
      reason: z.string().nullable(),
    }),
  ),
});

/** `POST /api-keys`. The token is verified, sealed and never shown again. */
export const newApiKey = z.object({
  name: z.string().min(1).max(100),
  apiToken: z.string().min(1).max(500),
  description: z.string().max(2_000).optional(),
  isDefault: z.boolean().optional(),
  /** Adds a site for each zone of the token at once. */
  discover: z.boolean().default(true),
});
export const addedApiKey = z.object({
  apiKey: apiKeyRow,
  report: tokenReport,
  /** Null when it was not asked for, or failed. */
  discovery: discovery.nullable(),
  /** The key is stored; finding its sites failed. */
  discoveryError: errorFact.nullable(),
});
/** `POST /api-keys/:id/default` */
export const setDefaultRequest = z.object({ force: z.boolean().default(false) });
/** `DELETE /api-keys/:id?moveTo=ID` */
export const removeApiKeyQuery = z.object({ moveTo: z.coerce.number().int().optional() });
export const removedApiKey = z.object({ movedSites: z.array(z.string()) });
