import { expect, test } from 'vitest';
import { watch } from '../../../src/services/scheduled-maintenance/watch.ts';
import { fakeClock } from '../../support/fake-clock.ts';

const SECOND = 1_000;

/** A watch whose time passes only by waiting: what it does and when, until a moment. */
async function watched(
  seconds: number,
  due: Record<string, number>,
  options: { work?: (id: number, at: number) => Promise<void>; fail?: boolean } = {},
): Promise<string[]> {
  const clock = fakeClock('2026-06-01T12:00:00.000Z');
  const start = clock.now().getTime();
  const elapsed = () => (clock.now().getTime() - start) / SECOND;
  const stop = new AbortController();
  const did: string[] = [];
  const open = new Set(Object.keys(due).map(Number));
  await watch<string>(
    {
      now: clock.now,
      wait: async (ms) => {
        await new Promise((resolve) => setImmediate(resolve));
        clock.advance(Math.min(ms, seconds * SECOND - (clock.now().getTime() - start)));
        if (elapsed() >= seconds) stop.abort();
      },
      nextDue: async (since) => {
        const times = [...open]
          .map((id) => start + (due[id] ?? 0) * SECOND)
          .filter((at) => at > since.getTime());
        return times.length === 0 ? undefined : new Date(Math.min(...times));
      },
      dueWindows: async () => [...open].filter((id) => (due[id] ?? 0) <= elapsed()),
      sweep: async () => {
        if (options.fail === true) throw new Error('The database is away.');
        return `sweep ${elapsed()}`;
      },
      deliver: async () => 'deliver',
      processWindow: async (id) => {
        const began = elapsed();
        await options.work?.(id, began);
        open.delete(id);
        return `window ${id} at ${began}`;
      },
      afterwards: async (event) => (event.startsWith('window') ? `proof of ${event}` : undefined),
    },
    {
      signal: stop.signal,
      report: (event) => did.push(event),
      onError: (error) => {
        did.push(`error ${(error as Error).message} ${elapsed()}`);
        return undefined;
      },
    },
  );
  return did;
}

const windowsIn = (did: string[]) => did.filter((event) => event.startsWith('window'));

test('acts at the very moment at which something is due', async () => {
  expect(windowsIn(await watched(60, { 1: 3.25, 2: 41.125 }))).toEqual([
    'window 1 at 3.25',
    'window 2 at 41.125',
  ]);
});

test('looks at everything every half minute, due or not', async () => {
  const did = await watched(100, {});
  expect(did.filter((event) => event.startsWith('sweep'))).toEqual([
    'sweep 0',
    'sweep 30',
    'sweep 60',
    'sweep 90',
  ]);
});

test('begins one window while another one takes long', async () => {
  let finish: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const did = await watched(
    60,
    { 1: 1, 2: 2 },
    { work: (id) => (id === 1 ? slow : Promise.resolve(finish())) },
  );
  // The first one ends only because the second one has begun.
  expect(windowsIn(did).slice(0, 2).toSorted()).toEqual(['window 1 at 1', 'window 2 at 2']);
});

test('finishes what it has in hand when it is told to stop', async () => {
  const did = await watched(5, { 1: 4 }, { work: () => new Promise((resolve) => setTimeout(resolve, 50)) });
  expect(did.slice(-2)).toEqual(['window 1 at 4', 'proof of window 1 at 4']);
});

test('goes on after an error, and tells of it', async () => {
  const did = await watched(61, { 1: 45 }, { fail: true });
  expect(did.filter((event) => event.startsWith('error'))).toHaveLength(3);
  expect(windowsIn(did)).toEqual(['window 1 at 45']);
});
