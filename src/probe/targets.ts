import { coversHost, listedHosts } from '../domain/coverage.ts';
import type { ClosedSide } from '../domain/edge-state.ts';
import { isOpenPath } from '../domain/open-paths.ts';
import type { ProbeSubject, Target, Wanted } from './types.ts';

type Host = Pick<Target, 'host' | 'optional'>;

/** Longest host name that DNS knows. */
const MAX_HOST_LENGTH = 253;

/** More of them than a site may have open paths: one of them always begins a path that is not open. */
const FIRST_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~';

/**
 * What to ask for to know the state of a site: the domain and every listed subdomain; where subdomains are included
 * also `www` and a made-up one (`word` gives the text), both only if they resolve. After them, if they resolve, the
 * hosts that only rules of before have closed: whatever is wanted of the site, these are to be open.
 */
export function siteTargets(subject: ProbeSubject, wanted: Wanted, word: string): Target[] {
  const { former = [] } = subject;
  const sides = [subject, ...former];
  const paths = closedPaths(wanted === 'closed' ? [subject] : sides, word);
  const now = hostsOf(subject, word);
  const gone = new Set(
    former.flatMap((side) => hostsOf({ ...subject, ...side }, word)).map(({ host }) => host),
  );
  for (const { host } of now) gone.delete(host);
  return [
    ...now
      .filter((host) => wanted === 'closed' || !isOfOthers(host, subject))
      .flatMap((host) => paths.map((path) => ({ ...host, path }))),
    ...[...gone]
      .map((host) => ({ host, optional: true }))
      .filter((host) => !isOfOthers(host, subject))
      .flatMap((host) =>
        closedPaths(sides, word).map((path) => ({ ...host, path, ...(wanted === 'closed' && OPEN) })),
      ),
  ];
}

/**
 * One example per open path at `host`; each `*` becomes a made-up word. At the domain itself also one of each path that
 * rules of before let through, and that is to be closed now.
 */
export function openPathTargets(subject: ProbeSubject, host: string, word: string): Target[] {
  const { domain, openPaths, former = [] } = subject;
  const example = (openPath: string) => ({
    host,
    optional: false,
    path: openPath.replaceAll('*', `intermission-probe-${word}`),
    openPath,
  });
  const before = new Set(host === domain ? former.flatMap((side) => side.openPaths) : []);
  return [
    ...[...new Set(openPaths)].map((openPath) => ({ ...example(openPath), ...OPEN })),
    ...[...before]
      .map((openPath) => ({ ...example(openPath), goal: 'closed' as const }))
      .filter(({ path }) => !isOpen(path, openPaths)),
  ];
}

const OPEN = { goal: 'open' } as const;

function hostsOf(side: ProbeSubject, word: string): Host[] {
  const { domain, includeSubdomains } = side;
  const optional = includeSubdomains ? [`www.${domain}`, `intermission-probe-${word}.${domain}`] : [];
  return [
    ...[domain, ...listedHosts(side)].map((host) => ({ host, optional: false })),
    ...optional.filter((host) => host.length <= MAX_HOST_LENGTH).map((host) => ({ host, optional: true })),
  ];
}

/** A host that need not be looked at, and that another closed site takes: it tells nothing of this one. */
function isOfOthers({ host, optional }: Host, { others = [] }: ProbeSubject): boolean {
  return optional && others.some((other) => coversHost(other, host));
}

/** Paths that show the state of a site: one that none of `sides` lets through, else one for each. */
function closedPaths(sides: readonly Pick<ClosedSide, 'openPaths'>[], word: string): string[] {
  const ofAll = closedPath(
    sides.flatMap(({ openPaths }) => openPaths),
    word,
  );
  if (ofAll !== undefined) return [ofAll];
  return [...new Set(sides.map(({ openPaths }) => closedPath(openPaths, word) ?? '/'))];
}

function closedPath(openPaths: readonly string[], word: string): string | undefined {
  const made = `intermission-probe-${word}`;
  const candidates = ['/', `/${made}`, ...[...FIRST_CHARACTERS].map((first) => `/${first}-${made}`)];
  return candidates.find((path) => !isOpen(path, openPaths));
}

function isOpen(path: string, openPaths: readonly string[]): boolean {
  return openPaths.some((open) => isOpenPath(open, path));
}
