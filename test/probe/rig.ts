import { Prover, type ProverOptions } from '../../src/probe/prover.ts';
import type { ProbeSubject } from '../../src/probe/types.ts';
import { fakeClock } from '../support/fake-clock.ts';

const PAGE = 'https://down.example.net/?site={domain}';

export const subject = (changes: Partial<ProbeSubject> = {}): ProbeSubject => ({
  domain: 'site-1.example',
  includeSubdomains: false,
  subdomainList: '',
  url: PAGE,
  openPaths: [],
  bypassIps: [],
  ...changes,
});

/** A prover whose waits take no time: they move its clock. */
export function provingRig(options: Partial<ProverOptions> = {}) {
  const clock = fakeClock('2026-05-01T00:00:00.000Z');
  const waits: number[] = [];
  const started = clock.now().getTime();
  const prover = new Prover({
    clock,
    monotonic: () => clock.now().getTime(),
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      clock.advance(ms);
    },
    ...options,
  });
  return { prover, clock, waits, elapsed: () => clock.now().getTime() - started };
}
