import { defineEntity, p } from '@mikro-orm/core';

/** An API token of one Cloudflare user or account, sealed at rest. */
const cloudflareApiKeySchema = defineEntity({
  name: 'CloudflareApiKey',
  tableName: 'cloudflare_api_key',
  // Exactly one default among active keys: the rule itself is kept by the database.
  uniques: [
    {
      name: 'cloudflare_api_key_one_default',
      properties: ['isDefault'],
      where: 'is_default and is_active',
    },
  ],
  properties: {
    id: p.integer().primary(),
    name: p.string().length(100).unique(),
    description: p.text().default(''),
    /** Random UUID, made with the row and never changed: what the sealed token is bound to. */
    sealId: p.string().length(36),
    /** AES-256-GCM envelope; see `persistence/token-seal.ts`. Never plain text. */
    apiToken: p.text().hidden(),
    /** The last four characters of the token: all that is ever shown of it. */
    tokenHint: p.string().length(4),
    /** 32 hex characters, filled on first use. */
    accountId: p.string().length(32).nullable(),
    isActive: p.boolean().default(true),
    isDefault: p.boolean().default(false),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    lastUsedAt: p.datetime(3).nullable(),
  },
});

export class CloudflareApiKey extends cloudflareApiKeySchema.class {}
cloudflareApiKeySchema.setClass(CloudflareApiKey);
