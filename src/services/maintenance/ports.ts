import type { Room } from '../../cloudflare/types.ts';
import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import type { EngineChoice, EngineName } from '../../domain/edge-state.ts';
import type { ZoneFacts } from '../../domain/zone-facts.ts';
import type { Engine } from '../../engines/engine.ts';
import type { Prover } from '../../probe/prover.ts';

/** Cloudflare as one site sees it: through the key of that site. */
export interface Connection {
  engine: Engine;
  /** Each engine by itself. */
  engines: Readonly<Record<EngineName, Engine>>;
  /** All engines together, the one that the site asks for first: what is configured is compared with what it wants. */
  comparing: Engine;
  /** Why this engine. */
  why: string;
  /** The engine to turn to when `auto` has chosen page rules, and they have no room or stand in the way of others. */
  fallback?: Engine | undefined;
  /** What it was before it turned to its fallback. */
  turnedFrom?: Connection | undefined;
  /** The stored key; null when the token comes from the environment. */
  apiKeyId: number | null;
  /** The name of that key, for people; `env` for the token of the environment. */
  apiKeyName: string;
  getZone(zoneId: string): Promise<ZoneFacts>;
  /** The zone that a domain belongs to. */
  findZone(domain: string): Promise<ZoneFacts | undefined>;
  /** Requests sent so far by this connection. */
  calls(): number;
  /** The call budget of the key, which all its connections share. */
  budget: CallBudget;
}

/** What work on many sites has to reckon with. */
export interface CallBudget {
  /** How much of it such work may use: what is kept for reopening single sites stays out of it. */
  room(): Room;
  /** Returns once so many requests may be sent, however long that takes. Hold no lock meanwhile. */
  awaitRoom(
    calls: number,
    options: { signal?: AbortSignal | undefined; onWait?: (until: Date) => void },
  ): Promise<void>;
}

/**
 * Finds key and engine of a site. Only disable works with an inactive key.
 *
 * @throws IntermissionError `not_found` without any key, `validation_failed` for an inactive one
 */
export type Connect = (
  site: CloudflareSite,
  options: {
    allowInactiveKey: boolean;
    /** What the command asks for, instead of the choice of the site. */
    engine?: EngineChoice | undefined;
    /** The engine of an operation that is to be repaired. */
    plannedFor?: EngineName;
  },
) => Promise<Connection>;

/** Visits the public side of sites. */
export type EdgeProver = Pick<Prover, 'prove' | 'observe' | 'checkPage'>;

export interface Clock {
  now(): Date;
}

/** What never changes while the process runs. */
export interface MaintenanceSettings {
  /** Where visitors go when neither hold nor site says; may hold `{domain}`. */
  defaultUrl: string;
  /** Our own address, which must not be closed. */
  publicUrl: string | undefined;
  /** Who holds locks, for people: user, host and process. */
  owner: string;
  /** False where names are not resolved, because the edge is an address of its own: then no page can be looked at. */
  checksPages: boolean;
}
