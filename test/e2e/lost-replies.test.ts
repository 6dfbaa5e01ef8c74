import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Emulator, FaultSeed, PageRule, RuleSeed } from '../../src/emulator/index.ts';
import { databaseUrls } from '../support/describe-databases.ts';
import { essence } from '../support/workplace.ts';
import { assertBuilt } from './built-cli.ts';
import { operationRows, visitAll } from './site-state.ts';
import { openStage, type Stage, startStageEmulator } from './stage.ts';

const DOMAIN = 'shop.example';
const PAGE = 'https://status.example.net/down';
/** Repetitions without a pause. */
const QUICK = { INTERMISSION_RETRY_BASE_SECONDS: '0' };
const ENABLE = ['maintenance', 'enable', DOMAIN];
const DISABLE = ['maintenance', 'disable', DOMAIN];

const blog: RuleSeed = { pattern: `${DOMAIN}/blog/*`, forwardTo: `https://blog.${DOMAIN}/` };
const taken: RuleSeed = { pattern: `*${DOMAIN}/*`, actions: [{ id: 'ssl', value: 'strict' }] };
const OURS = [{ id: 'forwarding_url', value: { url: PAGE, status_code: 302 } }];

const urls = databaseUrls('sqlite');
let emulator: Emulator;
let stage: Stage;
let foreign: PageRule[];
let visits: Record<string, string>;

beforeAll(async () => {
  assertBuilt();
  emulator = await startStageEmulator();
});
afterAll(() => emulator.close());
beforeEach(async () => {
  await emulator.reset();
  return () => stage[Symbol.asyncDispose]();
});

/** A site in a zone with these rules of others. */
async function begin(rules: RuleSeed[], { closed }: { closed: boolean }): Promise<void> {
  foreign = emulator.addZone({ name: DOMAIN, rules, pageRuleQuota: 10 }).rules;
  stage = await openStage({ emulator, databaseUrl: await urls.migrated() });
  await stage.app.sites.create({ domain: DOMAIN, maintenanceUrl: PAGE, engine: 'page_rules' });
  visits = await visitAll(emulator, DOMAIN);
  if (closed) await stage.app.enableMaintenanceForDomain(DOMAIN, 'before');
  emulator.clearRequests();
}

const run = (argv: string[]) => stage.json(argv, QUICK);
const rows = () => operationRows(stage.app, DOMAIN);
const ours = () =>
  emulator.rules(DOMAIN).filter(({ actions }) => JSON.stringify(actions) === JSON.stringify(OURS));
/** The requests that changed the zone. */
const changes = (method?: string) =>
  emulator.requests({ write: true, ...(method && { method }) }).filter(({ changed }) => changed);

async function expectClosed(foreignIds: string[]): Promise<void> {
  expect(new Set(Object.values(await visitAll(emulator, DOMAIN)))).toEqual(new Set([`302 ${PAGE}`]));
  expect(ours()).toHaveLength(1);
  expect(emulator.rules(DOMAIN).map(({ id }) => id)).toEqual(expect.arrayContaining(foreignIds));
}

async function expectOpen(): Promise<void> {
  expect(essence(emulator.rules(DOMAIN))).toEqual(essence(foreign));
  expect(await visitAll(emulator, DOMAIN)).toEqual(visits);
}

const lostAfter: [string, FaultSeed][] = [
  ['the connection ends without a reply', { kind: 'dropReply' }],
  ['a 500 is answered', { kind: 'serverError', when: 'after' }],
  ['a 502 of a proxy is answered, as HTML', { kind: 'html', when: 'after' }],
  ['half a JSON document is answered', { kind: 'invalidJson', when: 'after' }],
];
const lostBefore: [string, FaultSeed][] = [
  ['the connection is reset', { kind: 'reset' }],
  ['a 503 is answered', { kind: 'serverError', status: 503, when: 'before' }],
  ['too many requests', { kind: 'rateLimited', retryAfter: 0 }],
];

describe('a POST that creates the rule', () => {
  test.each(lostAfter)('is not sent again when it has taken effect and %s', async (_, fault) => {
    await begin([blog], { closed: false });
    emulator.addFault({ ...fault, method: 'POST', nth: 1 });
    const { status, document } = await run(ENABLE);
    expect({ status, ok: document.ok, error: document.error }).toEqual({ status: 0, ok: true, error: null });
    expect(emulator.requests({ method: 'POST' })).toHaveLength(1);
    await expectClosed(foreign.map(({ id }) => id));
    expect(emulator.rules(DOMAIN)).toHaveLength(2);
    expect(await rows()).toEqual(['enable success']);
    expect((await run(DISABLE)).status).toBe(0);
    await expectOpen();
  });

  test.each(lostBefore)('is sent again when nothing has taken effect and %s', async (_, fault) => {
    await begin([blog], { closed: false });
    emulator.addFault({ ...fault, method: 'POST', nth: 1 });
    expect((await run(ENABLE)).status).toBe(0);
    expect(changes('POST')).toHaveLength(1);
    await expectClosed(foreign.map(({ id }) => id));
    expect(await rows()).toEqual(['enable success']);
  });

  test('is left for the next command to look for when Cloudflare does not answer any more', async () => {
    await begin([blog], { closed: false });
    emulator.addFault({ kind: 'dropReply', method: 'POST' });
    emulator.addFault({ kind: 'reset', method: 'GET' });
    const { status, document } = await run(ENABLE);
    expect({ status, error: document.error }).toMatchObject({
      status: 1,
      error: { code: 'api_unavailable', hint: expect.stringContaining('Repeat the command') },
    });
    expect(emulator.requests({ method: 'POST' })).toHaveLength(1);
    expect(await rows()).toEqual(['enable pending']);
    emulator.clearFaults();
    expect((await run(DISABLE)).status).toBe(0);
    await expectOpen();
    expect(await rows()).toEqual(['enable failed interrupted', 'disable success']);
  });
});

describe('a PUT over a rule of somebody else', () => {
  test.each([...lostAfter, ...lostBefore])('ends well although %s', async (_, fault) => {
    await begin([blog, taken], { closed: false });
    emulator.addFault({ ...fault, method: 'PUT', nth: 1 });
    expect((await run(ENABLE)).status).toBe(0);
    await expectClosed(foreign.map(({ id }) => id));
    expect(emulator.rules(DOMAIN)).toHaveLength(2);
    expect(await rows()).toEqual(['enable success']);
    expect((await run(DISABLE)).status).toBe(0);
    await expectOpen();
  });
});

describe('reopening', () => {
  test.each([...lostAfter, ...lostBefore])('a DELETE ends well although %s', async (_, fault) => {
    await begin([blog], { closed: true });
    emulator.addFault({ ...fault, method: 'DELETE', nth: 1 });
    expect((await run(DISABLE)).status).toBe(0);
    await expectOpen();
    expect(changes()).toHaveLength(1);
    expect(await rows()).toEqual(['enable success', 'disable success']);
  });

  test.each([...lostAfter, ...lostBefore])(
    'a PUT that puts a rule back ends well although %s',
    async (_, fault) => {
      await begin([blog, taken], { closed: true });
      emulator.addFault({ ...fault, method: 'PUT', nth: 1 });
      expect((await run(DISABLE)).status).toBe(0);
      await expectOpen();
      expect(await rows()).toEqual(['enable success', 'disable success']);
    },
  );
});

describe('a rule that Cloudflare does not take back', () => {
  const refusal: FaultSeed = {
    kind: 'refuse',
    method: 'PUT',
    status: 400,
    code: 1004,
    messages: ['This action is no longer available.'],
  };
  beforeEach(async () => {
    await begin([blog, taken], { closed: true });
    emulator.addFault(refusal);
  });

  test('does not keep the site closed, and its snapshot is kept and shown', async () => {
    const lost = foreign[1] as PageRule;
    const { status, document } = await run(DISABLE);
    expect({ status, ok: document.ok, error: document.error }).toMatchObject({
      status: 6,
      ok: false,
      error: { code: 'rule_conflict', hint: expect.stringContaining('site show') },
    });
    expect(document.error?.message).toContain(lost.id);
    expect(document.error?.message).toContain('no longer available');
    expect(await rows()).toEqual(['enable success', 'disable failed rule_conflict']);
    expect(await visitAll(emulator, DOMAIN)).toEqual(visits);
    expect(emulator.rules(DOMAIN).map(({ id }) => id)).toEqual([foreign[0]?.id]);

    const shown = (await run(['maintenance', 'status', DOMAIN])).document.results[0];
    expect(shown).toMatchObject({ maintenanceActive: false, unrestored: [{ id: lost.id }] });
    for (const argv of [
      ['site', 'show', DOMAIN],
      ['maintenance', 'status', DOMAIN],
    ]) {
      const { stdout } = await stage.run(argv);
      expect(stdout).toContain(lost.id);
      expect(stdout).toContain('no longer available');
    }
    const details = await stage.run(['site', 'show', DOMAIN]);
    expect(details.stdout).toContain(JSON.stringify(lost.actions));
    expect((await run(['site', 'show', DOMAIN])).document.results).toMatchObject([
      { unrestored: [{ id: lost.id, rule: { targets: lost.targets, actions: lost.actions } }] },
    ]);
  });

  test('is remembered through the next closing and reopening', async () => {
    await run(DISABLE);
    expect((await run(ENABLE)).status).toBe(0);
    expect((await run(DISABLE)).status).toBe(0);
    expect(await visitAll(emulator, DOMAIN)).toEqual(visits);
    const [shown] = (await run(['maintenance', 'status', DOMAIN])).document.results;
    expect(shown).toMatchObject({ maintenanceActive: false, unrestored: [{ id: foreign[1]?.id }] });
  });

  test.each([
    ['before', 1],
    ['after', 1],
    ['before', 2],
    ['after', 2],
  ] as const)('is not forgotten by a process that is killed %s write %i', async (when, nth) => {
    const hold = emulator.hold({ when, nth });
    const { child, ended } = stage.start(DISABLE, { INTERMISSION_LOCK_SECONDS: '2' });
    await Promise.race([hold.reached, ended]);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    await hold.release({ discard: when === 'before' });

    expect((await run(DISABLE)).status).toBe(0);
    expect(await visitAll(emulator, DOMAIN)).toEqual(visits);
    expect(emulator.rules(DOMAIN).map(({ id }) => id)).toEqual([foreign[0]?.id]);
    const [shown] = (await run(['maintenance', 'status', DOMAIN])).document.results;
    expect(shown).toMatchObject({ maintenanceActive: false, unrestored: [{ id: foreign[1]?.id }] });
    expect(await rows()).toEqual(['enable success', 'disable failed rule_conflict', 'disable success']);
  });
});
