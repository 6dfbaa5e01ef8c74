import { defineEntity, p } from '@mikro-orm/core';
import { CloudflareSite } from './cloudflare-site.ts';
import { SOURCES } from './maintenance-log.ts';

/** The hold that people share: CLI and admin place and release this one unless told otherwise. */
export const MANUAL_HOLD = 'manual';

/** One reason why a site is down. Rows stay after release: they are the memory of who held what. */
const maintenanceHoldSchema = defineEntity({
  name: 'MaintenanceHold',
  tableName: 'maintenance_hold',
  // One unreleased hold per name and site.
  uniques: [
    { name: 'maintenance_hold_one_per_name', properties: ['site', 'name'], where: 'released_at is null' },
  ],
  indexes: [
    { name: 'maintenance_hold_expiry', properties: ['releasedAt', 'expiresAt'] },
    // A window finds its own.
    { name: 'maintenance_hold_name', properties: ['name'] },
  ],
  properties: {
    id: p.integer().primary(),
    site: () => p.manyToOne(CloudflareSite).deleteRule('cascade').index(),
    name: p.string().length(100),
    reason: p.text().default(''),
    /** What the public may read; `reason` never leaves the log. */
    message: p.text().nullable(),
    url: p.string().length(500).nullable(),
    actor: p.string().length(200).default(''),
    source: p.enum(SOURCES),
    createdAt: p.datetime(3),
    /** When it was placed or last changed: the newest hold that has a URL or message decides. */
    updatedAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    releasedAt: p.datetime(3).nullable(),
    releasedBy: p.string().length(200).nullable(),
  },
});

export class MaintenanceHold extends maintenanceHoldSchema.class {}
maintenanceHoldSchema.setClass(MaintenanceHold);
