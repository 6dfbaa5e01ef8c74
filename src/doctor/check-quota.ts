import type { CloudflareSite } from '../domain/cloudflare-site.ts';
import type { EngineName } from '../domain/edge-state.ts';
import { redirectRuleLimit } from '../engines/redirect-rules-plan.ts';
import type { LiveStatus } from '../services/maintenance/live-status.ts';
import { count, type Finding, finding, names } from './finding.ts';

const ENGINES = ['page_rules', 'redirect_rules'] as const;
const WORDS: Record<EngineName, string> = { page_rules: 'page rules', redirect_rules: 'redirect rules' };

/** How many rules a zone has of how many it may have. Absent: not known. */
type Room = Partial<Record<EngineName, { used: number; limit: number }>>;

interface Zone {
  name: string;
  room: Room;
  /** The kinds of rules that could not be read, and so cannot be counted on. */
  unread: EngineName[];
  /** A site of it is open: to close that takes another rule. */
  hasOpenSite: boolean;
}

/** Pure: the rules in use, in one line, and the zones where there is no room for another one, or for just one. */
export function quotaFindings(sites: readonly CloudflareSite[], statuses: readonly LiveStatus[]): Finding[] {
  const zones = zonesOf(sites, statuses);
  const totals = ENGINES.flatMap((engine) => totalOf(engine, zones) ?? []);
  if (totals.length === 0) return [];
  const open = zones.filter(({ hasOpenSite }) => hasOpenSite);
  const others = open.filter((zone) => !isExhausted(zone));
  return [
    finding('Quota', 'ok', `In use: ${totals.join(', ')}.`),
    ...exhausted(open.filter((zone) => isExhausted(zone) && zone.unread.length === 0)),
    ...ENGINES.flatMap((engine) => exhaustedBut(engine, open.filter(isExhausted))),
    ...full(
      'page_rules',
      others,
      'The engine auto closes sites there by redirect rules, if the token may; page_rules is refused until a rule is removed.',
    ),
    ...full(
      'redirect_rules',
      others,
      'Open paths and bypass addresses need them: remove one that nobody needs.',
    ),
    ...ENGINES.flatMap((engine) => nearlyFull(engine, others)),
  ];
}

/** No rule can be added: of each kind there is no room, or nobody knows whether the token may. */
function isExhausted({ room, unread }: Zone): boolean {
  const hasNone = (engine: EngineName) => leftIn(room, engine) === 0;
  return ENGINES.some(hasNone) && ENGINES.every((engine) => hasNone(engine) || unread.includes(engine));
}

function zonesOf(sites: readonly CloudflareSite[], statuses: readonly LiveStatus[]): Zone[] {
  const used = new Map(statuses.map((status) => [status.domain, status.used]));
  const known = sites.filter(({ domain, zoneId }) => zoneId != null && used.has(domain));
  return [...Map.groupBy(known, ({ zoneId }) => zoneId).values()].map((own) => {
    const [first] = own as [CloudflareSite];
    const counts = used.get(first.domain);
    const limits = { page_rules: first.pageRuleQuota, redirect_rules: redirectRuleLimit(first.zonePlan) };
    const room: Room = {};
    for (const engine of ENGINES) {
      const [number, limit] = [counts?.[engine], limits[engine]];
      if (number != null && limit != null) room[engine] = { used: number, limit };
    }
    const hasOpenSite = own.some(({ maintenanceActive }) => maintenanceActive !== true);
    const unread = ENGINES.filter((engine) => counts?.[engine] === null);
    return { name: first.zoneName ?? first.domain, room, unread, hasOpenSite };
  });
}

function totalOf(engine: EngineName, zones: readonly Zone[]): string | undefined {
  const known = zones.flatMap(({ room }) => room[engine] ?? []);
  if (known.length === 0) return undefined;
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const [used, limit] = [sum(known.map((room) => room.used)), sum(known.map((room) => room.limit))];
  return `${used} of ${limit} ${WORDS[engine]} in ${count(known.length, 'zone')}`;
}

function exhausted(zones: readonly Zone[]): Finding[] {
  if (zones.length === 0) return [];
  const message = `No room for another rule of any kind in ${names(zones.map(({ name }) => name))}: open sites there cannot be closed.`;
  return [finding('Quota', 'broken', message, 'Remove rules that nobody needs, or take a larger plan.')];
}

/** The rules of `engine` cannot be read, and of the others there is no room. */
function exhaustedBut(engine: EngineName, zones: readonly Zone[]): Finding[] {
  const without = zones.filter(({ unread }) => unread.includes(engine));
  if (without.length === 0) return [];
  const other = engine === 'page_rules' ? 'redirect_rules' : 'page_rules';
  const message = `No room for more ${WORDS[other]} in ${shares(other, without)}, and ${WORDS[engine]} cannot be read there: open sites there cannot be closed.`;
  const hint = `Remove rules that nobody needs, take a larger plan, or use a token that may change ${WORDS[engine]}.`;
  return [finding('Quota', 'broken', message, hint)];
}

function full(engine: EngineName, zones: readonly Zone[], hint: string): Finding[] {
  const without = zones.filter(({ room }) => leftIn(room, engine) === 0);
  if (without.length === 0) return [];
  return [
    finding('Quota', 'warning', `No room for more ${WORDS[engine]} in ${shares(engine, without)}.`, hint),
  ];
}

function nearlyFull(engine: EngineName, zones: readonly Zone[]): Finding[] {
  const almost = zones.filter(({ room }) => leftIn(room, engine) === 1);
  if (almost.length === 0) return [];
  return [finding('Quota', 'ok', `Room for one of the ${WORDS[engine]} in ${shares(engine, almost)}.`)];
}

function leftIn(room: Room, engine: EngineName): number | undefined {
  const of = room[engine];
  return of === undefined ? undefined : Math.max(0, of.limit - of.used);
}

/** `example.com (3 of 3)`, of several the first ones. */
function shares(engine: EngineName, zones: readonly Zone[]): string {
  return names(zones.map(({ name, room }) => `${name} (${room[engine]?.used} of ${room[engine]?.limit})`));
}
