import { visitorUrl } from '../domain/maintenance-url.ts';
import type { JsonValue } from '../errors.ts';
import { isOurRedirect, ourAddresses } from './our-redirect.ts';
import { isRemarkable, plainAddress, sayTarget } from './say.ts';
import type { HostReport, HostTrack, ProbeSubject, Proof, Said, Track, Wanted } from './types.ts';
import { counts, goalOf, isAsWanted, STABLE_LOOKS } from './verdict.ts';

/** How many hosts and open paths per host the evidence keeps; those that are not as wanted go first. */
const MAX_HOSTS = 20;
const MAX_PATHS = 5;

/** How many hosts a message names. */
const MAX_NAMED = 3;

/** What the looks at a site prove. Pure. */
export function concludeProof(subject: ProbeSubject, wanted: Wanted, tracks: readonly HostTrack[]): Proof {
  const hosts = tracks.map((track) => reportHost(track, wanted));
  const state = hosts.every(isProven) ? 'proven' : 'unproven';
  return {
    state,
    wanted,
    hosts,
    ...sayAll(subject, wanted, hosts),
    evidence: evidenceOf(subject, wanted, tracks),
  };
}

/** What one host shows; `looks` in a row must agree. Pure. */
export function reportHost({ site, openPaths }: HostTrack, wanted: Wanted, looks = STABLE_LOOKS): HostReport {
  return {
    host: site.target.host,
    verdict: site.verdict,
    counts: counts(site),
    ...(goalOf(site.target, wanted) !== wanted && { former: true }),
    asWanted: isAsWanted(site, wanted, looks),
    ...(isRemarkable(site) && { remarkable: true }),
    ...sayTarget(site, wanted, looks),
    openPaths: openPaths.map((track) => ({
      path: track.target.openPath ?? track.target.path,
      verdict: track.verdict,
      asWanted: isAsWanted(track, wanted, looks),
      ...sayTarget(track, wanted, looks),
    })),
  };
}

function isProven({ counts, asWanted, openPaths }: HostReport): boolean {
  return !counts || (asWanted && openPaths.every((path) => path.asWanted));
}

function sayAll({ domain }: ProbeSubject, wanted: Wanted, hosts: readonly HostReport[]): Said {
  const failures = hosts
    .filter(({ counts }) => counts)
    .flatMap((host) => [host, ...host.openPaths])
    .filter(({ asWanted }) => !asWanted);
  if (failures.length === 0) return { message: provenText(domain, wanted, hosts) };
  const named = failures.slice(0, MAX_NAMED).map(({ message }) => message);
  const more = failures.length - named.length;
  if (more > 0) named.push(`${more} more ${more === 1 ? 'is' : 'are'} not as wanted.`);
  const [hint] = failures.flatMap((failure) => failure.hint ?? []);
  return { message: named.join(' '), ...(hint !== undefined && { hint }) };
}

function provenText(domain: string, wanted: Wanted, hosts: readonly HostReport[]): string {
  const number = hosts.filter(({ counts, former }) => counts && former !== true).length;
  const subject = number === 1 ? domain : `All ${number} hosts of ${domain} that were looked at`;
  const isOne = number === 1;
  if (wanted === 'closed')
    return `${subject} ${isOne ? 'redirects' : 'redirect'} visitors to the maintenance page.`;
  const remarks = hosts.filter(({ counts, remarkable }) => counts && remarkable === true);
  if (remarks.length === 0) return `${subject} ${isOne ? 'shows' : 'show'} visitors the site.`;
  const named = remarks.slice(0, MAX_NAMED).map(({ message }) => message);
  return [`${subject} ${isOne ? 'does' : 'do'} not redirect to the maintenance page.`, ...named].join(' ');
}

function evidenceOf(subject: ProbeSubject, wanted: Wanted, tracks: readonly HostTrack[]): JsonValue {
  const sorted = tracks.toSorted((a, b) => Number(isGood(a, wanted)) - Number(isGood(b, wanted)));
  const hosts = sorted.slice(0, MAX_HOSTS).map(({ site, openPaths }) => ({
    host: site.target.host,
    ...lookFacts(site, wanted, subject),
    ...(openPaths.length > 0 && {
      openPaths: openPaths
        .toSorted((a, b) => Number(isAsWanted(a, wanted)) - Number(isAsWanted(b, wanted)))
        .slice(0, MAX_PATHS)
        .map((track) => ({ path: track.target.path.slice(0, 200), ...lookFacts(track, wanted, subject) })),
    }),
  }));
  const omitted = tracks.length - hosts.length;
  return { wanted, url: visitorUrl(subject.url, subject.domain), hosts, ...(omitted > 0 && { omitted }) };
}

function isGood({ site, openPaths }: HostTrack, wanted: Wanted): boolean {
  return [site, ...openPaths].every((track) => !counts(track) || isAsWanted(track, wanted));
}

function lookFacts(track: Track, wanted: Wanted, subject: ProbeSubject): { [key: string]: JsonValue } {
  const { verdict, looks, firstAt, lastAt, observation } = track;
  const base = {
    verdict,
    asWanted: isAsWanted(track, wanted),
    ...(!counts(track) && { counted: false }),
    looks,
    firstAt,
    lastAt,
  };
  if (observation.kind === 'failure') return { ...base, error: observation.text };
  const { status, scheme, location, cfRay, ownAddress, httpsFailure } = observation;
  const ours = isOurRedirect(observation, ourAddresses(subject, goalOf(track.target, wanted)));
  return {
    ...base,
    status,
    scheme,
    ...(location !== undefined && (ours ? { ourRedirect: true } : { location: plainAddress(location) })),
    cfRay,
    ...(ownAddress !== undefined && { ownAddress }),
    ...(httpsFailure !== undefined && { httpsFailure }),
  };
}
