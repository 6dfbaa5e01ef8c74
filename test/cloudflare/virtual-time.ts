/** A clock and a wait that belong together: time passes only when nothing else is left to do. */
export function virtualTime(start = Date.parse('2026-05-01T00:00:00Z')) {
  let now = start;
  const sleepers: { at: number; wake: () => void }[] = [];
  const wait = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const sleeper = { at: now + ms, wake: resolve };
      sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        const index = sleepers.indexOf(sleeper);
        if (index >= 0) sleepers.splice(index, 1);
        reject(signal.reason);
      });
    });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    clock: { now: () => new Date(now) },
    wait,
    now: () => now,
    jump(ms: number) {
      now += ms;
    },
    /** Lets time pass, sleeper by sleeper, until `work` is settled. */
    async run<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
      const done: { outcome?: PromiseSettledResult<T> } = {};
      void Promise.allSettled([work]).then(([outcome]) => {
        done.outcome = outcome;
      });
      for (;;) {
        await settle();
        if (done.outcome) return done.outcome;
        const next = sleepers.sort((a, b) => a.at - b.at).shift();
        if (next === undefined) throw new Error('Nothing is left to wait for, and the work is not done.');
        now = Math.max(now, next.at);
        next.wake();
      }
    },
  };
}
