import type { Coverage } from '../domain/coverage.ts';
import { concludeProof, reportHost } from './conclude.ts';
import { checkPage, type PageWarning } from './maintenance-page.ts';
import { type Resolve, resolveName } from './resolve.ts';
import { Slots } from './slots.ts';
import type { Clock, Observed, ProbeSubject, Proof, Wait, Wanted } from './types.ts';
import { isKnownWrong, observedState } from './verdict.ts';
import { type WatchTools, watchSite } from './watch-site.ts';

export interface ProverOptions {
  /** Connect there instead of resolving names, `http://127.0.0.1:8788`; `cf-ray` is then not asked for. */
  edgeAddress?: string | undefined;
  /** Whether the maintenance page may be on a private address. */
  allowPrivateTargets?: boolean | undefined;
  clock: Clock;
  wait: Wait;
  /** Milliseconds that never go back; they measure the time limit. */
  monotonic?: () => number;
  /** Default: as this machine resolves names. */
  resolve?: Resolve;
  /** Requests at the same time, of all sites together. */
  concurrency?: number;
  /** Limit of one request, milliseconds. */
  requestTimeoutMs?: number;
  /** Instead of 443 and 80: for tests. */
  ports?: Record<'https' | 'http', number>;
  /** Certificates to trust instead of the usual ones: for tests. */
  ca?: string;
}

export interface ProveOptions {
  /** Milliseconds; a last confirming look may go a little beyond. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** How long a proof waits for the edge unless told otherwise, milliseconds. */
const PROOF_TIMEOUT_MS = 60_000;

/**
 * Shows by real requests what visitors get. Knows sites by what it is told; changes nothing.
 * All methods reject only when `signal` aborts: whatever a request meets is a result.
 */
export class Prover {
  readonly #tools: WatchTools;
  readonly #allowPrivateTargets: boolean;

  constructor(options: ProverOptions) {
    const { edgeAddress, clock, wait, ports, ca } = options;
    this.#allowPrivateTargets = options.allowPrivateTargets ?? false;
    this.#tools = {
      edgeAddress,
      clock,
      wait,
      ports,
      ca,
      monotonic: options.monotonic ?? (() => performance.now()),
      resolve: options.resolve ?? resolveName,
      slots: new Slots(options.concurrency ?? 32),
      timeoutMs: options.requestTimeoutMs ?? 5000,
    };
  }

  /** Looks until every host shows what is wanted, or the time is up, or waiting is no use. */
  async prove(subject: ProbeSubject, wanted: Wanted, options: ProveOptions = {}): Promise<Proof> {
    const { timeoutMs = PROOF_TIMEOUT_MS, signal } = options;
    const tracks = await watchSite(subject, wanted, this.#tools, { timeoutMs, signal });
    return concludeProof(subject, wanted, tracks);
  }

  /** Looks once at every host, and at the open paths of closed ones. `intended` is what it is measured by. */
  async observe(
    subject: ProbeSubject,
    intended: Wanted,
    options: { signal?: AbortSignal } = {},
  ): Promise<Observed> {
    const tracks = await watchSite(subject, intended, this.#tools, { timeoutMs: 0, signal: options.signal });
    const hosts = tracks.map((track) => reportHost(track, intended, 1));
    const seen = tracks.flatMap(({ site, openPaths }) => [site, ...openPaths]);
    const differs = seen.some((track) => isKnownWrong(track, intended));
    return { state: observedState(hosts), differs, hosts };
  }

  /**
   * Fetches the maintenance page once, before sites are closed: undefined when nothing speaks against it.
   *
   * @param url where visitors will be sent, the placeholder filled in
   * @param closing the sites that will be closed
   */
  async checkPage(
    url: string,
    closing: readonly Coverage[],
    options: { timeoutMs?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<PageWarning | undefined> {
    const { resolve, ca } = this.#tools;
    const allowPrivate = this.#allowPrivateTargets;
    return checkPage(url, closing, { resolve, ca, allowPrivate, ...options });
  }
}
