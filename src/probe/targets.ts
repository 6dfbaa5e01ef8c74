import { listedHosts } from '../domain/coverage.ts';
import type { ProbeSubject, Target } from './types.ts';

/** Longest host name that DNS knows. */
const MAX_HOST_LENGTH = 253;

/**
 * What to ask for to know the state of a site: the domain and every listed subdomain; where subdomains are included
 * also `www` and a made-up one (`word` gives the text), both only if they resolve.
 */
export function siteTargets(subject: ProbeSubject, word: string): Target[] {
  const { domain, includeSubdomains, openPaths } = subject;
  const made = `intermission-probe-${word}`;
  const optional = includeSubdomains ? [`www.${domain}`, `${made}.${domain}`] : [];
  const path = ['/', `/${made}`].find((candidate) => !isOpen(candidate, openPaths)) ?? '/';
  return [
    ...[domain, ...listedHosts(subject)].map((host) => ({ host, optional: false, path })),
    ...optional
      .filter((host) => host.length <= MAX_HOST_LENGTH)
      .map((host) => ({ host, optional: true, path })),
  ];
}

/** One example per open path at `host`; each `*` becomes a made-up word. */
export function openPathTargets(subject: ProbeSubject, host: string, word: string): Target[] {
  return [...new Set(subject.openPaths)].map((openPath) => ({
    host,
    optional: false,
    path: openPath.replaceAll('*', `intermission-probe-${word}`),
    openPath,
  }));
}

function isOpen(path: string, openPaths: readonly string[]): boolean {
  return openPaths.some((open) => {
    const parts = open.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(path);
  });
}
