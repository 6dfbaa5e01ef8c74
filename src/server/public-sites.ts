import { canonicalHost } from '../domain/domain-name.ts';
import type { PublicState } from '../domain/public-page.ts';
import { revisionOf } from '../pages/render.ts';

/** Where the states come from; an open `Intermission` is one. */
export interface PublicSource {
  publicStates(): Promise<PublicState[]>;
  publicStatesVersion(): Promise<string>;
}

/** A site that the page has something to say about. */
export interface KnownSite {
  state: PublicState;
  /** Changes with everything that the page shows. */
  revision: string;
}

export interface PublicSitesOptions {
  source: PublicSource;
  now: () => Date;
  /** Told when the database could not be asked; what was known last is then served on. */
  onFailure: (error: unknown) => void;
}

/** The database is asked at most this often, and only while there are visitors. Milliseconds. */
const CHECK_MS = 1_000;

/**
 * The sites that visitors may be sent to the page for, kept in memory: a request costs no query, whatever site it
 * names. Other processes change the database, so its version is asked for once a second.
 */
export class PublicSites {
  readonly #options: PublicSitesOptions;
  #known: ReadonlyMap<string, KnownSite> = new Map();
  #version: string | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  constructor(options: PublicSitesOptions) {
    this.#options = options;
  }

  /** Undefined: nothing is known of such a site, or it is open. As of the last `refresh`. */
  find(domain: string): KnownSite | undefined {
    return this.#known.get(canonicalHost(domain));
  }

  /** False until the database has been read once: that a site is not found says nothing then. */
  get isReady(): boolean {
    return this.#version !== undefined;
  }

  /** Whether to wait for `refresh` before asking. */
  isStale(now: Date): boolean {
    if (!this.isReady && this.#checking !== undefined) return true;
    const age = now.getTime() - this.#checkedAt;
    // A clock that was set back must not stop the checks.
    return age >= CHECK_MS || age < 0;
  }

  /** Asks the database, once for all who wait. Never rejects. */
  refresh(): Promise<void> {
    this.#checking ??= this.#check()
      .catch(this.#options.onFailure)
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }

  async #check(): Promise<void> {
    const { source, now } = this.#options;
    this.#checkedAt = now().getTime();
    const version = await source.publicStatesVersion();
    if (version === this.#version) return;
    const states = await source.publicStates();
    this.#known = new Map(
      states.map((state) => [state.domain, { state, revision: revisionOf(state) }] as const),
    );
    this.#version = version;
  }
}
