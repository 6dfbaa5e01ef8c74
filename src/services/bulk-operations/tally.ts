import type { Emit } from './bulk-run.ts';
import { skippedSite } from './rows.ts';
import type { BulkOperation, BulkResult, BulkSite, BulkWarning } from './types.ts';

interface About {
  operation: BulkOperation;
  dryRun: boolean;
  total: number;
  startedAt: Date;
  /** Failures of sites in hand that end the run. */
  stopAfter: number;
  signal: AbortSignal | undefined;
}

/** Keeps count of a run, and decides when no other site may be taken in hand. */
export class Tally {
  readonly warnings: BulkWarning[] = [];
  readonly #about: About;
  readonly #emit: Emit;
  readonly #brake = new AbortController();
  readonly #sites: BulkSite[] = [];
  /** Failures among the sites that were taken in hand. */
  #failures = 0;
  #stopped: BulkResult['stopped'] = null;

  constructor(about: About, emit: Emit) {
    this.#about = about;
    this.#emit = emit;
    const cancel = () =>
      this.stop(
        'cancelled',
        'The run was cancelled. The sites in hand were finished, the others are untouched.',
      );
    if (about.signal?.aborted === true) cancel();
    else about.signal?.addEventListener('abort', cancel, { signal: this.#brake.signal });
  }

  /** Aborted when no other site may be taken in hand. */
  get brake(): AbortSignal {
    return this.#brake.signal;
  }

  get stopped(): BulkResult['stopped'] {
    return this.#stopped;
  }

  get failures(): number {
    return this.#failures;
  }

  stop(code: 'cancelled' | 'stopped', message: string): void {
    if (this.#stopped !== null) return;
    this.#stopped = { code, message };
    this.#emit({ type: 'stopped', code, message });
    this.#brake.abort();
  }

  /** Takes note of a site that was not taken in hand. */
  add(site: BulkSite): void {
    this.#sites.push(site);
    this.#emit({ type: 'finished', site, finished: this.#sites.length, total: this.#about.total });
  }

  /** Takes note of a site that was taken in hand. */
  finish(site: BulkSite): void {
    if (site.outcome === 'failed' || site.proof?.state === 'unproven') this.#failures += 1;
    this.add(site);
    const { stopAfter, total } = this.#about;
    if (this.#failures >= stopAfter)
      this.stop(
        'stopped',
        `Stopped: ${this.#failures} of ${total} sites have failed. The sites in hand were finished, the others are untouched.`,
      );
  }

  /** The end of the run; sites that are left were not taken in hand. */
  result(
    left: readonly { site: { id: number; domain: string } }[],
    { completedAt, calls }: Pick<BulkResult, 'completedAt' | 'calls'>,
  ): BulkResult {
    const { code, message } = this.#stopped ?? { code: 'stopped', message: '' };
    for (const { site } of left) this.add(skippedSite(site, code, message));
    // Nothing listens any more, however long the caller keeps its signal.
    this.#brake.abort();
    const of = (...outcomes: BulkSite['outcome'][]) =>
      this.#sites.filter(({ outcome }) => outcomes.includes(outcome));
    const successful = of('done', 'planned');
    const failed = of('failed');
    const tried = successful.length + failed.length;
    const { operation, dryRun, total, startedAt } = this.#about;
    return {
      operation,
      dryRun,
      total,
      successful,
      failed,
      skipped: of('skipped'),
      successRate: tried === 0 ? 0 : (successful.length / tried) * 100,
      startedAt,
      completedAt,
      calls,
      stopped: this.#stopped,
      warnings: this.warnings,
    };
  }
}
