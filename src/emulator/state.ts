import type { Plan, TokenEdit, TokenSeed, ZoneSeed } from './schemas.ts';
import { defaultSwitches, type Switches } from './switches.ts';
import { createToken, editToken, type Token } from './tokens.ts';
import { createZone, timestamp, type Zone, type ZoneConfig } from './zones.ts';

export interface StateOptions {
  now: () => number;
  plan: Plan;
  switches: Partial<Switches>;
  latencyMs: number;
  propagationMs: number;
}

/** Thrown by the operations of tests and the control port when they name something that is not there. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
  readonly status: 400 | 404;

  constructor(message: string, status: 400 | 404 = 404) {
    super(message);
    this.status = status;
  }
}

/** Everything that Cloudflare knows, and the settings of the emulation. */
export class CloudflareState {
  readonly now: () => number;
  readonly plan: Plan;
  readonly zones = new Map<string, Zone>();
  readonly zonesByName = new Map<string, Zone>();
  readonly tokens = new Map<string, Token>();
  switches: Switches = { ...defaultSwitches };
  latencyMs = 0;
  propagationMs = 0;
  readonly #options: StateOptions;
  /** Rises with each change of a zone's configuration. */
  revision = 0;

  constructor(options: StateOptions) {
    this.now = options.now;
    this.plan = options.plan;
    this.#options = options;
    this.clear();
  }

  /** No zones, no tokens, and the settings of the start. */
  clear(): void {
    this.zones.clear();
    this.zonesByName.clear();
    this.tokens.clear();
    this.switches = { ...defaultSwitches, ...this.#options.switches };
    this.latencyMs = this.#options.latencyMs;
    this.propagationMs = this.#options.propagationMs;
  }

  addZone(seed: ZoneSeed): Zone {
    const zone = createZone(seed, this.plan, this.now());
    if (this.zones.has(zone.id) || this.zonesByName.has(zone.name)) {
      throw new EmulatorError(`Zone ${zone.name} exists already`, 400);
    }
    this.zones.set(zone.id, zone);
    this.zonesByName.set(zone.name, zone);
    return zone;
  }

  removeZone(zone: Zone): void {
    this.zones.delete(zone.id);
    this.zonesByName.delete(zone.name);
  }

  getZone(nameOrId: string): Zone {
    const zone = this.zonesByName.get(nameOrId) ?? this.zones.get(nameOrId);
    if (zone === undefined) throw new EmulatorError(`There is no zone ${nameOrId}`);
    return zone;
  }

  addToken(seed: TokenSeed): Token {
    const token = createToken(seed, (zone) => this.getZone(zone).id);
    if (this.tokens.has(token.value)) throw new EmulatorError('This token exists already', 400);
    this.tokens.set(token.value, token);
    return token;
  }

  setToken(value: string, edit: TokenEdit): void {
    const token = this.tokens.get(value);
    if (token === undefined) throw new EmulatorError('There is no such token');
    this.tokens.set(
      value,
      editToken(token, edit, (zone) => this.getZone(zone).id),
    );
  }

  /** Takes a change: the API shows it at once, the edge after the propagation delay (8). */
  commit(zone: Zone, change: Partial<ZoneConfig>): void {
    const now = this.now();
    if (zone.propagating.length === 0) zone.propagating.push({ visibleAt: 0, config: zone.config });
    zone.previous = zone.config;
    zone.config = { ...zone.config, ...change };
    zone.modifiedOn = timestamp(now);
    zone.propagating.push({ visibleAt: now + this.propagationMs, config: zone.config });
    this.revision += 1;
    this.edgeConfig(zone);
  }

  /** Lets all that is on its way arrive at the edge. */
  settle(zone: Zone): void {
    zone.propagating = [];
  }

  /** What the edge knows of a zone by now. A later write that has arrived hides an earlier one still on its way. */
  edgeConfig(zone: Zone): ZoneConfig {
    const now = this.now();
    const arrived = zone.propagating.findLastIndex((step) => step.visibleAt <= now);
    if (arrived > 0) zone.propagating.splice(0, arrived);
    return zone.propagating[0]?.config ?? zone.config;
  }
}
