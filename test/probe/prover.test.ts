import { describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';
import { provingRig, subject } from './rig.ts';
import { closedPort, here, httpServer, nowhere } from './servers.ts';

const DOMAIN = 'site-1.example';
const MAINTENANCE = 'https://down.example.net/?site=site-1.example';
const EVERYTHING = { pattern: `*${DOMAIN}/*`, forwardTo: MAINTENANCE };

/** Time of emulator and prover is one: a pause of the prover is what makes the edge change. */
async function edgeRig(options: Parameters<typeof startEmulator>[0] = {}) {
  const clock: FakeClock = fakeClock('2026-05-01T00:00:00.000Z');
  const emulator = await startEmulator({ zones: 1, now: () => clock.now().getTime(), ...options });
  const started = clock.now().getTime();
  const rig = provingRig({
    edgeAddress: emulator.edge,
    clock,
    monotonic: () => clock.now().getTime(),
    wait: async (ms) => clock.advance(ms),
  });
  return { ...rig, emulator, clock, elapsed: () => clock.now().getTime() - started };
}

describe('proof at the edge', () => {
  test('a closed site is proven by two looks at every host', async () => {
    const { prover, emulator, elapsed } = await edgeRig();
    await using _ = emulator;
    emulator.addRule(DOMAIN, EVERYTHING);
    const proof = await prover.prove(subject({ includeSubdomains: true }), 'closed');
    expect(proof).toMatchObject({
      state: 'proven',
      message: 'All 3 hosts of site-1.example that were looked at redirect visitors to the maintenance page.',
      hosts: [
        { host: DOMAIN, verdict: 'closed', counts: true, asWanted: true },
        { host: `www.${DOMAIN}`, verdict: 'closed', counts: true, asWanted: true },
        { host: expect.stringMatching(/^intermission-probe-\w{12}\.site-1\.example$/), verdict: 'closed' },
      ],
    });
    expect(proof).not.toHaveProperty('hint');
    expect(elapsed()).toBeLessThan(2000);
    expect(looksOf(proof.evidence)).toEqual([2, 2, 2]);
  });

  test('waits for the edge as long as it needs, with growing pauses', async () => {
    const { prover, emulator, elapsed } = await edgeRig({ propagationMs: 5000 });
    await using _ = emulator;
    emulator.addRule(DOMAIN, EVERYTHING);
    const proof = await prover.prove(subject(), 'closed');
    expect(proof.state).toBe('proven');
    // 0.25 + 0.5 + 1 + 2 + 4 s, then the look that confirms.
    expect(elapsed()).toBe(8250);
    expect(looksOf(proof.evidence)).toEqual([7]);
  });

  test('gives up when the time is up, says what it saw, and a later proof is good', async () => {
    const { prover, emulator, clock, elapsed } = await edgeRig({ propagationMs: 90_000 });
    await using _ = emulator;
    emulator.addRule(DOMAIN, EVERYTHING);
    const proof = await prover.prove(subject(), 'closed');
    expect(elapsed()).toBe(60_000);
    expect(proof).toMatchObject({
      state: 'unproven',
      message: 'site-1.example answers 200.',
      hint: expect.stringContaining('maintenance verify'),
      evidence: {
        wanted: 'closed',
        url: MAINTENANCE,
        hosts: [
          {
            host: DOMAIN,
            verdict: 'open',
            asWanted: false,
            firstAt: '2026-05-01T00:00:00.000Z',
            lastAt: '2026-05-01T00:01:00.000Z',
            status: 200,
            scheme: 'https',
            cfRay: true,
          },
        ],
      },
    });
    clock.advance(30_000);
    expect((await prover.prove(subject(), 'closed')).state).toBe('proven');
  });

  test('the redirect that appears with the last look is confirmed beyond the limit', async () => {
    const { prover, emulator, elapsed } = await edgeRig({ propagationMs: 10_000 });
    await using _ = emulator;
    emulator.addRule(DOMAIN, EVERYTHING);
    expect((await prover.prove(subject(), 'closed', { timeoutMs: 10_000 })).state).toBe('proven');
    expect(elapsed()).toBe(10_500);
  });

  test('an open site is proven open, and not while the edge still redirects', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    const rule = emulator.addRule(DOMAIN, EVERYTHING);
    emulator.setPropagation(20_000);
    emulator.removeRule(DOMAIN, rule.id);
    expect(await prover.prove(subject(), 'open', { timeoutMs: 10_000 })).toMatchObject({
      state: 'unproven',
      message: 'site-1.example still redirects to the maintenance page.',
    });
    expect(await prover.prove(subject(), 'open')).toMatchObject({
      state: 'proven',
      message: 'site-1.example shows visitors the site.',
    });
  });

  test('a former maintenance page is not yet the site', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    emulator.addRule(DOMAIN, { ...EVERYTHING, forwardTo: 'https://old.example.net/' });
    const moved = subject({ formerUrls: ['https://old.example.net/'] });
    expect((await prover.prove(moved, 'open', { timeoutMs: 1000 })).hosts).toMatchObject([
      { verdict: 'closed' },
    ]);
    expect((await prover.prove(moved, 'closed', { timeoutMs: 1000 })).hosts).toMatchObject([
      { verdict: 'open', message: 'site-1.example answers 302 and redirects to https://old.example.net/.' },
    ]);
  });

  test.each([
    ['https://other.example.net/x?y', 'answers 302 and redirects to https://other.example.net/x.'],
    [`https://www.${DOMAIN}/`, 'shows visitors the site.'],
    ['/shop', 'shows visitors the site.'],
  ])('a redirect to %s is not our page: the site %s', async (location, said) => {
    const port = await httpServer((_request, response) => response.writeHead(302, { location }).end());
    const { prover } = provingRig({ edgeAddress: `http://127.0.0.1:${port}` });
    const proof = await prover.prove(subject(), 'open');
    expect(proof).toMatchObject({ state: 'proven', message: expect.stringContaining(`${DOMAIN} ${said}`) });
    expect(proof.message.includes('visitors the site')).toBe(said.includes('visitors the site'));
  });

  test('at an edge address a host that does not pass through Cloudflare is told to', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    emulator.addRule(DOMAIN, EVERYTHING);
    emulator.setZone(DOMAIN, { dns: [{ name: '@', proxied: false }] });
    const proof = await prover.prove(subject(), 'closed', { timeoutMs: 1000 });
    expect(proof).toMatchObject({ state: 'unproven', hint: expect.stringContaining('to proxied') });
  });

  test('an error of the origin is an open site', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    emulator.setZone(DOMAIN, { origin: { status: 521 } });
    expect(await prover.prove(subject(), 'open')).toMatchObject({
      state: 'proven',
      hosts: [{ verdict: 'open', message: 'site-1.example answers 521 (an error of the site itself).' }],
      message:
        'site-1.example does not redirect to the maintenance page. site-1.example answers 521 (an error of the site itself).',
    });
    expect((await prover.prove(subject(), 'closed')).state).toBe('unproven');
  });

  test('one listed subdomain that stays open leaves the site unproven', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    emulator.addRule(DOMAIN, { ...EVERYTHING, pattern: `${DOMAIN}/*` });
    const proof = await prover.prove(subject({ subdomainList: 'api' }), 'closed', { timeoutMs: 5000 });
    expect(proof).toMatchObject({
      state: 'unproven',
      message: 'api.site-1.example answers 200.',
      hosts: [{ asWanted: true }, { asWanted: false }],
    });
  });

  test('a host that need not exist counts only when it does', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    emulator.addRule(DOMAIN, { ...EVERYTHING, pattern: `${DOMAIN}/*` });
    const whole = subject({ includeSubdomains: true });
    expect((await prover.prove(whole, 'closed', { timeoutMs: 5000 })).state).toBe('unproven');
    emulator.setZone(DOMAIN, { dns: [{ name: '@', proxied: true }] });
    const proof = await prover.prove(whole, 'closed');
    expect(proof.state).toBe('proven');
    expect(proof.hosts.map(({ counts, verdict }) => [counts, verdict])).toEqual([
      [true, 'closed'],
      [false, 'unreachable'],
      [false, 'unreachable'],
    ]);
  });

  test('the domain itself counts although it does not exist, and there is no use in waiting', async () => {
    const { prover, emulator, elapsed } = await edgeRig();
    await using _ = emulator;
    emulator.setZone(DOMAIN, { dns: [] });
    expect(await prover.prove(subject(), 'closed')).toMatchObject({
      state: 'unproven',
      hosts: [{ verdict: 'unreachable', counts: true, hint: expect.stringContaining('DNS') }],
    });
    expect(elapsed()).toBe(750);
  });

  test('an open path is asked for once the host is closed, and must show the site', async () => {
    const { prover, emulator } = await edgeRig({ propagationMs: 2000 });
    await using _ = emulator;
    emulator.addRule(DOMAIN, EVERYTHING);
    const withPaths = subject({ openPaths: ['/health', '/webhooks/*'] });
    const before = await prover.prove(withPaths, 'closed', { timeoutMs: 10_000 });
    expect(before).toMatchObject({
      state: 'unproven',
      hosts: [
        {
          asWanted: true,
          openPaths: [
            { path: '/health', verdict: 'closed', asWanted: false },
            { path: '/webhooks/*', verdict: 'closed', asWanted: false },
          ],
        },
      ],
      message: expect.stringContaining('site-1.example/health redirects to the maintenance page.'),
      hint: expect.stringContaining('/health'),
    });
    const elsewhere = [{ id: 'cache_level', value: 'bypass' }];
    for (const path of ['health', 'webhooks/*']) {
      emulator.addRule(DOMAIN, { pattern: `${DOMAIN}/${path}*`, actions: elsewhere, priority: 9 });
    }
    const after = await prover.prove(withPaths, 'closed', { timeoutMs: 10_000 });
    expect(after).toMatchObject({ state: 'proven', hosts: [{ openPaths: [{ asWanted: true }, {}] }] });
  });

  test('from an address on the bypass list nothing is passed off as proof', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    const exempt = subject({ bypassIps: ['127.0.0.0/8'] });
    const expected = {
      state: 'unproven',
      hosts: [{ verdict: 'exempt' }],
      message: expect.stringContaining(
        'shows the site to this machine (127.0.0.1), which is on its bypass list',
      ),
      hint: expect.stringContaining('on a machine that is not on the list'),
    };
    expect(await prover.prove(exempt, 'closed')).toMatchObject(expected);
    expect(await prover.prove(exempt, 'open')).toMatchObject(expected);
    emulator.setZone(DOMAIN, { paused: true });
    expect(await prover.prove(subject({ bypassIps: ['203.0.113.7'] }), 'open')).toMatchObject({
      state: 'unproven',
      message: expect.stringContaining('could not be found out'),
    });
    emulator.setZone(DOMAIN, { paused: false });
    const others = subject({ bypassIps: ['203.0.113.7'] });
    expect((await prover.prove(others, 'open')).state).toBe('proven');
  });
});

describe('proof of a redirect rule with exceptions', () => {
  const withPaths = subject({ includeSubdomains: true, openPaths: ['/health', '/webhooks/*'] });
  const hosts = `(http.host eq "${DOMAIN}" or ends_with(http.host, ".${DOMAIN}"))`;
  const paths = '(http.request.uri.path eq "/health" or starts_with(http.request.uri.path, "/webhooks/"))';
  const redirect = { redirectTo: MAINTENANCE, statusCode: 302 as const };

  test.each([false, true])('query kept: %s', async (preserveQueryString) => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    const expression = `${hosts} and not ${paths}`;
    emulator.addRedirectRule(DOMAIN, { ...redirect, expression, preserveQueryString });
    expect(await prover.prove(withPaths, 'closed')).toMatchObject({
      state: 'proven',
      hosts: [
        {
          verdict: 'closed',
          openPaths: [
            { path: '/health', verdict: 'open', asWanted: true },
            { path: '/webhooks/*', verdict: 'open', asWanted: true },
          ],
        },
        { verdict: 'closed' },
        { verdict: 'closed' },
      ],
    });
  });

  test('an open path that the rule forgot is named', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    const expression = `${hosts} and not http.request.uri.path eq "/health"`;
    emulator.addRedirectRule(DOMAIN, { ...redirect, expression });
    expect(await prover.prove(withPaths, 'closed', { timeoutMs: 5000 })).toMatchObject({
      state: 'unproven',
      hint: expect.stringContaining('The open path /webhooks/* must show the site'),
    });
  });

  test('an exempt address sees the site although the rule is there', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    emulator.addRedirectRule(DOMAIN, { ...redirect, expression: `${hosts} and not ip.src in {127.0.0.0/8}` });
    expect((await emulator.visit(`https://${DOMAIN}/`, { from: '198.51.100.7' })).status).toBe(302);
    const proof = await prover.prove(subject({ bypassIps: ['127.0.0.0/8'] }), 'closed');
    expect(proof).toMatchObject({ state: 'unproven', hosts: [{ verdict: 'exempt' }] });
    expect((await prover.prove(subject(), 'closed', { timeoutMs: 2000 })).hosts).toMatchObject([
      { verdict: 'open' },
    ]);
  });
});

describe('proof of hosts that are resolved', () => {
  test('a host that does not pass through Cloudflare is never proven, whatever it answers', async () => {
    await using emulator = await startEmulator({ zones: 1 });
    emulator.addRule(DOMAIN, EVERYTHING);
    const { prover, elapsed } = provingRig({ resolve: here, ports: await portsOf(emulator) });
    expect((await prover.prove(subject(), 'closed')).state).toBe('proven');
    emulator.setZone(DOMAIN, { dns: [{ name: '@', proxied: false }] });
    const before = elapsed();
    expect(await prover.prove(subject(), 'closed')).toMatchObject({
      state: 'unproven',
      hosts: [{ verdict: 'not_proxied', hint: expect.stringContaining('proxied') }],
      message: expect.stringContaining('did not pass through Cloudflare'),
    });
    expect(elapsed() - before).toBe(750);
    const origin = await httpServer((_request, response) =>
      response.writeHead(302, { location: MAINTENANCE }).end(),
    );
    const direct = provingRig({ resolve: here, ports: { https: await closedPort(), http: origin } });
    expect((await direct.prover.prove(subject(), 'closed')).hosts).toMatchObject([
      { verdict: 'not_proxied' },
    ]);
  });

  test('hosts without DNS: those that must exist are unreachable, the others are not counted', async () => {
    await using emulator = await startEmulator({ zones: 1 });
    emulator.addRule(DOMAIN, EVERYTHING);
    const resolve = (name: string) => (name === DOMAIN ? here() : nowhere(name));
    const { prover } = provingRig({ resolve, ports: await portsOf(emulator) });
    expect(await prover.prove(subject({ includeSubdomains: true }), 'closed')).toMatchObject({
      state: 'proven',
      hosts: [{ counts: true }, { counts: false }, { counts: false }],
      message: 'site-1.example redirects visitors to the maintenance page.',
    });
    expect(await prover.prove(subject({ subdomainList: 'gone' }), 'closed')).toMatchObject({
      state: 'unproven',
      message: 'gone.site-1.example cannot be reached: the name does not resolve.',
    });
  });

  test('a resolver in trouble does not make a host vanish', async () => {
    await using emulator = await startEmulator({ zones: 1 });
    emulator.addRule(DOMAIN, EVERYTHING);
    const trouble = Object.assign(new Error('getaddrinfo EAI_AGAIN'), {
      code: 'EAI_AGAIN',
      syscall: 'getaddrinfo',
    });
    const resolve = (name: string) => (name === DOMAIN ? here() : Promise.reject(trouble));
    const { prover } = provingRig({ resolve, ports: await portsOf(emulator) });
    expect((await prover.prove(subject({ includeSubdomains: true }), 'closed')).state).toBe('unproven');
  });
});

describe('answers that do not agree', () => {
  test('are no proof as long as they change', async () => {
    let looks = 0;
    const port = await httpServer((_request, response) => {
      looks += 1;
      if (looks % 2 === 1) response.writeHead(200).end();
      else response.writeHead(302, { location: MAINTENANCE }).end();
    });
    const { prover, elapsed } = provingRig({ edgeAddress: `http://127.0.0.1:${port}` });
    expect((await prover.prove(subject(), 'closed', { timeoutMs: 30_000 })).state).toBe('unproven');
    expect(elapsed()).toBeGreaterThanOrEqual(30_000);
    expect(elapsed()).toBeLessThan(32_000);
  });

  test.each([
    ['another page', { status: 302, location: 'https://other.example.net/login?token=secret#x' }],
    ['our page for good', { status: 301, location: MAINTENANCE }],
    ['the page of another site', { status: 302, location: 'https://down.example.net/?site=site-2.example' }],
    ['no page', { status: 302 }],
  ])('a redirect to %s is not ours', async (_name, { status, ...headers }) => {
    const port = await httpServer((_request, response) => response.writeHead(status, headers).end());
    const { prover } = provingRig({ edgeAddress: `http://127.0.0.1:${port}` });
    const proof = await prover.prove(subject(), 'closed', { timeoutMs: 1000 });
    expect(proof.hosts).toMatchObject([{ verdict: 'open' }]);
    expect(JSON.stringify(proof)).not.toContain('secret');
  });

  test('a challenge of Cloudflare is told from an answer of the site', async () => {
    const port = await httpServer((_request, response) =>
      response.writeHead(403, { 'cf-mitigated': 'challenge' }).end(),
    );
    const { prover } = provingRig({ edgeAddress: `http://127.0.0.1:${port}` });
    expect(await prover.prove(subject(), 'closed', { timeoutMs: 1000 })).toMatchObject({
      message: 'site-1.example answers 403 with a challenge of Cloudflare.',
      hint: expect.stringContaining('browser'),
    });
  });
});

test('no more requests are in flight than agreed, over all sites together', async () => {
  const held: (() => void)[] = [];
  let most = 0;
  const port = await httpServer((_request, response) => {
    held.push(() => response.writeHead(302, { location: MAINTENANCE }).end());
    most = Math.max(most, held.length);
    // Nobody is answered before as many have come as may.
    if (held.length >= 4) setImmediate(() => held.splice(0).forEach((answer) => void answer()));
  });
  const { prover } = provingRig({ edgeAddress: `http://127.0.0.1:${port}`, concurrency: 4 });
  const sites = Array.from({ length: 20 }, () => subject({ subdomainList: 'a,b' }));
  const proofs = await Promise.all(sites.map((site) => prover.prove(site, 'closed')));
  expect(proofs.map(({ state }) => state)).toEqual(sites.map(() => 'proven'));
  expect(most).toBe(4);
});

test('an abort ends a proof, while it looks and while it waits', async () => {
  const reason = new Error('enough');
  const port = await httpServer((_request, response) => response.end());
  const controller = new AbortController();
  const { prover } = provingRig({
    edgeAddress: `http://127.0.0.1:${port}`,
    wait: (_ms, signal) => {
      controller.abort(reason);
      signal?.throwIfAborted();
      return Promise.resolve();
    },
  });
  const { signal } = controller;
  await expect(prover.prove(subject(), 'closed', { signal })).rejects.toBe(reason);
  await expect(prover.prove(subject(), 'closed', { signal })).rejects.toBe(reason);
});

describe('observe', () => {
  test('looks once, and says what visitors get', async () => {
    const { prover, emulator, elapsed } = await edgeRig();
    await using _ = emulator;
    const both = subject({ subdomainList: 'api' });
    expect((await prover.observe(both, 'open')).state).toBe('open');
    emulator.addRule(DOMAIN, { ...EVERYTHING, pattern: `${DOMAIN}/*` });
    expect(await prover.observe(both, 'closed')).toMatchObject({
      state: 'mixed',
      hosts: [
        { verdict: 'closed', asWanted: true, message: 'site-1.example redirects to the maintenance page.' },
        { verdict: 'open', asWanted: false },
      ],
    });
    emulator.addRule(DOMAIN, EVERYTHING);
    expect((await prover.observe(both, 'closed')).state).toBe('maintenance');
    emulator.setZone(DOMAIN, { dns: [{ name: '@', proxied: true }] });
    expect((await prover.observe(both, 'closed')).state).toBe('unknown');
    expect(elapsed()).toBe(0);
  });

  test('a host that shows something else is a difference, whatever cannot be told of the others', async () => {
    const { prover, emulator } = await edgeRig({
      zones: [{ name: DOMAIN, dns: [{ name: '@', proxied: true }] }],
    });
    await using _ = emulator;
    const withGone = subject({ subdomainList: 'gone' });
    expect(await prover.observe(withGone, 'closed')).toMatchObject({ state: 'unknown', differs: true });
    expect(await prover.observe(withGone, 'open')).toMatchObject({ state: 'unknown', differs: false });
    emulator.addRule(DOMAIN, EVERYTHING);
    expect(await prover.observe(withGone, 'closed')).toMatchObject({ state: 'unknown', differs: false });
    expect(await prover.observe(withGone, 'open')).toMatchObject({ state: 'unknown', differs: true });
  });

  test('so is an open path of a closed host that is not open', async () => {
    const { prover, emulator } = await edgeRig();
    await using _ = emulator;
    emulator.addRule(DOMAIN, EVERYTHING);
    const observed = await prover.observe(subject({ openPaths: ['/health'] }), 'closed');
    const path = { path: '/health', verdict: 'closed', asWanted: false };
    expect(observed).toMatchObject({ state: 'maintenance', differs: true, hosts: [{ openPaths: [path] }] });
  });
});

async function portsOf(emulator: Emulator) {
  return { https: await closedPort(), http: Number(new URL(emulator.edge).port) };
}

function looksOf(evidence: unknown): number[] {
  return (evidence as { hosts: { looks: number }[] }).hosts.map(({ looks }) => looks);
}
