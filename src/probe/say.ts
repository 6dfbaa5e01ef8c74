import { isWithin } from '../domain/domain-name.ts';
import type { Failure, Observation, Said, Target, Track, Wanted } from './types.ts';
import { counts, goalOf, isAsWanted, STABLE_LOOKS } from './verdict.ts';

/** What one target shows, in a line, and what to do where it is not what was wanted. */
export function sayTarget(track: Track, wanted: Wanted, looks = STABLE_LOOKS): Said {
  if (!counts(track)) return { message: `${track.target.host} does not resolve and is not counted.` };
  const said = SAYINGS[track.verdict](track, wanted);
  if (isAsWanted(track, wanted, looks)) return { message: said.message };
  if (track.verdict !== goalOf(track.target, wanted)) return said;
  return { message: `${said.message.slice(0, -1)}, but not twice in a row.`, hint: WAIT };
}

/**
 * True for an answer that is not our redirect, and yet may not be the site: an error, a challenge, or a redirect to
 * a host that is neither above nor below.
 */
export function isRemarkable({ target, verdict, observation }: Track): boolean {
  if (verdict !== 'open' || observation.kind === 'failure') return false;
  const { location, status, challenged } = observation;
  const host = location === undefined ? undefined : URL.parse(location, `https://${target.host}/`)?.hostname;
  const isElsewhere = host !== undefined && !isWithin(host, target.host) && !isWithin(target.host, host);
  return challenged || status >= 500 || (status >= 300 && status < 400 && isElsewhere);
}

/** The address without user, password, query and fragment: these may hold secrets of the site. */
export function plainAddress(location: string): string {
  const url = URL.parse(location);
  const given = location
    .split(/[?#]/, 1)
    .join('')
    .replace(/^\/\/[^/]*@/, '//')
    .replaceAll(/[^\x21-\x7e]/g, '?');
  const text = url === null ? given : `${url.protocol}//${url.host}${url.pathname}`;
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

type Saying = (track: Track, wanted: Wanted) => { message: string; hint: string };

const WAIT =
  'Cloudflare’s edge may need longer: run maintenance verify again. If it stays so, maintenance status --live names the rules in the way.';

const SAYINGS: Record<Track['verdict'], Saying> = {
  closed: ({ target }, wanted) => ({
    message: `${nameOf(target)} ${target.openPath === undefined && goalOf(target, wanted) === 'open' ? 'still redirects' : 'redirects'} to the maintenance page.`,
    hint:
      target.openPath === undefined
        ? WAIT
        : `The open path ${target.openPath} must show the site: check that the rule at Cloudflare leaves it out.`,
  }),
  open: ({ target, observation }) => ({
    message: `${nameOf(target)} ${replyOf(observation)}${wrongBehaviour(observation)}.`,
    hint: hintOfOpen(observation),
  }),
  unreachable: ({ target, observation }) => ({
    message: `${target.host} cannot be reached: ${failureText(observation)}.`,
    hint: UNREACHABLE_HINTS[observation.kind === 'failure' ? observation.cause : 'connection'],
  }),
  not_proxied: ({ target, observation }) => ({
    message: `${target.host} ${replyOf(observation)}, and the reply did not pass through Cloudflare (no cf-ray).`,
    hint: 'Set its DNS record to proxied, and check that the zone is active and not paused. Rules work on proxied hosts only.',
  }),
  exempt: ({ target, observation }) => ({
    message: `${nameOf(target)} shows the site to this machine ${whyExempt(observation)}.`,
    hint: 'What others get cannot be seen from here: run maintenance verify on a machine that is not on the list.',
  }),
};

/** Without `cf-ray` it came past an edge address, which is trusted to be Cloudflare's: so it may be another host's. */
function hintOfOpen(observation: Observation): string {
  if (isChallenge(observation))
    return 'Cloudflare challenges requests of this machine. Look at the site in a browser, or run maintenance verify elsewhere.';
  if (observation.kind === 'failure' || observation.cfRay) return WAIT;
  return 'The reply did not pass through Cloudflare (no cf-ray). Set the DNS record of the host to proxied, check that the zone is active and not paused, and what INTERMISSION_EDGE_ADDRESS leads to.';
}

const UNREACHABLE_HINTS: Record<Failure['cause'], string> = {
  dns: 'Check its DNS record; a subdomain that no longer exists should leave the list of the site.',
  tls: 'Check that a certificate covers this host; Cloudflare’s universal certificate covers one level of subdomains.',
  refused: 'Check its DNS record, and that this machine may open connections to it.',
  closed:
    'Run maintenance verify again; if it stays so, check the network between this machine and Cloudflare.',
  timeout:
    'Run maintenance verify again; if it stays so, check the network between this machine and Cloudflare.',
  connection: 'Check the network of this machine: the prover connects directly, without a proxy.',
};

function nameOf({ host, path, openPath }: Target): string {
  return openPath === undefined ? host : `${host}${path}`;
}

function replyOf(observation: Observation): string {
  if (observation.kind === 'failure') return 'gives no answer';
  const { status, location } = observation;
  const where = location === undefined ? '' : ` and redirects to ${plainAddress(location)}`;
  return `answers ${status}${where}`;
}

/** What about the answer is the site's own trouble, and not ours. */
function wrongBehaviour(observation: Observation): string {
  if (observation.kind === 'failure') return '';
  if (isChallenge(observation)) return ' with a challenge of Cloudflare';
  return observation.status >= 500 ? ' (an error of the site itself)' : '';
}

function isChallenge(observation: Observation): boolean {
  return observation.kind === 'answer' && observation.challenged;
}

function failureText(observation: Observation): string {
  return observation.kind === 'failure' ? observation.text.replace(/\.$/, '') : 'no reason is known';
}

function whyExempt(observation: Observation): string {
  const address = observation.kind === 'answer' ? observation.ownAddress : undefined;
  return address === undefined
    ? 'alone, perhaps: it has a bypass list, and the address that Cloudflare sees this machine with could not be found out'
    : `(${address}), which is on its bypass list or was when it was closed`;
}
