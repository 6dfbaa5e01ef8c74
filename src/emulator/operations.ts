import type { ApiParts } from './api-server.ts';
import type { FaultHandle } from './faults.ts';
import type { Hold } from './holds.ts';
import { addRuleByHand, editRuleByHand, removeRuleByHand } from './page-rules/by-hand.ts';
import { type PageRule, pageRuleList } from './page-rules/rule.ts';
import { addRedirectByHand } from './redirect-rules/by-hand.ts';
import { type RedirectOperations, redirectOperations } from './redirect-rules/operations.ts';
import { type RedirectRule, redirectRuleBody } from './redirect-rules/ruleset.ts';
import type { RequestLogEntry } from './request-log.ts';
import {
  type DnsRecord,
  type FaultSeed,
  type HoldSeed,
  type OriginAnswer,
  type Plan,
  type RequestFilter,
  type RuleEdit,
  type RuleSeed,
  type TokenEdit,
  type TokenSeed,
  type ZoneEdit,
  type ZoneSeed,
  type ZoneStatus,
  zoneSeedSchema,
} from './schemas.ts';
import type { Switches } from './switches.ts';
import { absoluteRecords, pageRuleQuota, redirectRuleQuota, type Zone } from './zones.ts';

/** A zone as tests look at it. */
export interface ZoneView {
  id: string;
  name: string;
  status: ZoneStatus;
  paused: boolean;
  type: string;
  plan: Plan;
  pageRuleQuota: number;
  redirectRuleQuota: number;
  account: { id: string; name: string };
  dns: DnsRecord[];
  origin: OriginAnswer;
  /** As the API lists them, highest priority first. */
  rules: PageRule[];
  /** The first that is tried first. */
  redirectRules: RedirectRule[];
}

/**
 * What a test does behind Cloudflare's back, and the same as the control port offers. Nothing of it is in the request
 * log, nothing of it is validated as the API would. A zone is named by its name or its id.
 */
export interface Operations extends RedirectOperations {
  addZone(seed: ZoneSeed): ZoneView;
  zone(nameOrId: string): ZoneView;
  zones(): ZoneView[];
  /** Changes what a person changes in the dashboard or at the registrar. */
  setZone(nameOrId: string, edit: ZoneEdit): ZoneView;
  removeZone(nameOrId: string): void;
  rules(zone: string): PageRule[];
  /** A rule made by somebody else, at a priority; without one at the bottom, as in the API. */
  addRule(zone: string, rule: RuleSeed): PageRule;
  editRule(zone: string, ruleId: string, edit: RuleEdit): PageRule;
  removeRule(zone: string, ruleId: string): void;
  /** Returns the token's value; without permissions and zones it may do everything. */
  addToken(seed?: TokenSeed): string;
  setToken(value: string, edit: TokenEdit): void;
  switches(): Switches;
  setSwitches(switches: Partial<Switches>): Switches;
  /** Delay of every API request. */
  setLatency(ms: number): void;
  /** Delay between a change and the edge, for changes from now on. */
  setPropagation(ms: number): void;
  addFault(fault: FaultSeed): FaultHandle;
  clearFaults(): void;
  /** Holds the n-th matching write (the first, unless `nth` says otherwise). */
  hold(seed: HoldSeed): Hold;
  requests(filter?: RequestFilter): RequestLogEntry[];
  clearRequests(): void;
  /** Back to how the emulator was started: its zones, token and settings; no faults, holds, requests or counts. */
  reset(): Promise<void>;
}

/** `fill` puts the zones and the token of the start in place. */
export function createOperations(
  parts: ApiParts,
  fill: (operations: Pick<Operations, 'addZone' | 'addToken'>) => void,
): Operations {
  const operations: Operations = {
    ...zoneOperations(parts),
    ...ruleOperations(parts),
    ...redirectOperations(parts.state),
    ...settingOperations(parts),
    async reset() {
      await parts.holds.clear();
      parts.faults.clear();
      parts.log.clear();
      parts.limiter.reset();
      parts.state.clear();
      fill(operations);
    },
  };
  fill(operations);
  return operations;
}

type ZoneOperation = 'addZone' | 'zone' | 'zones' | 'setZone' | 'removeZone';
type RuleOperation = 'rules' | 'addRule' | 'editRule' | 'removeRule';

function zoneOperations({ state }: ApiParts): Pick<Operations, ZoneOperation> {
  return {
    addZone(seed) {
      const zone = state.addZone(zoneSeedSchema.parse(seed));
      // Listed as the API lists them, so the last one is made first.
      for (const rule of (seed.rules ?? []).toReversed()) {
        addRuleByHand(state, zone, { priority: Number.MAX_SAFE_INTEGER, ...rule });
      }
      for (const rule of seed.redirectRules ?? []) addRedirectByHand(state, zone, rule);
      state.settle(zone);
      return viewOf(zone);
    },
    zone: (nameOrId) => viewOf(state.getZone(nameOrId)),
    zones: () => [...state.zones.values()].map(viewOf),
    setZone(nameOrId, edit) {
      const zone = state.getZone(nameOrId);
      const { status = zone.config.status, paused = zone.config.paused } = edit;
      zone.plan = edit.plan ?? zone.plan;
      zone.pageRuleQuota = edit.pageRuleQuota ?? zone.pageRuleQuota;
      zone.redirectRuleQuota = edit.redirectRuleQuota ?? zone.redirectRuleQuota;
      zone.origin = edit.origin ?? zone.origin;
      zone.dns = edit.dns === undefined ? zone.dns : absoluteRecords(zone.name, edit.dns);
      if (edit.status !== undefined || edit.paused !== undefined) state.commit(zone, { status, paused });
      return viewOf(zone);
    },
    removeZone: (nameOrId) => state.removeZone(state.getZone(nameOrId)),
  };
}

function ruleOperations({ state }: ApiParts): Pick<Operations, RuleOperation> {
  return {
    rules: (zone) => pageRuleList(state.getZone(zone).config.pageRules),
    addRule: (zone, rule) => addRuleByHand(state, state.getZone(zone), rule),
    editRule: (zone, ruleId, edit) => editRuleByHand(state, state.getZone(zone), { ruleId, edit }),
    removeRule: (zone, ruleId) => removeRuleByHand(state, state.getZone(zone), ruleId),
  };
}

function settingOperations(
  parts: ApiParts,
): Omit<Operations, ZoneOperation | RuleOperation | keyof RedirectOperations | 'reset'> {
  const { state, log, faults, holds } = parts;
  return {
    addToken: (seed = {}) => state.addToken(seed).value,
    setToken: (value, edit) => state.setToken(value, edit),
    switches: () => ({ ...state.switches }),
    setSwitches(switches) {
      state.switches = { ...state.switches, ...switches };
      return { ...state.switches };
    },
    setLatency(ms) {
      state.latencyMs = ms;
    },
    setPropagation(ms) {
      state.propagationMs = ms;
    },
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    hold: (seed) => holds.add(seed),
    requests(filter = {}) {
      const zone = filter.zone === undefined ? {} : { zone: state.getZone(filter.zone).id };
      return log.find({ ...filter, ...zone });
    },
    clearRequests: () => log.clear(),
  };
}

function viewOf(zone: Zone): ZoneView {
  return {
    id: zone.id,
    name: zone.name,
    status: zone.config.status,
    paused: zone.config.paused,
    type: zone.type,
    plan: zone.plan,
    pageRuleQuota: pageRuleQuota(zone),
    redirectRuleQuota: redirectRuleQuota(zone),
    account: { ...zone.account },
    dns: zone.dns.map((record) => ({ ...record })),
    origin: { ...zone.origin },
    rules: pageRuleList(zone.config.pageRules),
    redirectRules: (zone.config.redirects?.rules ?? []).map((rule) => redirectRuleBody(rule)),
  };
}
