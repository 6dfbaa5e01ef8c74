import { expect, test } from 'vitest';
import type { CloudflareGateway } from '../../src/cloudflare/gateway.ts';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { isIntermissionError } from '../../src/errors.ts';
import { fields, gateway } from './scripted-server.ts';

const PATTERN = '*site-1.example/*';

interface Scene extends AsyncDisposable {
  emulator: Emulator;
  client: CloudflareGateway;
  zoneId: string;
  create(): Promise<{ id: string }>;
  findExisting(): Promise<Awaited<ReturnType<CloudflareGateway['listPageRules']>>[number] | undefined>;
  /** Methods of the requests, in order. */
  methods(): string[];
}

async function scene(options: { maxRetries?: number; timeoutMs?: number } = {}): Promise<Scene> {
  const emulator = await startEmulator({ zones: 1 });
  const client = gateway(emulator.api, { token: emulator.token, ...options });
  const zoneId = emulator.zone('site-1.example').id;
  const findExisting = async () =>
    (await client.listPageRules(zoneId)).find(({ targets }) => targets[0]?.constraint.value === PATTERN);
  return {
    emulator,
    client,
    zoneId,
    findExisting,
    create: () => client.createPageRule(zoneId, fields(PATTERN), { findExisting }),
    methods: () => emulator.requests().map(({ method }) => method),
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}

test.each(['dropReply', 'invalidJson'] as const)(
  'a create whose reply is spoilt by %s is found, not repeated',
  async (kind) => {
    await using s = await scene();
    s.emulator.addFault({ kind, method: 'POST', times: 1 });

    const created = await s.create();

    expect(s.methods()).toEqual(['POST', 'GET']);
    expect(s.emulator.rules('site-1.example').map(({ id }) => id)).toEqual([created.id]);
  },
);

test.each([
  { kind: 'serverError', when: 'after' },
  { kind: 'html', when: 'after' },
  { kind: 'successFalse', when: 'after' },
] as const)('a create that is done but answered with $kind is found, not repeated', async (fault) => {
  await using s = await scene();
  s.emulator.addFault({ ...fault, method: 'POST', times: 1 });

  const created = await s.create();

  expect(s.methods()).toEqual(['POST', 'GET']);
  expect(s.emulator.rules('site-1.example').map(({ id }) => id)).toEqual([created.id]);
});

test.each([{ kind: 'reset' }, { kind: 'serverError', when: 'before' }] as const)(
  'a create that never happened because of $kind is sent again after a look',
  async (fault) => {
    await using s = await scene();
    s.emulator.addFault({ ...fault, method: 'POST', times: 1 });

    const created = await s.create();

    expect(s.methods()).toEqual(['POST', 'GET', 'POST']);
    expect(s.emulator.rules('site-1.example').map(({ id }) => id)).toEqual([created.id]);
  },
);

test('a create without reply in time is found once it has landed', async () => {
  await using s = await scene({ timeoutMs: 150 });
  s.emulator.addFault({ kind: 'slow', ms: 400, when: 'after', method: 'POST', times: 1 });

  const created = await s.create();

  expect(s.emulator.rules('site-1.example').map(({ id }) => id)).toEqual([created.id]);
});

test('a stale read after a lost reply ends in the rule that was made, not in a conflict', async () => {
  await using s = await scene();
  s.emulator.addFault({ kind: 'dropReply', method: 'POST', times: 1 });
  s.emulator.addFault({ kind: 'staleRead', method: 'GET', times: 1 });

  const created = await s.create();

  expect(s.methods()).toEqual(['POST', 'GET', 'POST', 'GET']);
  expect(s.emulator.rules('site-1.example').map(({ id }) => id)).toEqual([created.id]);
});

test('a quota that the lost create itself has filled is no failure', async () => {
  await using s = await scene();
  s.emulator.setZone('site-1.example', { pageRuleQuota: 1 });
  s.emulator.addFault({ kind: 'dropReply', method: 'POST', times: 1 });
  s.emulator.addFault({ kind: 'staleRead', method: 'GET', times: 1 });
  s.emulator.addFault({
    kind: 'refuse',
    method: 'POST',
    nth: 2,
    code: 1008,
    message: 'Page Rule limit has been met',
  });

  const created = await s.create();

  expect(s.emulator.rules('site-1.example').map(({ id }) => id)).toEqual([created.id]);
});

test('without a way to look, an uncertain create is not repeated and says so', async () => {
  await using s = await scene();
  s.emulator.addFault({ kind: 'dropReply', method: 'POST', times: 1 });

  await expect(s.client.createPageRule(s.zoneId, fields(PATTERN))).rejects.toMatchObject({
    code: 'api_unavailable',
    details: { uncertain: true },
  });
  expect(s.methods()).toEqual(['POST']);
});

test('with no retries left it still looks whether the create has happened', async () => {
  await using s = await scene({ maxRetries: 0 });
  s.emulator.addFault({ kind: 'dropReply', method: 'POST' });

  const created = await s.create();

  expect(s.emulator.rules('site-1.example').map(({ id }) => id)).toEqual([created.id]);
});

test('when it cannot be looked either, the failure is uncertain and nothing is sent again', async () => {
  await using s = await scene({ maxRetries: 2 });
  s.emulator.addFault({ kind: 'dropReply' });

  await expect(s.create()).rejects.toMatchObject({ code: 'api_unavailable', details: { uncertain: true } });
  expect(s.methods()).toEqual(['POST', 'GET', 'GET', 'GET']);
});

test('a create refused for the pattern at the first attempt is a conflict, without a look', async () => {
  await using s = await scene();
  s.emulator.addRule('site-1.example', { pattern: PATTERN, forwardTo: 'https://other.example.net/' });

  await expect(s.create()).rejects.toMatchObject({
    code: 'rule_conflict',
    details: { reason: 'pattern_taken' },
  });
  expect(s.methods()).toEqual(['POST']);
});

test('a create answered 429 is repeated without a look: nothing has happened', async () => {
  await using s = await scene();
  s.emulator.addFault({ kind: 'rateLimited', method: 'POST', times: 1 });

  await s.create();

  expect(s.methods()).toEqual(['POST', 'POST']);
});

test('a delete whose reply was lost is done', async () => {
  await using s = await scene();
  const { id } = await s.create();
  s.emulator.addFault({ kind: 'dropReply', method: 'DELETE', times: 1 });

  await s.client.deletePageRule(s.zoneId, id);

  expect(s.methods()).toEqual(['POST', 'DELETE', 'DELETE']);
  expect(s.emulator.rules('site-1.example')).toEqual([]);
});

test.each([404, 400] as const)(
  'a rule that is gone from the start is not_found (HTTP %d)',
  async (unknownRule) => {
    await using s = await scene();
    s.emulator.setSwitches({ unknownRule });

    await expect(s.client.deletePageRule(s.zoneId, 'f'.repeat(32))).rejects.toMatchObject({
      code: 'not_found',
      details: { what: 'rule' },
    });
  },
);

test('a replace whose reply was lost is sent again and ends as wanted', async () => {
  await using s = await scene();
  const { id } = await s.create();
  s.emulator.addFault({ kind: 'dropReply', method: 'PUT', times: 1 });
  const wanted = { ...fields(PATTERN), status: 'disabled' as const };

  const replaced = await s.client.replacePageRule(s.zoneId, id, wanted);

  expect(s.methods()).toEqual(['POST', 'PUT', 'PUT']);
  expect(replaced).toMatchObject({ id, status: 'disabled' });
});

test('a replace whose reply cannot be understood is sent again', async () => {
  await using s = await scene();
  const { id } = await s.create();
  s.emulator.addFault({ kind: 'invalidJson', method: 'PUT', times: 1 });

  await s.client.replacePageRule(s.zoneId, id, fields(PATTERN));

  expect(s.methods()).toEqual(['POST', 'PUT', 'PUT']);
});

test('a replace that may have happened stays uncertain whatever ends it', async () => {
  await using s = await scene();
  const { id } = await s.create();
  s.emulator.addFault({ kind: 'dropReply', method: 'PUT', times: 1 });
  s.emulator.addFault({
    kind: 'refuse',
    method: 'PUT',
    nth: 2,
    status: 403,
    code: 10000,
    message: 'Forbidden',
  });

  await expect(s.client.replacePageRule(s.zoneId, id, fields(PATTERN))).rejects.toMatchObject({
    code: 'api_permission_denied',
    details: { uncertain: true },
  });
});

test('every attempt of a write is fenced, and reads are not', async () => {
  await using s = await scene();
  const seen: number[] = [];
  const beforeWrite = async () => {
    seen.push(s.emulator.requests().length);
  };
  s.emulator.addFault({ kind: 'rateLimited', method: 'POST', times: 2 });

  await s.client.createPageRule(s.zoneId, fields(PATTERN), { beforeWrite });
  await s.client.listPageRules(s.zoneId, { beforeWrite });

  expect(seen).toEqual([0, 1, 2]);
});

test('a lost lease stops a write before it is sent', async () => {
  await using s = await scene();
  const lost = new Error('the lease is lost');

  const outcome = s.client.createPageRule(s.zoneId, fields(PATTERN), {
    beforeWrite: () => Promise.reject(lost),
  });

  await expect(outcome).rejects.toBe(lost);
  expect(s.methods()).toEqual([]);
});

test('an abort while a write is on its way ends it at once and says that it may have happened', async () => {
  await using s = await scene({ timeoutMs: 600_000 });
  const controller = new AbortController();
  const hold = s.emulator.hold({ when: 'after', method: 'POST' });
  const outcome = s.client
    .createPageRule(s.zoneId, fields(PATTERN), { findExisting: s.findExisting, signal: controller.signal })
    .catch((error: unknown) => error);
  await hold.reached;
  controller.abort();

  const error = await outcome;

  expect(isIntermissionError(error) && { code: error.code, ...error.details }).toMatchObject({
    code: 'interrupted',
    uncertain: true,
  });
  await hold.release();
});

test('an abort during the last check before a write sends nothing', async () => {
  await using s = await scene();
  const controller = new AbortController();
  const beforeWrite = async () => controller.abort();

  const error = await s.client
    .createPageRule(s.zoneId, fields(PATTERN), { signal: controller.signal, beforeWrite })
    .catch((caught: unknown) => caught);

  expect(error).toMatchObject({ code: 'interrupted' });
  expect(isIntermissionError(error) && error.details).not.toHaveProperty('uncertain');
  expect(s.client.calls).toBe(0);
});

test('an abort before anything was sent leaves nothing uncertain', async () => {
  await using s = await scene();

  const error = await s.client
    .createPageRule(s.zoneId, fields(PATTERN), { signal: AbortSignal.abort() })
    .catch((caught: unknown) => caught);

  expect(error).toMatchObject({ code: 'interrupted', details: {} });
  expect(s.methods()).toEqual([]);
});
