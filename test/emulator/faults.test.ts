import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { expectFixture, expectLikeFixture, forwarding, rulesPath, send } from './client.ts';

let emulator: Emulator;
let path: string;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 2, plan: 'pro', rateLimit: false });
});
beforeEach(async () => {
  await emulator.reset();
  path = rulesPath(emulator);
});
afterAll(() => emulator.close());

const post = (pattern = '*site-1.example/*') => send(emulator, `POST ${path}`, { body: forwarding(pattern) });
const count = () => emulator.rules('site-1.example').length;
const lastRequest = () => emulator.requests().at(-1);

describe('broken connections', () => {
  test('dropReply performs the write and says nothing', async () => {
    emulator.addFault({ kind: 'dropReply', method: 'POST' });
    await expect(post()).rejects.toThrow();
    expect(count()).toBe(1);
    expect(lastRequest()).toMatchObject({ fault: 'dropReply', status: 200, changed: true, answered: false });
  });

  test('reset performs nothing', async () => {
    emulator.addFault({ kind: 'reset' });
    await expect(post()).rejects.toThrow();
    expect(count()).toBe(0);
    expect(lastRequest()).toMatchObject({ fault: 'reset', changed: false, answered: false });
    expect(lastRequest()).not.toHaveProperty('status');
  });
});

describe('answers in the place of the real one', () => {
  test.each([
    [{ kind: 'rateLimited', retryAfter: 7 }, '7'],
    [{ kind: 'rateLimited', retryAfter: false }, null],
    [{ kind: 'rateLimited' }, '1'],
  ] as const)('%j', async (fault, retryAfter) => {
    emulator.addFault(fault);
    const reply = await post();
    expectFixture(reply, 'throttled');
    expect(reply.headers.get('retry-after')).toBe(retryAfter);
    expect(count()).toBe(0);
  });

  test.each([
    [{ kind: 'serverError' }, 500, 0],
    [{ kind: 'serverError', status: 503, when: 'after' }, 503, 1],
    [{ kind: 'successFalse' }, 200, 0],
    [{ kind: 'successFalse', when: 'after' }, 200, 1],
    [{ kind: 'unknownValidation', message: '.zone: The moon is full' }, 400, 0],
    [{ kind: 'maintenanceMode' }, 403, 0],
    [{ kind: 'maintenanceMode', status: 400 }, 400, 0],
    [{ kind: 'freshToken' }, 403, 0],
    [{ kind: 'refuse' }, 400, 0],
    [{ kind: 'refuse', status: 409, code: 1234, message: 'No', messages: ['.x: y'] }, 409, 0],
  ] as const)('%j answers %d and leaves %d rules', async (fault, status, rules) => {
    emulator.addFault(fault);
    const reply = await post();
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ success: false, result: null });
    expect(lastRequest()).toMatchObject({ fault: fault.kind, status, code: reply.body.errors[0].code });
    expect(count()).toBe(rules);
  });

  test('their codes are the known ones', async () => {
    const code = async (fault: Parameters<Emulator['addFault']>[0]) => {
      emulator.clearFaults();
      emulator.addFault(fault);
      return (await post()).body.errors[0].code;
    };
    expect(await code({ kind: 'unknownValidation' })).toBe(1004);
    expect(await code({ kind: 'maintenanceMode' })).toBe(10020);
    expect(await code({ kind: 'refuse' })).toBe(1004);
  });

  test('unknownValidation looks like any other refusal', async () => {
    emulator.addFault({ kind: 'unknownValidation' });
    expectLikeFixture(await post(), 'invalid-status');
  });

  test.each([
    [{ kind: 'html' }, 502, 0],
    [{ kind: 'html', status: 200, when: 'after' }, 200, 1],
    [{ kind: 'invalidJson' }, 200, 1],
    [{ kind: 'invalidJson', when: 'before' }, 200, 0],
  ] as const)('%j is nothing that can be read', async (fault, status, rules) => {
    emulator.addFault(fault);
    const response = await fetch(emulator.api + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.token}` },
      body: JSON.stringify(forwarding('*site-1.example/*')),
    });
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(() => JSON.parse(text)).toThrow();
    expect(count()).toBe(rules);
  });
});

describe('answers that are a little wrong', () => {
  test('nullErrors', async () => {
    emulator.addFault({ kind: 'nullErrors' });
    expect((await post()).body).toMatchObject({ success: true, errors: null, messages: null });
  });

  test('staleRead shows the state before the last write, of its zone', async () => {
    await post('a.site-1.example/*');
    await post('b.site-1.example/*');
    const fault = emulator.addFault({ kind: 'staleRead', path: /pagerules/ });
    const patterns = async () =>
      (await send(emulator, `GET ${path}`)).body.result.map(
        (rule: { targets: { constraint: { value: string } }[] }) => rule.targets[0]?.constraint.value,
      );
    expect(await patterns()).toEqual(['a.site-1.example/*']);
    await send(emulator, `POST ${rulesPath(emulator, 'site-2.example')}`, {
      body: forwarding('site-2.example/*'),
    });
    expect(await patterns()).toEqual(['a.site-1.example/*']);
    fault.remove();
    expect(await patterns()).toEqual(['b.site-1.example/*', 'a.site-1.example/*']);
  });

  test('a stale read does not make writes stale', async () => {
    await post('a.site-1.example/*');
    emulator.addFault({ kind: 'staleRead' });
    await post('b.site-1.example/*');
    expect(count()).toBe(2);
  });

  test('slow keeps the reply back, and the write is done although the client gave up', async () => {
    emulator.addFault({ kind: 'slow', ms: 60_000 });
    const abort = new AbortController();
    const pending = send(emulator, `POST ${path}`, {
      body: forwarding('*site-1.example/*'),
      signal: abort.signal,
    });
    await expect.poll(count).toBe(1);
    abort.abort();
    await expect(pending).rejects.toThrow();
    expect(lastRequest()).toMatchObject({ fault: 'slow', changed: true, answered: false });
  });

  test('slow before the write, and another fault with it', async () => {
    emulator.addFault({ kind: 'slow', ms: 1, when: 'before' });
    emulator.addFault({ kind: 'serverError' });
    expect((await post()).status).toBe(500);
    expect(count()).toBe(0);
  });
});

describe('which requests', () => {
  const read = async () => (await send(emulator, 'GET /zones')).status;
  const statuses = async (times: number) => {
    const seen: number[] = [];
    for (let turn = 0; turn < times; turn += 1) seen.push(await read());
    return seen;
  };

  test('every one, until it is cleared', async () => {
    emulator.addFault({ kind: 'serverError' });
    expect(await statuses(3)).toEqual([500, 500, 500]);
    emulator.clearFaults();
    expect(await read()).toBe(200);
  });

  test.each([
    [{ nth: 2 }, [200, 500, 200, 200]],
    [{ nth: 2, times: 2 }, [200, 500, 500, 200]],
    [{ times: 1 }, [500, 200, 200, 200]],
    [{ method: 'POST' }, [200, 200, 200, 200]],
    [{ method: 'get' }, [500, 500, 500, 500]],
    [{ writesOnly: true }, [200, 200, 200, 200]],
    [{ path: '^/zones$' }, [500, 500, 500, 500]],
    [{ path: /pagerules/ }, [200, 200, 200, 200]],
  ])('%j', async (match, expected) => {
    const fault = emulator.addFault({ kind: 'serverError', ...match });
    expect(await statuses(4)).toEqual(expected);
    expect(fault.fired).toBe(expected.filter((status) => status === 500).length);
  });

  test('a probability strikes the same requests for the same seed', async () => {
    const run = async (seed: number) => {
      emulator.clearFaults();
      emulator.addFault({ kind: 'serverError', probability: 0.5, seed });
      return statuses(20);
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500]));
  });

  test('the oldest fault wins', async () => {
    emulator.addFault({ kind: 'serverError', status: 503, times: 1 });
    emulator.addFault({ kind: 'serverError', status: 500 });
    expect(await statuses(2)).toEqual([503, 500]);
  });
});
