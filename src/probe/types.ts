import type { Coverage } from '../domain/coverage.ts';
import type { ClosedSide } from '../domain/edge-state.ts';
import type { JsonValue } from '../errors.ts';

/** What every visitor should meet: our redirect, or the site itself. */
export type Wanted = 'closed' | 'open';

/**
 * What a visitor meets at a host. `closed`: our redirect. `open`: any other reply, errors of the origin included.
 * `unreachable`: no DNS, TLS or connection. `not_proxied`: a reply that did not pass through Cloudflare.
 * `exempt`: the origin, and this machine is on the site's bypass list, or may be, so nobody else need get the same.
 */
export type Verdict = 'closed' | 'open' | 'unreachable' | 'not_proxied' | 'exempt';

/** A site as the prover needs it. A `CloudflareSite` has all of it but the address. */
export interface ProbeSubject extends Coverage {
  /** Where visitors are sent while it is closed; may hold `{domain}`. */
  url: string;
  /** Addresses that the edge may still send to for a while: to be open means not to send to these either. */
  formerUrls?: readonly string[];
  /** What its rules closed and let through before, as far as the edge may not be past it. */
  former?: readonly ClosedSide[];
  /** Other closed sites: to be open means not to send to their pages either. */
  others?: readonly (Coverage & { url: string })[];
  /** Paths that are never redirected; `*` stands for any text. */
  openPaths: readonly string[];
  /** Addresses and networks that are never redirected. */
  bypassIps: readonly string[];
}

/** One thing to ask for: a path of a host. */
export interface Target {
  host: string;
  /** True: it counts only when it resolves. */
  optional: boolean;
  path: string;
  /** The open path, of now or of before, that this is an example of; absent for the site itself. */
  openPath?: string;
  /** What proves it, where that is not what is wanted of the site. */
  goal?: Wanted;
}

/** What one request brought. */
export type Observation = Answer | Failure;

export interface Answer {
  kind: 'answer';
  scheme: 'https' | 'http';
  status: number;
  location?: string;
  /** The cache-busting query of the request, without the question mark. */
  query: string;
  /** Whether the reply passed through Cloudflare. */
  cfRay: boolean;
  /** Cloudflare put a challenge in front of this request. */
  challenged: boolean;
  /** The address that this machine is seen with; looked up only where a bypass list matters, and then not always found. */
  ownAddress?: string;
  /** Why https was not used. */
  httpsFailure?: string;
}

export interface Failure {
  kind: 'failure';
  cause: 'dns' | 'tls' | 'refused' | 'closed' | 'timeout' | 'connection';
  /** True: asking again soon will not help. */
  final: boolean;
  text: string;
}

/** All looks at one target so far. */
export interface Track {
  target: Target;
  looks: number;
  /** ISO 8601, UTC. */
  firstAt: string;
  lastAt: string;
  /** Of the last look. */
  verdict: Verdict;
  observation: Observation;
  /** How many of the last looks in a row had this verdict. */
  streak: number;
}

/** The looks at one host; open paths are asked for once the host itself is closed. */
export interface HostTrack {
  site: Track;
  openPaths: readonly Track[];
}

/** One line for people: what was seen, and what to do where it is not what was wanted. */
export interface Said {
  message: string;
  hint?: string;
}

export interface PathReport extends Said {
  path: string;
  verdict: Verdict;
  asWanted: boolean;
}

export interface HostReport extends Said {
  host: string;
  verdict: Verdict;
  /** False: a host that need not exist, and does not resolve. */
  counts: boolean;
  /** True for a host that a closed site does not cover any more: it is to be open. */
  former?: true;
  /** True for an answer that may not be what visitors of the site should get, open as it is: see `message`. */
  remarkable?: true;
  /** The wanted verdict; for a proof seen twice in a row. */
  asWanted: boolean;
  openPaths: PathReport[];
}

export interface Proof extends Said {
  state: 'proven' | 'unproven';
  wanted: Wanted;
  hosts: HostReport[];
  /** For the log: compact, bounded, without queries of foreign addresses. */
  evidence: JsonValue;
}

/** What visitors get, all counted hosts taken together. */
export interface Observed {
  state: 'open' | 'maintenance' | 'mixed' | 'unknown';
  /** True when at least one host or open path is known to show something else than is intended. */
  differs: boolean;
  hosts: HostReport[];
}

export interface Clock {
  now(): Date;
}

/** Resolves after `ms` milliseconds; rejects when `signal` aborts. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;
