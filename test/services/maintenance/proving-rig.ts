import { openWorkplace, type WorkplaceOptions } from '../../support/workplace.ts';

/** Renewals of a lock then wait for longer than a proof ever does. */
const LOCK_SECONDS = 40;

/** A workplace with one time for the proof and the edge; it goes on only while the proof waits. */
export async function openProving(databaseUrl: string, { engine, emulator, app }: WorkplaceOptions) {
  let time = Date.parse('2026-06-01T12:00:00.000Z');
  const began = time;
  const wait = async (ms: number, signal?: AbortSignal) => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    if (ms < (LOCK_SECONDS * 1000) / 4) time += ms;
  };
  const place = await openWorkplace(databaseUrl, {
    ...(engine !== undefined && { engine }),
    emulator: { now: () => time, ...emulator },
    app: { wait, monotonic: () => time, lockSeconds: LOCK_SECONDS, ...app },
  });
  const service = place.app.maintenance(await place.site('site-1.example'));
  return {
    ...place,
    place,
    service,
    elapsed: () => time - began,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}
