import { defineEntity, p } from '@mikro-orm/core';
import type { JsonValue } from '../errors.ts';

/** The lock of a zone: a lease that one process holds while it changes rules. */
const maintenanceLockSchema = defineEntity({
  name: 'MaintenanceLock',
  tableName: 'maintenance_lock',
  properties: {
    zoneId: p.string().length(32).primary(),
    token: p.string().length(36),
    /** Who holds it, for people: actor, host, process. */
    owner: p.string().length(200),
    /** Milliseconds of the clock of leases (see `leaseClockSql`). */
    acquiredAt: p.double().$type<number>(),
    renewedAt: p.double().$type<number>(),
    expiresAt: p.double().$type<number>(),
  },
});
export class MaintenanceLock extends maintenanceLockSchema.class {}
maintenanceLockSchema.setClass(MaintenanceLock);

/** Outbox: a notice is written with the change it tells of and sent afterwards. */
const notificationSchema = defineEntity({
  name: 'Notification',
  tableName: 'notification',
  indexes: [{ name: 'notification_due', properties: ['deliveredAt', 'nextAttemptAt'] }],
  properties: {
    id: p.integer().primary(),
    /** Stays the same over every attempt. */
    idempotencyKey: p.string().length(36).unique(),
    /** What it tells of, such as `window.started window:12`: of each thing there is one notice. */
    subject: p.string().length(200).nullable().unique(),
    event: p.string().length(40),
    /** Empty until somebody who knows the channels takes it in hand. */
    channel: p.string().length(20),
    payload: p.json<JsonValue>(),
    attempts: p.integer().default(0),
    lastError: p.text().nullable(),
    nextAttemptAt: p.datetime(3).nullable(),
    deliveredAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    /** Who hands it over now, and until when by the clock of leases. */
    claimToken: p.string().length(36).nullable(),
    claimedUntil: p.double().$type<number>().nullable(),
    /** Of several recipients those that have not got it yet; null: none has. */
    remaining: p.json<string[]>().nullable(),
  },
});
export class Notification extends notificationSchema.class {}
notificationSchema.setClass(Notification);

/** Signs of life of whatever acts by itself, one row per part. */
const heartbeatSchema = defineEntity({
  name: 'Heartbeat',
  tableName: 'heartbeat',
  properties: {
    name: p.string().length(40).primary(),
    owner: p.string().length(200),
    beatAt: p.datetime(3),
  },
});
export class Heartbeat extends heartbeatSchema.class {}
heartbeatSchema.setClass(Heartbeat);

/** This database, among all that manage the same zones: one row. */
const installationSchema = defineEntity({
  name: 'Installation',
  tableName: 'installation',
  properties: {
    id: p.integer().primary(),
    /** Random, made by a migration: marks our rules at Cloudflare where an engine can mark them. */
    instanceId: p.string().length(32),
  },
});
export class Installation extends installationSchema.class {}
installationSchema.setClass(Installation);
