import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { EngineName } from '../../../src/domain/edge-state.ts';
import type { EmulatorOptions } from '../../../src/emulator/index.ts';
import type { IntermissionOptions } from '../../../src/intermission.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, requestLines } from '../../support/workplace.ts';
import { openProving } from './proving-rig.ts';

const DOMAIN = 'site-1.example';
const OTHER = 'site-2.example';
const PAGE = 'https://status.example.net/down';
const ENGINES: readonly EngineName[] = ['page_rules', 'redirect_rules'];

describeDatabases((_kind, databases) => {
  describe.each(ENGINES)('by %s', (engine) => {
    const open = async (emulator: EmulatorOptions = {}, app: IntermissionOptions = {}) =>
      openProving(await databases.migratedUrl(), { engine, emulator, app });

    test('returns only when visitors are redirected, and keeps verdict and evidence in the row', async () => {
      await using at = await open({ propagationMs: 5_000 });
      const log = await at.service.enableMaintenance('x', { url: PAGE, verify: true });
      expect((await at.emulator.visit(`https://www.${DOMAIN}/`)).location).toBe(PAGE);
      expect(at.elapsed()).toBeGreaterThanOrEqual(5_000);
      expect(log).toMatchObject({ action: 'enable', status: 'success', proof: 'proven' });
      expect(log.evidence).toMatchObject({
        wanted: 'closed',
        url: PAGE,
        hosts: [
          { host: DOMAIN, verdict: 'closed', status: 302 },
          { host: `www.${DOMAIN}` },
          { verdict: 'closed' },
        ],
      });
      expect(await at.app.logs.get({ id: log.id })).toMatchObject({
        proof: 'proven',
        evidence: log.evidence,
      });

      const opened = await at.service.disableMaintenance({ verify: true });
      expect(opened).toMatchObject({ status: 'success', proof: 'proven', evidence: { wanted: 'open' } });
      expect((await at.emulator.visit(`https://www.${DOMAIN}/`)).status).toBe(200);
    });

    test('is not proven when the edge takes longer than the time-out: no error, and verify and the live status see it later', async () => {
      await using at = await open({ propagationMs: 10_000 });
      const log = await at.service.enableMaintenance('x', { url: PAGE, verify: true, timeoutMs: 2_000 });
      expect(log).toMatchObject({ status: 'success', errorCode: null, proof: 'unproven' });
      expect(await at.service.getStatus()).toBe(true);
      const rows = await at.app.logs.filter({}).count();
      expect(await at.service.verify({ timeoutMs: 1_000 })).toMatchObject({ state: 'unproven' });
      const configured = { intended: 'maintenance', configured: 'maintenance', drift: [] };
      const live = () => at.service.getLiveStatus({ observe: true });
      expect(await live()).toMatchObject({ ...configured, observed: 'open', differs: true });
      expect(await at.service.verify()).toMatchObject({ state: 'proven', wanted: 'closed' });
      expect(await live()).toMatchObject({ ...configured, observed: 'maintenance', differs: false });
      expect(await at.app.logs.filter({}).count()).toBe(rows);
      expect(await at.app.logs.get({ id: log.id })).toMatchObject({ proof: 'unproven' });
    });

    test('an open site must send to none of the pages that it was closed with', async () => {
      await using at = await open();
      await at.service.enableMaintenance('x', { url: 'https://old.example.net/' });
      at.emulator.setPropagation(10_000);
      await at.service.enableMaintenance('x', { url: PAGE });
      const opened = await at.service.disableMaintenance({ verify: true, timeoutMs: 2_000 });
      expect(opened).toMatchObject({ status: 'success', proof: 'unproven' });
      expect(opened.evidence).toMatchObject({ hosts: [{ verdict: 'closed', ourRedirect: true }, {}, {}] });
      expect(await at.service.verify()).toMatchObject({ state: 'proven', wanted: 'open' });
    });

    test('a site that others hold is proven closed, and the error of who released a hold has the proof', async () => {
      await using at = await open();
      await at.service.enableMaintenance('x', { url: PAGE, hold: 'deploy-7' });
      await at.service.enableMaintenance('x', { url: PAGE });
      const error = await failureOf(at.service.disableMaintenance({ verify: true }), 'held_by_others');
      expect(error.log).toMatchObject({ status: 'failed', proof: 'proven', evidence: { wanted: 'closed' } });
    });

    test('without being asked the library does not look, and what failed is not looked at', async () => {
      await using at = await open();
      const log = await at.service.enableMaintenance('x', { url: PAGE });
      expect(log).toMatchObject({ proof: 'skipped', evidence: null });
      const own = { url: `https://www.${DOMAIN}/`, verify: true };
      const error = await failureOf(at.service.enableMaintenance('x', own), 'redirect_loop');
      expect(error.log).toMatchObject({ status: 'failed', proof: 'skipped' });
    });

    test('a row is proven once', async () => {
      await using at = await open();
      const log = await at.service.enableMaintenance('x', { url: PAGE, verify: true });
      expect(await at.service.proveOperation(log)).toBeUndefined();
    });

    test('a listed host that does not resolve or is not proxied is never done, and says so', async () => {
      const dns = [
        { name: '@', proxied: true },
        { name: 'api', proxied: false },
      ];
      await using at = await open({ zones: [{ name: DOMAIN, dns }] });
      await at.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api,gone' });
      const log = await at.service.enableMaintenance('x', { url: PAGE, verify: true, timeoutMs: 3_000 });
      expect(log).toMatchObject({ status: 'success', proof: 'unproven' });
      expect(log.evidence).toMatchObject({
        hosts: expect.arrayContaining([
          expect.objectContaining({ host: DOMAIN, verdict: 'closed', asWanted: true }),
          expect.objectContaining({ host: `gone.${DOMAIN}`, verdict: 'unreachable', asWanted: false }),
          expect.objectContaining({ host: `api.${DOMAIN}`, asWanted: false }),
        ]),
      });
    });

    test('an interrupted proof leaves the site as it was made, and unproven', async () => {
      await using at = await open({ propagationMs: 3_600_000 });
      const controller = new AbortController();
      const log = await at.service.enableMaintenance('x', { url: PAGE });
      const proving = at.service.proveOperation(log, { signal: controller.signal });
      controller.abort();
      expect(await proving).toMatchObject({
        proof: { state: 'unproven', hosts: [] },
        log: { status: 'success', proof: 'unproven', evidence: { wanted: 'closed', interrupted: true } },
      });
      expect(await at.service.getStatus()).toBe(true);
    });

    test('the tick proves what it reopens; a site that stays closed does not hold up the other', async () => {
      await using at = await open();
      const until = new Date(at.clock.now().getTime() + 60_000);
      for (const domain of [DOMAIN, OTHER])
        await at.app.maintenance(await at.site(domain)).enableMaintenance('x', { url: PAGE, until });
      at.emulator.addRedirectRule(DOMAIN, { expression: 'true', redirectTo: PAGE, statusCode: 302 });
      at.clock.advance(120_000);
      const { expired, failed, proofs } = await at.app.schedule.processScheduledMaintenances({
        timeoutMs: 3_000,
      });
      expect(failed).toEqual([]);
      expect(expired).toMatchObject([
        { domain: DOMAIN, status: 'success', proof: 'unproven' },
        { domain: OTHER, status: 'success', proof: 'proven' },
      ]);
      expect([...proofs.values()].map(({ state }) => state).toSorted()).toEqual(['proven', 'unproven']);
    });

    test('told not to, the tick does not look', async () => {
      await using at = await open();
      const until = new Date(at.clock.now().getTime() + 60_000);
      await at.service.enableMaintenance('x', { url: PAGE, until });
      at.clock.advance(120_000);
      const { expired } = await at.app.schedule.processScheduledMaintenances({ verify: false });
      expect(expired).toMatchObject([{ proof: 'skipped' }]);
    });
  });

  test('open paths are proven at every host; for an address that is let through it is said, and no proof', async () => {
    await using place = await openWorkplace(await databases.migratedUrl(), { engine: 'redirect_rules' });
    const service = place.app.maintenance(await place.site(DOMAIN));
    await place.app.sites.update(
      { domain: DOMAIN },
      { openPaths: ['/health'], bypassIps: ['203.0.113.0/24'] },
    );
    const log = await service.enableMaintenance('x', { url: PAGE, verify: true });
    expect((await place.emulator.visit(`https://${DOMAIN}/`, { from: '203.0.113.9' })).status).toBe(200);
    expect(log).toMatchObject({
      proof: 'proven',
      evidence: {
        hosts: [
          {
            host: DOMAIN,
            verdict: 'closed',
            openPaths: [{ path: '/health', verdict: 'open', asWanted: true }],
          },
          {},
          {},
        ],
      },
    });

    await place.app.sites.update({ domain: DOMAIN }, { bypassIps: ['127.0.0.1'] });
    const exempt = await service.enableMaintenance('x', { url: PAGE, verify: true, timeoutMs: 3_000 });
    expect(exempt).toMatchObject({ status: 'success', proof: 'unproven' });
    const proof = await service.verify({ timeoutMs: 3_000 });
    expect(proof.hosts[0]).toMatchObject({ verdict: 'exempt', asWanted: false });
    expect(proof.message).toContain('on its bypass list');
  });

  test('the page is looked at where names are resolved: what is wrong with it is a warning', async () => {
    await using pages = await pageServer(404);
    await using place = await openWorkplace(await databases.migratedUrl(), {
      app: { edgeAddress: undefined, allowPrivateTargets: true },
    });
    const service = place.app.maintenance(await place.site(DOMAIN));
    expect(await service.checkPage({ url: pages.url })).toMatchObject({ code: 'page_missing' });
    expect(requestLines(place.emulator)).toEqual([]);
    await using elsewhere = await openWorkplace(await databases.migratedUrl());
    const blind = elsewhere.app.maintenance(await elsewhere.site(DOMAIN));
    expect(await blind.checkPage({ url: pages.url })).toBeUndefined();
    expect(pages.requests()).toBe(1);
  });
});

async function pageServer(status: number) {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests: () => requests,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
