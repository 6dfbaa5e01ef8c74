import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiParts, basePath, createApiServer } from './api-server.ts';
import { createControlServer } from './control.ts';
import { createEdgeServer } from './edge.ts';
import { Faults } from './faults.ts';
import { Holds } from './holds.ts';
import { createOperations, type Operations } from './operations.ts';
import { RateLimiter, type RateLimitOptions } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import type { Plan, ZoneSeed } from './schemas.ts';
import { CloudflareState } from './state.ts';
import type { Switches } from './switches.ts';
import { newTokenValue } from './tokens.ts';
import { type Visit, type VisitInit, visitThroughEdge } from './visitor.ts';

export type { FaultHandle } from './faults.ts';
export type { Hold, HoldState } from './holds.ts';
export type { ZoneView } from './operations.ts';
export type { PageRule, PageRuleAction, PageRuleTarget } from './page-rules/rule.ts';
export { publishedLimits, type RateLimitOptions } from './rate-limit.ts';
export type {
  RedirectParameters,
  RedirectRule,
  RedirectRuleset,
  RedirectTarget,
} from './redirect-rules/ruleset.ts';
export type { RedirectRuleEdit, RedirectRuleSeed } from './redirect-rules/seed.ts';
export type { RequestLogEntry } from './request-log.ts';
export type {
  DnsRecord,
  FaultSeed,
  HoldSeed,
  OriginAnswer,
  Permission,
  Plan,
  RequestFilter,
  RuleEdit,
  RuleSeed,
  TokenEdit,
  TokenSeed,
  ZoneEdit,
  ZoneSeed,
  ZoneStatus,
} from './schemas.ts';
export { EmulatorError } from './state.ts';
export { defaultSwitches, type Switches, switchPositions } from './switches.ts';
export type { Visit, VisitInit } from './visitor.ts';

export interface EmulatorOptions {
  /** How many zones `site-1.example`, `site-2.example`, … or which. */
  zones?: number | readonly ZoneSeed[];
  /** Plan of zones that name none. */
  plan?: Plan;
  /** 0, the default, takes any free port. */
  apiPort?: number;
  edgePort?: number;
  controlPort?: number;
  latencyMs?: number;
  propagationMs?: number;
  /** Value of the first token, which may do everything on all zones; made up when absent. */
  token?: string;
  switches?: Partial<Switches>;
  /** The published limits unless changed; `false` also leaves out the `ratelimit` headers. */
  rateLimit?: Partial<RateLimitOptions> | false;
  /** Clock of time stamps, propagation and rate-limit windows. */
  now?: () => number;
}

export interface Emulator extends Operations, AsyncDisposable {
  /** Base URL of the API. */
  readonly api: string;
  readonly edge: string;
  readonly control: string;
  /** The first token. */
  readonly token: string;
  visit(url: string, init?: VisitInit): Promise<Visit>;
  close(): Promise<void>;
}

/** Starts Cloudflare's API, its edge and a control port on 127.0.0.1. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const parts = createParts(options);
  const token = options.token ?? newTokenValue('user');
  const operations = createOperations(parts, ({ addZone, addToken }) => {
    for (const seed of zoneSeeds(options.zones ?? 0)) addZone(seed);
    addToken({ value: token });
  });
  const control = createControlServer(operations, parts);
  const [api, edge] = [createApiServer(parts), createEdgeServer(parts.state)];
  const apiPort = await listen(api, options.apiPort);
  const edgePort = await listen(edge, options.edgePort);
  await control.ready();
  const controlPort = await listen(control.server, options.controlPort);
  const close = async () => {
    await parts.holds.clear();
    await Promise.all([closeServer(api), closeServer(edge), control.close()]);
  };
  return {
    ...operations,
    api: `http://${host}:${apiPort}${basePath}`,
    edge: `http://${host}:${edgePort}`,
    control: `http://${host}:${controlPort}`,
    token,
    visit: (url, init) => visitThroughEdge(edgePort, url, init),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const host = '127.0.0.1';

function createParts(options: EmulatorOptions): ApiParts {
  const now = options.now ?? Date.now;
  const state = new CloudflareState({
    now,
    plan: options.plan ?? 'free',
    switches: options.switches ?? {},
    latencyMs: options.latencyMs ?? 0,
    propagationMs: options.propagationMs ?? 0,
  });
  const limiter = new RateLimiter(options.rateLimit ?? {}, now);
  return { state, limiter, log: new RequestLog(), faults: new Faults(), holds: new Holds() };
}

function zoneSeeds(zones: number | readonly ZoneSeed[]): readonly ZoneSeed[] {
  if (typeof zones !== 'number') return zones;
  return Array.from({ length: zones }, (_, index) => ({ name: `site-${index + 1}.example` }));
}

function listen(server: Server, port = 0): Promise<number> {
  // Node's 5 seconds would break idle connections at moments that no test asked for.
  server.keepAliveTimeout = 120_000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
