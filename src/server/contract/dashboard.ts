import * as z from 'zod';
import { time } from './common.ts';
import { logRow, logStats } from './logs.ts';
import { siteRow } from './sites.ts';
import { windowRow } from './windows.ts';

/** `GET /dashboard` */
export const dashboard = z.object({
  sites: z.object({ total: z.number(), inMaintenance: z.number() }),
  /** The first 50 that are closed. */
  closed: z.array(siteRow),
  /** The next five, and those that are running. */
  windows: z.array(windowRow),
  /** Of the last day, the newest ten. */
  failures: z.array(logRow),
  stats: logStats,
  /** Whether something acts when an end has come; `beatAt` is its last sign of life. */
  heartbeat: z.object({ isAlive: z.boolean(), beatAt: time.nullable(), owner: z.string().nullable() }),
  apiKeys: z.array(
    z.object({
      name: z.string(),
      /** Calls that Cloudflare still allows; null when nothing has been heard of it yet. */
      callsLeft: z.number().nullable(),
      resetsAt: time.nullable(),
    }),
  ),
});
export type Dashboard = z.output<typeof dashboard>;
