import { expect, test } from 'vitest';
import { type ErrorCode, IntermissionError } from '../../../src/errors.ts';
import { checkToken, type TokenProbe } from '../../../src/services/registry/token-check.ts';
import { failureOf } from '../../support/workplace.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const ZONE = {
  id: '1'.repeat(32),
  name: 'example.com',
  status: 'active',
  paused: false,
  plan: 'free',
  accountId: 'a'.repeat(32),
  pageRuleQuota: 3,
};

/** A probe whose answers are these; what Cloudflare refuses in ways that the emulator has no switch for. */
function probeOf(answers: Partial<TokenProbe>): TokenProbe {
  return {
    verifyToken: async () => ({ status: 'active', kind: 'user' }),
    async *listZones() {
      yield [ZONE];
    },
    listPageRules: async () => [],
    redirectRules: { read: async () => undefined },
    ...answers,
  };
}

function refuse(code: ErrorCode, details = {}): () => Promise<never> {
  return () => Promise.reject(new IntermissionError(code, 'Refused.', { details }));
}

test('a token that page rules refuse belongs to an account, whatever else was said of it', async () => {
  const listPageRules = refuse('api_token_unsupported');
  for (const kind of ['user', 'unknown'] as const) {
    const verifyToken = async () => ({ status: 'active', kind });
    expect(await checkToken(probeOf({ verifyToken, listPageRules }), NOW)).toMatchObject({
      kind: 'account',
      canReadPageRules: 'no',
      problems: [{ code: 'account_token' }],
    });
  }
});

test('a token that may list zones but not read page rules is told which permission is missing', async () => {
  const report = await checkToken(probeOf({ listPageRules: refuse('api_permission_denied') }), NOW);
  expect(report).toMatchObject({
    canReadPageRules: 'no',
    problems: [{ code: 'permission_missing', message: expect.stringContaining('Page Rules Write') }],
  });
});

test('redirect rules that cannot be read are no problem, but for the token of an account, which has nothing else', async () => {
  const redirectRules = { read: refuse('api_permission_denied') };
  expect(await checkToken(probeOf({ redirectRules }), NOW)).toMatchObject({
    canReadPageRules: 'yes',
    canReadRedirectRules: 'no',
    problems: [],
  });
  const listPageRules = refuse('api_token_unsupported');
  const report = await checkToken(probeOf({ listPageRules, redirectRules }), NOW);
  expect(report.problems).toMatchObject([
    { code: 'account_token' },
    { code: 'permission_missing', message: expect.stringContaining('Dynamic URL Redirects Write') },
  ]);
  const notInPlan = { read: refuse('api_rejected', { reason: 'not_entitled' }) };
  expect(await checkToken(probeOf({ redirectRules: notInPlan }), NOW)).toMatchObject({
    canReadRedirectRules: 'no',
  });
});

test('page rules are asked for in a zone that serves, and stay unknown without one', async () => {
  const asked: string[] = [];
  const listPageRules = async (zoneId: string) => {
    asked.push(zoneId);
    return [];
  };
  const pending = { ...ZONE, id: '2'.repeat(32), status: 'pending' };
  async function* both() {
    yield [pending, ZONE];
  }
  async function* none() {
    yield [pending];
  }
  expect(await checkToken(probeOf({ listZones: both, listPageRules }), NOW)).toMatchObject({
    canReadPageRules: 'yes',
    canReadRedirectRules: 'yes',
  });
  expect(await checkToken(probeOf({ listZones: none, listPageRules }), NOW)).toMatchObject({
    canReadPageRules: 'unknown',
    canReadRedirectRules: 'unknown',
    problems: [],
  });
  expect(asked).toEqual([ZONE.id]);
});

test('a full page of zones may not be all of them', async () => {
  async function* page() {
    yield Array.from({ length: 50 }, () => ZONE);
  }
  expect(await checkToken(probeOf({ listZones: page }), NOW)).toMatchObject({ zones: 50, moreZones: true });
});

test('an account token that may not list zones is known by that refusal', async () => {
  const refused = refuse('api_permission_denied', { path: '/zones' });
  const report = await checkToken(
    probeOf({
      verifyToken: refused,
      // biome-ignore lint/correctness/useYield: it fails before the first page
      async *listZones() {
        await refused();
      },
    }),
    NOW,
  );
  expect(report).toMatchObject({ kind: 'account', zones: 0 });
  expect(report.problems.map(({ code }) => code)).toEqual(['permission_missing', 'account_token']);
});

test('a token made seconds ago, which may not even verify itself yet, is not stored with guesses about it', async () => {
  const verifyToken = refuse('api_permission_denied', { path: '/user/tokens/verify' });
  await failureOf(checkToken(probeOf({ verifyToken }), NOW), 'api_permission_denied');
});
