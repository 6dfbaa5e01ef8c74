import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { CloudflareGateway } from './cloudflare/gateway.ts';
import type { Wait } from './cloudflare/types.ts';
import type { Config } from './config/load-config.ts';
import { operatingSystemUser } from './config/operating-system-user.ts';
import { createConnect } from './connect.ts';
import type { Channel } from './notifications/channel.ts';
import type { Post } from './notifications/webhook.ts';
import type { Database } from './persistence/open-database.ts';
import { InstallationRepository } from './persistence/repositories/installation-repository.ts';
import { ZoneLockRepository } from './persistence/repositories/zone-lock-repository.ts';
import type { Prover } from './probe/prover.ts';
import type { Dependencies } from './services/maintenance/dependencies.ts';
import { Journal } from './services/maintenance/journal.ts';
import type { Clock } from './services/maintenance/ports.ts';
import { Reads } from './services/maintenance/reads.ts';
import type { KeyRing } from './services/registry/key-ring.ts';

/** What tests put in the place of the real thing. */
interface Stand {
  /** How back-offs, queues and locks wait. */
  wait?: Wait;
  /** Milliseconds of the clock that leases are measured with. */
  monotonic?: () => number;
}

/** Loaded when it is first needed: most questions are answered by the database alone. */
export async function createGateway(
  token: string,
  config: Config,
  clock: Clock,
  wait: Wait | undefined,
): Promise<CloudflareGateway> {
  const { CloudflareGateway } = await import('./cloudflare/gateway.ts');
  return new CloudflareGateway({
    token,
    baseUrl: config.cloudflareBaseUrl,
    maxRetries: config.maxRetries,
    retryBaseMs: config.retryBaseSeconds * 1000,
    // A request never outlives the half of the lease that is left when it begins.
    timeoutMs: (config.lockSeconds * 1000) / 2,
    clock,
    ...(wait !== undefined && { wait }),
  });
}

export async function createProver(config: Config, parts: Stand & { clock: Clock }): Promise<Prover> {
  const { Prover } = await import('./probe/prover.ts');
  const { edgeAddress, allowPrivateTargets } = config;
  const { clock, wait = waitFor, monotonic } = parts;
  return new Prover({
    edgeAddress,
    allowPrivateTargets,
    clock,
    wait,
    ...(monotonic !== undefined && { monotonic }),
  });
}

export function createDependencies(
  config: Config,
  database: Database,
  parts: Stand & {
    clock: Clock;
    owner: string;
    keys: KeyRing<CloudflareGateway>;
    prover: () => Promise<Prover>;
  },
): Dependencies {
  const locks = new ZoneLockRepository();
  return {
    database,
    clock: parts.clock,
    journal: new Journal(database, parts.clock),
    reads: new Reads(database, parts.clock),
    prover: parts.prover,
    connect: createConnect(
      parts.keys,
      once(() => new InstallationRepository(database.read()).instanceId()),
    ),
    lockStore: {
      tryAcquire: (zoneId, lock) => locks.tryAcquire(database.read(), { zoneId, ...lock }),
      renew: (zoneId, token, leaseMs) => locks.renew(database.read(), zoneId, token, leaseMs),
      isHeld: (em, zoneId, token) => locks.isHeld(em, zoneId, token),
      release: (zoneId, token) => locks.release(database.read(), zoneId, token),
      liveZoneIds: () => locks.liveZoneIds(database.read()),
    },
    lockOptions: {
      leaseMs: config.lockSeconds * 1000,
      monotonic: parts.monotonic ?? (() => performance.now()),
      clock: parts.clock,
      wait: parts.wait ?? waitFor,
    },
    settings: {
      defaultUrl: config.maintenanceUrl,
      publicUrl: config.publicUrl,
      owner: parts.owner,
      checksPages: config.edgeAddress === undefined,
    },
  };
}

/** The ways to tell people that are configured, by name. Each is loaded when there is something to send. */
export function createChannels(config: Config, now: () => Date): Map<string, () => Promise<Channel>> {
  const { webhookUrl: url, webhookSecret: secret, allowPrivateTargets: allowPrivate } = config;
  const { smtpUrl, mailFrom: from, notifyEmail: to } = config;
  const channels = new Map<string, () => Promise<Channel>>();
  if (url !== undefined && secret !== undefined) {
    channels.set('webhook', async () => {
      const { guardedFetch } = await import('./probe/guarded-fetch.ts');
      const { WebhookChannel } = await import('./notifications/webhook.ts');
      const post: Post = (address, request) =>
        guardedFetch(address, { ...request, method: 'POST', allowHttp: false, allowPrivate });
      return new WebhookChannel({ url, secret, now, post });
    });
  }
  if (smtpUrl !== undefined && from !== undefined && to !== undefined) {
    channels.set('mail', async () => {
      const { MailChannel } = await import('./notifications/mail.ts');
      return new MailChannel({ url: smtpUrl, from, to });
    });
  }
  return channels;
}

const waitFor: Wait = (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal });

export function defaultOwner(): string {
  return `${operatingSystemUser()}@${hostname()} (process ${process.pid})`.slice(0, 200);
}

/** The way better-auth checks passwords. Loaded when somebody gets one. */
export async function hashPassword(password: string): Promise<string> {
  const crypto = await import('better-auth/crypto');
  return crypto.hashPassword(password);
}

/** Asks when it is first needed, and keeps a good answer. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}
