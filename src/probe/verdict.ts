import { isListed } from './address-list.ts';
import { isOurRedirect, ourAddresses } from './our-redirect.ts';
import type {
  HostReport,
  Observation,
  Observed,
  ProbeSubject,
  Target,
  Track,
  Verdict,
  Wanted,
} from './types.ts';

/** What is needed to judge a reply. */
export interface Measure {
  /** The addresses whose redirect is ours. */
  addresses: readonly string[];
  bypassIps: readonly string[];
  /** False when the edge is an address of the user's: `cf-ray` is not asked for. */
  checkProxied: boolean;
}

/** How often in a row the wanted verdict must be seen. */
export const STABLE_LOOKS = 2;

/** After how many looks in a row a verdict that does not change by waiting is taken as final. */
const FINAL_LOOKS = 3;

/** What one look says. A reply that did not pass through Cloudflare is never ours, whatever it says. */
export function judge(observation: Observation, measure: Measure): Verdict {
  if (observation.kind === 'failure') return 'unreachable';
  if (measure.checkProxied && !observation.cfRay) return 'not_proxied';
  if (isOurRedirect(observation, measure.addresses)) return 'closed';
  const { ownAddress } = observation;
  if (measure.bypassIps.length === 0) return 'open';
  return ownAddress === undefined || isListed(ownAddress, measure.bypassIps) ? 'exempt' : 'open';
}

/** The verdict that proves a target: an open path must show the site even while it is closed. */
export function goalOf(target: Target, wanted: Wanted): Wanted {
  return target.goal ?? wanted;
}

/** A host or path that is to be open while the edge may still follow a rule of before is judged by that as well. */
export function measureOf(
  target: Target,
  { subject, wanted, checkProxied }: { subject: ProbeSubject; wanted: Wanted; checkProxied: boolean },
): Measure {
  const goal = goalOf(target, wanted);
  // Paths are asked for where the site was just seen closed from here: what let this machine through before is gone.
  const isBefore = goal === 'open' && target.openPath === undefined;
  const sides = [subject, ...(isBefore ? (subject.former ?? []) : [])];
  const bypassIps = [...new Set(sides.flatMap((side) => side.bypassIps))];
  return { addresses: ourAddresses(subject, goal), bypassIps, checkProxied };
}

/** False for a host that need not exist and does not: it has no visitors. Trouble of the resolver is no such answer. */
export function counts({ target, observation }: Track): boolean {
  const absent = observation.kind === 'failure' && observation.cause === 'dns' && observation.final;
  return !(target.optional && absent);
}

/** True when the last `looks` looks showed what was wanted. */
export function isAsWanted(track: Track, wanted: Wanted, looks = STABLE_LOOKS): boolean {
  return track.verdict === goalOf(track.target, wanted) && track.streak >= looks;
}

/** True when another look would tell nothing new. */
export function isDecided(track: Track, wanted: Wanted): boolean {
  if (!counts(track) || isAsWanted(track, wanted)) return true;
  return track.streak >= FINAL_LOOKS && !changesByWaiting(track);
}

/** What visitors get. A host that is not proxied shows them the origin, so it is open to them. */
export function observedState(hosts: readonly HostReport[]): Observed['state'] {
  const seen = new Set(
    hosts.filter((host) => host.counts && host.former !== true).map(({ verdict }) => VISITORS_GET[verdict]),
  );
  if (seen.has('open') && seen.has('maintenance')) return 'mixed';
  const [only = 'unknown', ...others] = seen;
  return others.length > 0 ? 'unknown' : only;
}

/** True when visitors are known to get something else than they should there. What cannot be told is no difference. */
export function isKnownWrong(track: Track, wanted: Wanted): boolean {
  const get = VISITORS_GET[track.verdict];
  return counts(track) && get !== 'unknown' && get !== VISITORS_GET[goalOf(track.target, wanted)];
}

const VISITORS_GET = {
  closed: 'maintenance',
  open: 'open',
  not_proxied: 'open',
  unreachable: 'unknown',
  exempt: 'unknown',
} as const;

function changesByWaiting({ verdict, observation }: Track): boolean {
  if (verdict === 'not_proxied' || verdict === 'exempt') return false;
  return observation.kind === 'answer' || !observation.final;
}
