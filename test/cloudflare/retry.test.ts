import { expect, test } from 'vitest';
import { retryOnFailure } from '../../src/cloudflare/retry.ts';
import { IntermissionError } from '../../src/errors.ts';
import { fc } from '../support/property.ts';

const unavailable = () => new IntermissionError('api_unavailable', 'HTTP 503');

/** Fails with each of `failures` in turn, then succeeds; the waits are written down instead of slept. */
function scenario(...failures: Error[]) {
  const waits: number[] = [];
  let attempts = 0;
  const operation = async () => {
    const failure = failures[attempts];
    attempts++;
    if (failure) throw failure;
    return 'done';
  };
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  return { operation, waits, options: { wait, random: () => 1 }, attempts: () => attempts };
}

test('waits 1, 2 and 4 seconds at most and succeeds at the fourth attempt', async () => {
  const { operation, waits, options } = scenario(unavailable(), unavailable(), unavailable());

  expect(await retryOnFailure(operation, options)).toBe('done');
  expect(waits).toEqual([1000, 2000, 4000]);
});

test('gives up after the last retry with the failure itself', async () => {
  const failure = unavailable();
  const { operation, attempts, options } = scenario(unavailable(), failure);

  await expect(retryOnFailure(operation, { ...options, maxRetries: 1 })).rejects.toBe(failure);
  expect(attempts()).toBe(2);
});

test('no wait exceeds 30 seconds and jitter covers the whole range', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 0, max: 12 }),
      async (random, count) => {
        const { operation, waits, options } = scenario(...Array.from({ length: count }, unavailable));
        await retryOnFailure(operation, { ...options, maxRetries: 12, random: () => random });
        waits.forEach((wait, index) => {
          expect(wait).toBeCloseTo(random * Math.min(30_000, 1000 * 2 ** index), 5);
        });
      },
    ),
  );
});

test.each([
  new IntermissionError('api_permission_denied', 'HTTP 403'),
  new IntermissionError('rule_conflict', 'taken'),
  new Error('a bug'),
  new TypeError('a bug'),
])('a failure that stays is not repeated: %s', async (failure) => {
  const { operation, attempts, options } = scenario(failure);

  await expect(retryOnFailure(operation, options)).rejects.toBe(failure);
  expect(attempts()).toBe(1);
});

test('connection errors of fetch itself are repeated', async () => {
  const failure = new TypeError('fetch failed', {
    cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
  });
  const { operation, options } = scenario(failure);

  expect(await retryOnFailure(operation, options)).toBe('done');
});

test('waits as long as Cloudflare asks, up to 30 seconds', async () => {
  const clock = { now: () => new Date('2026-05-01T00:00:00Z') };
  const limited = new IntermissionError('api_rate_limited', '429', {
    details: { retryAt: '2026-05-01T00:00:30.000Z' },
  });
  const { operation, waits, options } = scenario(limited);

  expect(await retryOnFailure(operation, { ...options, clock })).toBe('done');
  expect(waits).toEqual([30_000]);
});

test('fails at once when Cloudflare asks for more than 30 seconds', async () => {
  const clock = { now: () => new Date('2026-05-01T00:00:00Z') };
  const limited = new IntermissionError('api_rate_limited', '429', {
    details: { retryAt: '2026-05-01T00:00:30.001Z' },
  });
  const { operation, waits, options } = scenario(limited);

  await expect(retryOnFailure(operation, { ...options, clock })).rejects.toBe(limited);
  expect(waits).toEqual([]);
});

test('an abort during the wait ends it as interrupted and keeps what was uncertain', async () => {
  const controller = new AbortController();
  const failure = new IntermissionError('api_unavailable', 'HTTP 502', { details: { uncertain: true } });
  const { operation, attempts } = scenario(failure);
  const wait = async () => {
    controller.abort();
    throw controller.signal.reason;
  };

  await expect(retryOnFailure(operation, { wait, signal: controller.signal })).rejects.toMatchObject({
    code: 'interrupted',
    details: { uncertain: true },
  });
  expect(attempts()).toBe(1);
});

test('an abort before the start runs nothing', async () => {
  const { operation, attempts, options } = scenario();

  await expect(retryOnFailure(operation, { ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'interrupted',
  });
  expect(attempts()).toBe(0);
});

test('a result that arrives together with an abort is not thrown away', async () => {
  const controller = new AbortController();
  const operation = async () => {
    controller.abort();
    return 'done';
  };

  expect(await retryOnFailure(operation, { signal: controller.signal })).toBe('done');
});

test('waits on the real clock when nothing else is given', async () => {
  const { operation } = scenario(unavailable());

  expect(await retryOnFailure(operation, { baseDelay: 0.001 })).toBe('done');
});
