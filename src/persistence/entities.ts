import { CloudflareApiKey } from '../domain/cloudflare-api-key.ts';
import { CloudflareSite } from '../domain/cloudflare-site.ts';
import { MaintenanceHold } from '../domain/maintenance-hold.ts';
import { MaintenanceLog } from '../domain/maintenance-log.ts';
import { ScheduledMaintenance, WindowSite } from '../domain/scheduled-maintenance.ts';
import { Heartbeat, Installation, MaintenanceLock, Notification } from '../domain/supporting.ts';
import { SetupLink, User, UserAccount, UserSession, UserVerification } from '../domain/user.ts';

/** Every class that has a table. */
export const ENTITIES = [
  CloudflareApiKey,
  CloudflareSite,
  MaintenanceLog,
  MaintenanceHold,
  ScheduledMaintenance,
  WindowSite,
  MaintenanceLock,
  Notification,
  Heartbeat,
  Installation,
  User,
  UserSession,
  UserAccount,
  UserVerification,
  SetupLink,
];
