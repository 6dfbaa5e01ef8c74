import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/cloudflare/pacer.ts';
import type { Purpose } from '../../src/cloudflare/types.ts';
import { fc } from '../support/property.ts';
import { virtualTime } from './virtual-time.ts';

interface Sent {
  latencyMs?: number;
  /** Which part of the latency passes before the request is at the server, from 0 to 1. */
  held?: number;
  signal?: AbortSignal;
}

/** A pacer on virtual time, and a Cloudflare that counts in fixed windows and tells what is left. */
function scene(server: { limit?: number; windowMs?: number; headers?: boolean } = {}) {
  const { limit = 1200, windowMs = 300_000, headers = true } = server;
  const time = virtualTime();
  const pacer = new Pacer({ clock: time.clock, wait: time.wait });
  const sent: { at: number; purpose: Purpose }[] = [];
  const arrivals: number[] = [];
  let window = { endsAt: 0, used: 0 };
  let [inFlight, mostInFlight] = [0, 0];
  const reply = (): Headers => {
    if (time.now() >= window.endsAt) window = { endsAt: time.now() + windowMs, used: 0 };
    window.used++;
    const seconds = Math.ceil((window.endsAt - time.now()) / 1000);
    return new Headers(
      headers
        ? {
            ratelimit: `"default";r=${Math.max(0, limit - window.used)};t=${seconds}`,
            'ratelimit-policy': `"default";q=${limit};w=${windowMs / 1000}`,
          }
        : {},
    );
  };
  return {
    time,
    pacer,
    sent,
    arrivals,
    used: () => window.used,
    /** What others do with the same budget. */
    useElsewhere: (count: number) => {
      reply();
      window.used += count - 1;
    },
    mostInFlight: () => mostInFlight,
    request: (purpose: Purpose, { latencyMs = 100, held = 0, signal }: Sent = {}) =>
      pacer.run(
        async () => {
          sent.push({ at: time.now(), purpose });
          inFlight++;
          mostInFlight = Math.max(mostInFlight, inFlight);
          await time.wait(Math.floor(latencyMs * held));
          arrivals.push(time.now());
          const replyHeaders = reply();
          await time.wait(latencyMs - Math.floor(latencyMs * held));
          inFlight--;
          pacer.observe({ status: 200, headers: replyHeaders });
        },
        { purpose, signal },
      ),
  };
}

const request = fc.record({
  purpose: fc.constantFrom<Purpose>('close', 'reopen'),
  latencyMs: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 60 }), weight: 19 },
    { arbitrary: fc.integer({ min: 1, max: 2000 }), weight: 1 },
  ),
  held: fc.double({ min: 0, max: 1, noNaN: true }),
  startsAfter: fc.integer({ min: 0, max: 1000 }),
});

test('never more than 180 requests start or arrive in any second, nor more than 32 are in flight', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 190, maxLength: 400, size: 'max' }),
      fc.boolean(),
      async (plan, headers) => {
        const s = scene({ headers });
        const work = plan.map(async ({ purpose, latencyMs, held, startsAfter }) => {
          await s.time.wait(startsAfter);
          await s.request(purpose, { latencyMs, held });
        });
        await s.time.run(Promise.allSettled(work));

        for (const times of [s.sent.map(({ at }) => at), s.arrivals]) {
          const gaps = times.map((at, index) => at - (times[index - 180] ?? -Infinity));
          expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
        }
        expect(s.mostInFlight()).toBeLessThanOrEqual(32);
        expect(s.sent).toHaveLength(plan.length);
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
});

test('closing never touches the reserve and nothing goes past the budget, with headers or without', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: 400 }),
      fc.boolean(),
      async (close, reopen, headers) => {
        const limit = 1200;
        const s = scene({ limit, headers });
        if (headers) s.useElsewhere(900);
        else
          await s.time.run(
            Promise.all(Array.from({ length: 900 }, () => s.request('close', { latencyMs: 1 }))),
          );
        const before = s.sent.length;
        const all = [
          ...Array.from({ length: close }, () => s.request('close')),
          ...Array.from({ length: reopen }, () => s.request('reopen')),
        ];
        await s.time.run(Promise.allSettled(all));

        const sent = s.sent.slice(before);
        const closed = sent.filter(({ purpose }) => purpose === 'close').length;
        expect(900 + sent.length).toBeLessThanOrEqual(limit);
        expect(900 + closed).toBeLessThanOrEqual(limit - 100);
        if (headers) expect(s.used()).toBeLessThanOrEqual(limit);
      },
    ),
    { numRuns: 25 },
  );
});

describe('when the budget is used up', () => {
  test('closing fails at once with the time, reopening goes on', async () => {
    const s = scene();
    s.useElsewhere(1120);
    await s.time.run(s.request('reopen'));

    const closing = await s.time.run(s.request('close'));
    const reopening = await s.time.run(s.request('reopen'));

    expect(closing).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'api_rate_limited',
        details: { reason: 'budget', retryAt: '2026-05-01T00:05:00.100Z' },
      },
    });
    expect(reopening.status).toBe('fulfilled');
  });

  test('the last hundred calls are for reopening, then that fails too', async () => {
    const s = scene();
    s.useElsewhere(1099);
    await s.time.run(s.request('reopen'));

    const outcomes = await s.time.run(
      Promise.allSettled(Array.from({ length: 150 }, () => s.request('reopen'))),
    );

    const states = outcomes.status === 'fulfilled' ? outcomes.value.map(({ status }) => status) : [];
    expect(states.filter((status) => status === 'fulfilled')).toHaveLength(100);
    expect(s.used()).toBe(1200);
  });

  test('a reset that is at most 30 s away is waited for', async () => {
    const s = scene({ windowMs: 20_000 });
    s.useElsewhere(1199);
    await s.time.run(s.request('reopen'));
    const start = s.time.now();

    expect((await s.time.run(s.request('close'))).status).toBe('fulfilled');
    expect(s.time.now() - start).toBeGreaterThanOrEqual(19_000);
  });

  test('after the reset the whole budget is there again', async () => {
    const s = scene();
    s.useElsewhere(1199);
    await s.time.run(s.request('reopen'));
    expect((await s.time.run(s.request('close'))).status).toBe('rejected');
    s.time.jump(301_000);

    expect(
      (await s.time.run(Promise.all(Array.from({ length: 500 }, () => s.request('close'))))).status,
    ).toBe('fulfilled');
  });

  test('what was sent in the window before does not count in the new one', async () => {
    const s = scene();
    s.useElsewhere(1);
    s.time.jump(280_000);
    await s.time.run(Promise.all(Array.from({ length: 1150 }, () => s.request('reopen'))));
    s.time.jump(20_000);

    const again = await s.time.run(Promise.all(Array.from({ length: 1000 }, () => s.request('close'))));

    expect(again.status).toBe('fulfilled');
  });

  test('a 429 with retry-after holds back everything until then', async () => {
    const s = scene();
    s.pacer.observe({ status: 429, headers: new Headers({ 'retry-after': '300' }) });

    expect(await s.time.run(s.request('reopen'))).toMatchObject({
      status: 'rejected',
      reason: { code: 'api_rate_limited', details: { retryAt: '2026-05-01T00:05:00.000Z' } },
    });
    expect(s.sent).toEqual([]);
  });

  test('a small budget keeps a small reserve: closing is still possible', async () => {
    const s = scene({ limit: 60 });
    await s.time.run(s.request('close'));

    const outcome = await s.time.run(
      Promise.allSettled(Array.from({ length: 80 }, () => s.request('close', { latencyMs: 1 }))),
    );

    expect(
      outcome.status === 'fulfilled' && outcome.value.filter(({ status }) => status === 'fulfilled'),
    ).toHaveLength(54);
  });
});

test('while requests are in flight nothing is refused: their replies may leave room', async () => {
  const s = scene();
  s.pacer.observe({ status: 200, headers: new Headers({ ratelimit: '"default";r=101;t=200' }) });
  const reply = Promise.withResolvers<void>();
  const first = s.pacer.run(() => reply.promise);
  const second = s.pacer.run(async () => 'sent');
  reply.resolve();

  expect(await s.time.run(Promise.all([first, second]))).toMatchObject({ value: [undefined, 'sent'] });
});

test('replies that overtake each other do not enlarge the budget', async () => {
  const s = scene();
  const left = (r: number) => new Headers({ ratelimit: `"default";r=${r};t=200` });
  s.pacer.observe({ status: 200, headers: left(101) });
  s.pacer.observe({ status: 200, headers: left(140) });

  expect(s.pacer.budget.remaining).toBe(101);
});

test.each([
  ['nothing', {}],
  ['rubbish', { ratelimit: 'r=;;t,"x";r=-1;t=soon' }],
  ['no time', { ratelimit: '"default";r=0' }],
])('headers that say %s leave the own count in charge', async (_, headers) => {
  const s = scene({ headers: false });
  s.pacer.observe({ status: 200, headers: new Headers(headers) });

  expect((await s.time.run(s.request('close'))).status).toBe('fulfilled');
  expect(s.pacer.budget).toEqual({ remaining: 1199, resetsAt: undefined });
});

test('of several budgets the tightest counts', () => {
  const s = scene();
  s.pacer.observe({
    status: 200,
    headers: new Headers({ ratelimit: '"burst";r=3;t=10, "default";r=1000;t=200' }),
  });

  expect(s.pacer.budget).toEqual({ remaining: 3, resetsAt: new Date('2026-05-01T00:00:10Z') });
});

test('nothing is known before the first request', () => {
  expect(scene().pacer.budget).toEqual({ remaining: undefined, resetsAt: undefined });
});

test('requests that reopen go before all that wait to close', async () => {
  const s = scene();
  const work = [
    ...Array.from({ length: 200 }, () => s.request('close')),
    ...Array.from({ length: 20 }, () => s.request('reopen')),
  ];
  await s.time.run(Promise.all(work));

  const order = s.sent.map(({ purpose }) => purpose);
  expect(order.slice(32, 52).every((purpose) => purpose === 'reopen')).toBe(true);
});

test('an abort takes a waiting request out of the queue and lets the others go on', async () => {
  const s = scene();
  const controller = new AbortController();
  const busy = Array.from({ length: 32 }, () => s.request('close'));
  const aborted = s.request('close', { signal: controller.signal });
  const later = s.request('close');
  controller.abort();

  expect(await s.time.run(aborted.catch((error: unknown) => error))).toMatchObject({
    value: { code: 'interrupted' },
  });
  expect((await s.time.run(Promise.all([...busy, later]))).status).toBe('fulfilled');
  expect(s.sent).toHaveLength(33);
});

test('a task that fails gives its place free', async () => {
  const s = scene();
  const failing = Array.from({ length: 40 }, () =>
    s.pacer.run(() => Promise.reject(new Error('no'))).catch(() => 'failed'),
  );

  expect(await s.time.run(Promise.all(failing))).toMatchObject({ status: 'fulfilled' });
});

test.each([
  { name: 'stands still', drift: 0 },
  { name: 'is set back by an hour', drift: -3_600_000 },
])('a clock that $name does not stop the pacer', async ({ drift }) => {
  const time = virtualTime();
  let shift = 0;
  const frozen = time.now();
  const pacer = new Pacer({ clock: { now: () => new Date(frozen + shift) }, wait: time.wait });
  const many = (count: number) => Promise.all(Array.from({ length: count }, () => pacer.run(async () => {})));
  await time.run(many(180));
  shift = drift;

  expect((await time.run(many(200))).status).toBe('fulfilled');
  expect(time.now() - frozen).toBeLessThanOrEqual(2000);
});

test('1,000 requests at 100 ms take less than 7 s', async () => {
  const s = scene();
  const start = s.time.now();

  expect((await s.time.run(Promise.all(Array.from({ length: 1000 }, () => s.request('close'))))).status).toBe(
    'fulfilled',
  );
  expect(s.time.now() - start).toBeLessThan(7000);
});

describe('work on many sites', () => {
  test('learns how much room there is, what is kept for reopening left out', async () => {
    const s = scene();
    expect(s.pacer.room('close')).toMatchObject({
      isKnown: false,
      calls: 1100,
      perWindow: 1100,
      perSecond: 180,
    });
    s.pacer.observe({ status: 200, headers: new Headers({ ratelimit: '"default";r=150;t=20' }) });
    expect(s.pacer.room('close')).toMatchObject({ isKnown: true, calls: 50 });
    expect(s.pacer.room('close').fullAt).toEqual(new Date(s.time.now() + 20_000));
  });

  test('waits for room as long as it takes, and says until when', async () => {
    const s = scene();
    s.pacer.observe({ status: 200, headers: new Headers({ ratelimit: '"default";r=150;t=200' }) });
    const until: Date[] = [];
    await s.time.run(s.pacer.awaitRoom(50, { onWait: (date) => until.push(date) }));
    expect(until).toEqual([]);
    const begunAt = s.time.now();
    await s.time.run(s.pacer.awaitRoom(51, { onWait: (date) => until.push(date) }));
    expect(until).toEqual([new Date(begunAt + 200_000)]);
    expect(s.time.now()).toBe(begunAt + 200_000);
  });

  test('waits for as many calls as it needs where nothing but the own count tells', async () => {
    const s = scene({ headers: false });
    const begunAt = s.time.now();
    await s.time.run(Promise.all(Array.from({ length: 1100 }, () => s.request('close'))));
    await s.time.run(s.pacer.awaitRoom(300, {}));
    expect(s.pacer.room('close').calls).toBeGreaterThanOrEqual(300);
    expect(s.time.now()).toBeGreaterThan(begunAt + 300_000);
    expect(s.time.now()).toBeLessThan(begunAt + 303_000);
  });

  test('stops waiting when its signal aborts', async () => {
    const s = scene();
    s.pacer.observe({ status: 200, headers: new Headers({ ratelimit: '"default";r=0;t=200' }) });
    const cancel = new AbortController();
    const waiting = s.pacer.awaitRoom(1, { signal: cancel.signal });
    cancel.abort(new Error('enough'));
    expect(await s.time.run(waiting)).toMatchObject({ status: 'rejected' });
  });
});
