import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { complaints, openDoctor } from './open-doctor.ts';

const DOMAIN = 'site-1.example';

test('an empty machine is in order, nothing is made and nobody is asked', async () => {
  const dataDir = temporaryDirectory();
  const found = await diagnose({
    environment: { INTERMISSION_DATA_DIR: join(dataDir, 'none'), CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9' },
    now: () => new Date(),
    signal: new AbortController().signal,
  });
  expect(complaints(found)).toEqual([]);
  expect(found.at(-1)?.hint).toContain('api-key add');
  expect(readdirSync(dataDir)).toEqual([]);
});

describeDatabases((_kind, databases) => {
  const openPlace = async () => openDoctor(await databases.migratedUrl());

  test('what works is in order, with one read per zone', async () => {
    await using place = await openPlace();
    expect(complaints(await place.ask())).toEqual([]);
    const rules = place.emulator.requests().filter(({ path }) => path.endsWith('/pagerules'));
    // The first is about the token.
    expect(rules).toHaveLength(1 + 3);
  });

  test('drift, doubtful and unrestored rules, zones that are gone or do not serve are named', async () => {
    await using place = await openPlace();
    const { app, emulator } = place;
    await app.enableMaintenanceForDomain(DOMAIN, 'x');
    emulator.removeRule(DOMAIN, emulator.rules(DOMAIN)[0]?.id ?? '');
    emulator.addRule('site-2.example', {
      pattern: '*site-2.example/*',
      forwardTo: 'https://else.example.net/',
    });
    emulator.setZone('site-2.example', { paused: true });
    await app.syncZones();
    emulator.removeZone('site-3.example');
    const site = await place.site('site-2.example');
    await app.database.transaction(async (em) => {
      const kept = { id: 'r', rule: {}, order: [], reason: 'no', since: '2026-01-01T00:00:00.000Z' };
      em.merge(site).edgeState = { engine: 'page_rules', rules: [], replaced: [], unrestored: [kept] };
    });
    const said = complaints(await place.ask()).join('\n');
    expect(said).toMatch(/^broken Rules: site-1\.example is not at Cloudflare as intended: missing\.$/m);
    expect(said).toMatch(
      /^warning Rules: site-2\.example has a redirect of unknown origin: .* → https:\/\/else/m,
    );
    expect(said).toMatch(/^warning Not put back: site-2\.example keeps 1 rule of yours/m);
    expect(said).toMatch(/^warning Zones: 1 site in a zone that does not serve, as last seen: site-2/m);
    expect(said).toMatch(/^warning Zones: "main" no longer sees the zone of site-3\.example\.$/m);
  });

  test('an end that nobody will act on, or has acted on, is broken until the tick has run', async () => {
    await using place = await openPlace();
    const until = new Date(Date.now() + 60_000);
    await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { until });
    expect(complaints(await place.ask())).toEqual([
      expect.stringMatching(/^broken Heartbeat: .* has never run; nothing will reopen site-1\.example\.$/),
    ]);
    await place.app.schedule.processScheduledMaintenances();
    expect(complaints(await place.ask())).toEqual([]);
    const later = complaints(await place.ask({}, () => new Date(until.getTime() + 300_000)));
    expect(later.join('\n')).toMatch(
      /^broken Ends: The end has come, and nothing has reopened: site-1\.example\.$/m,
    );
    expect(later.join('\n')).toMatch(
      /^warning Clock: This machine's clock is \d+ s ahead of that of Cloudflare\.$/m,
    );
  });

  test('an interrupted operation is broken', async () => {
    await using place = await openPlace();
    place.emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
    place.emulator.addFault({ kind: 'serverError', method: 'GET', status: 503 });
    await using app = await place.openAgain({ maxRetries: 0 });
    await app.enableMaintenanceForDomain(DOMAIN, 'x').catch(() => undefined);
    place.emulator.clearFaults();
    expect(complaints(await place.ask())).toContainEqual(
      expect.stringMatching(/^broken Operations: An enable of site-1\.example was interrupted/),
    );
  });

  test('a running operation is nothing to complain of', async () => {
    await using place = await openPlace();
    const hold = place.emulator.hold({ when: 'after', method: 'POST' });
    const running = place.app.enableMaintenanceForDomain(DOMAIN, 'x');
    await expect.poll(() => hold.state).toBe('reached');
    const found = await diagnose({
      environment: place.environment,
      now: () => new Date(),
      signal: new AbortController().signal,
    });
    expect(complaints(found)).toEqual([]);
    await hold.release();
    await running;
  });

  test('what keeps several sites from being looked at is said once', async () => {
    await using place = await openPlace();
    place.emulator.addFault({ kind: 'rateLimited', path: /pagerules/ });
    const rules = complaints(await place.ask()).filter((said) => said.includes('Rules:'));
    expect(rules).toEqual([
      expect.stringMatching(/^warning Rules: site-1\.example, site-2\.example, site-3\.example: /),
    ]);
  });

  test('a dead token, a wrong secret key and a Cloudflare that does not answer are broken, and the rest is still told', async () => {
    await using place = await openPlace();
    const away = await place.ask({ CLOUDFLARE_BASE_URL: 'http://127.0.0.1:9' });
    expect(complaints(away)).toEqual([
      expect.stringMatching(/^broken Cloudflare: .*127\.0\.0\.1:9 could not be asked/),
    ]);
    expect(away.map(({ check }) => check)).toContain('Heartbeat');
    const other = complaints(await place.ask({ INTERMISSION_SECRET_KEY: 'a'.repeat(64) })).join('\n');
    expect(other).toMatch(/^broken Secret key: The stored token was sealed with another secret key/m);
    place.emulator.setToken(place.emulator.token, { status: 'disabled' });
    const dead = complaints(await place.ask()).join('\n');
    expect(dead).toMatch(/^broken API key: "main"/m);
  });

  test('a key file that is lost or that others may read is broken', async () => {
    await using place = await openPlace();
    const file = place.app.config.secretKeyFile;
    writeFileSync(`${file}.next`, 'ab'.repeat(32), { mode: 0o600 });
    expect(complaints(await place.ask())[0]).toMatch(/^warning Secret key: .*\.next is there/);
    rmSync(`${file}.next`);
    chmodSync(file, 0o644);
    expect(complaints(await place.ask())[0]).toMatch(/^broken Secret key: Other users may read/);
    rmSync(file);
    expect(complaints(await place.ask())[0]).toMatch(
      /^broken Secret key: .* does not exist, and the database holds tokens/,
    );
  });

  test('a database that is empty is told and left alone', async () => {
    const environment = {
      DATABASE_URL: await databases.emptyUrl(),
      INTERMISSION_DATA_DIR: temporaryDirectory(),
    };
    const found = await diagnose({
      environment,
      now: () => new Date(),
      signal: new AbortController().signal,
    });
    expect(complaints(found)).toEqual([]);
  });
});

test('a database that cannot be reached is broken, and its password is not shown', async () => {
  const found = await diagnose({
    environment: {
      DATABASE_URL: 'postgresql://me:secret@127.0.0.1:9/none',
      INTERMISSION_DATA_DIR: temporaryDirectory(),
    },
    now: () => new Date(),
    signal: new AbortController().signal,
  });
  expect(complaints(found)).toEqual([
    expect.stringMatching(/^broken Database: .*127\.0\.0\.1:9\/none cannot be reached/),
  ]);
  expect(JSON.stringify(found)).not.toContain('secret@');
});
