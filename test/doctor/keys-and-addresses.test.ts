import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/doctor/finding.ts';
import { describeDatabases } from '../support/describe-databases.ts';
import { complaints, openDoctor } from './open-doctor.ts';

const DOMAIN = 'site-1.example';

function messagesOf(found: readonly Finding[], check: string): string[] {
  return found.filter((each) => each.check === check).map(({ message }) => message);
}

describeDatabases((_kind, databases) => {
  const openPlace = async () => openDoctor(await databases.migratedUrl());

  describe('a token', () => {
    test('that may do everything: what it may read, that writing was not tried, and how many calls are left', async () => {
      await using place = await openPlace();
      const found = await place.ask();
      expect(messagesOf(found, 'API key')).toEqual(['"main" works and sees 3 zones.']);
      expect(messagesOf(found, 'Permissions')).toEqual([
        '"main": page rules readable, redirect rules readable, writing untested.',
      ]);
      expect(messagesOf(found, 'Calls')).toEqual([expect.stringMatching(/^"main" has 11\d\d calls left\.$/)]);
    });

    test('for page rules alone is in order: redirect rules are only missed where they are needed', async () => {
      await using place = await openPlace();
      const { emulator } = place;
      emulator.setToken(emulator.token, { permissions: ['Zone Read', 'Page Rules Write'] });
      const found = await place.ask();
      expect(complaints(found)).toEqual([]);
      expect(messagesOf(found, 'Permissions')).toEqual([
        '"main": page rules readable, redirect rules not readable, writing untested.',
      ]);
    });

    test('of an account: page rules cannot work, redirect rules do, unless it may not read them', async () => {
      await using place = await openPlace();
      const { emulator, app } = place;
      const account = { kind: 'account', account: emulator.zone(DOMAIN).account.id } as const;
      for (const [name, permissions] of [
        ['all', undefined],
        ['narrow', ['Zone Read']],
      ] as const) {
        const apiToken = emulator.addToken({ ...account, ...(permissions && { permissions }) });
        await app.apiKeys.create({ name, apiToken });
      }
      const found = await place.ask();
      expect(messagesOf(found, 'Permissions')).toContain(
        '"all": page rules refused to accounts, redirect rules readable, writing untested.',
      );
      expect(complaints(found)).toEqual([
        expect.stringMatching(/^warning Permissions: "all": .*closed by redirect rules/),
        expect.stringMatching(/^warning Permissions: "narrow": .*closed by redirect rules/),
        expect.stringMatching(
          /^broken Permissions: "narrow": The token may not read the redirect rules of site-1/,
        ),
      ]);
    });

    test('of the environment is asked when no key is stored, and only then', async () => {
      await using place = await openPlace();
      const token = place.emulator.addToken();
      const CLOUDFLARE_API_TOKEN = token;
      expect(messagesOf(await place.ask({ CLOUDFLARE_API_TOKEN }), 'API key')).toEqual([
        '"main" works and sees 3 zones.',
      ]);
      await place.app.apiKeys.deactivate({ name: 'main' });
      expect(messagesOf(await place.ask({ CLOUDFLARE_API_TOKEN }), 'Permissions')).toEqual([
        'CLOUDFLARE_API_TOKEN: page rules readable, redirect rules readable, writing untested.',
      ]);
    });

    test('without a zone says so', async () => {
      await using place = await openPlace();
      place.emulator.setToken(place.emulator.token, { zones: [] });
      expect(complaints(await place.ask()).join('\n')).toMatch(
        /^warning Permissions: "main": The token sees no zone/m,
      );
    });

    test('whose user has hardly any calls left can still reopen sites, and that is all', async () => {
      await using place = await openDoctor(await databases.migratedUrl(), {
        rateLimit: { requests: 80, windowSeconds: 300 },
      });
      expect(complaints(await place.ask())).toEqual([
        expect.stringMatching(/^warning Calls: "main" has \d\d calls left until 20.*Z\.$/),
      ]);
    });
  });

  describe('quota', () => {
    const fill = (
      place: Awaited<ReturnType<typeof openPlace>>,
      domain: string,
      pages: number,
      redirects = 0,
    ) => {
      for (let n = 1; n <= pages; n += 1)
        place.emulator.addRule(domain, {
          pattern: `p${n}.${domain}/*`,
          actions: [{ id: 'always_use_https' }],
        });
      for (let n = 1; n <= redirects; n += 1)
        place.emulator.addRedirectRule(domain, {
          expression: `http.host eq "r${n}.${domain}"`,
          redirectTo: 'https://else.example.net/',
        });
    };

    test('is counted over all zones in one line', async () => {
      await using place = await openPlace();
      fill(place, DOMAIN, 1, 2);
      const found = await place.ask();
      expect(messagesOf(found, 'Quota')).toEqual([
        'In use: 1 of 9 page rules in 3 zones, 2 of 30 redirect rules in 3 zones.',
      ]);
    });

    test('names the zones that are full, that have room for one, and where nothing can be closed', async () => {
      await using place = await openPlace();
      fill(place, DOMAIN, 3, 10);
      fill(place, 'site-2.example', 3, 9);
      fill(place, 'site-3.example', 2, 10);
      const found = await place.ask();
      expect(complaints(found)).toEqual([
        'broken Quota: No room for another rule of any kind in site-1.example: open sites there cannot be closed.',
        'warning Quota: No room for more page rules in site-2.example (3 of 3).',
        'warning Quota: No room for more redirect rules in site-3.example (10 of 10).',
      ]);
      expect(messagesOf(found, 'Quota')).toEqual(
        expect.arrayContaining([
          'Room for one of the page rules in site-3.example (2 of 3).',
          'Room for one of the redirect rules in site-2.example (9 of 10).',
        ]),
      );
    });

    test('of rules that the token may not read there is no room to count on', async () => {
      await using place = await openPlace();
      fill(place, DOMAIN, 3);
      const permissions = ['Zone Read', 'Page Rules Write'] as const;
      const apiToken = place.emulator.addToken({ permissions: [...permissions] });
      await place.app.apiKeys.create({ name: 'narrow', apiToken });
      await place.app.sites.update({ domain: DOMAIN }, { apiKey: 'narrow' });
      expect(complaints(await place.ask()).filter((line) => line.includes('Quota'))).toEqual([
        `broken Quota: No room for more page rules in ${DOMAIN} (3 of 3), and redirect rules cannot be read there: open sites there cannot be closed.`,
      ]);
      await expect(place.app.enableMaintenanceForDomain(DOMAIN, 'x')).rejects.toMatchObject({
        code: 'quota_exceeded',
      });
    });

    test('matters only where a site is still open', async () => {
      await using place = await openPlace();
      fill(place, DOMAIN, 2);
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x');
      expect(complaints(await place.ask())).toEqual([]);
    });
  });

  test('a redirect rule that wins over the rule of a closed site is named', async () => {
    await using place = await openPlace();
    await place.app.enableMaintenanceForDomain(DOMAIN, 'x');
    place.emulator.addRedirectRule(DOMAIN, {
      expression: `http.host eq "${DOMAIN}"`,
      redirectTo: 'https://elsewhere.example.org/',
    });
    expect(complaints(await place.ask())).toEqual([
      `broken Rules: ${DOMAIN} is not at Cloudflare as intended: outranked by http.host eq "${DOMAIN}" → https://elsewhere.example.org/.`,
    ]);
  });

  test('visits that go to an edge address are no proof for the internet', async () => {
    await using place = await openPlace();
    const said = complaints(await place.ask({ INTERMISSION_EDGE_ADDRESS: place.emulator.edge }));
    expect(said).toEqual([
      expect.stringMatching(/^warning Edge address: INTERMISSION_EDGE_ADDRESS is set: proof looks at http/),
    ]);
  });

  describe('the public address', () => {
    const check = 'Public address';

    test('need not be set; then it is said where visitors go', async () => {
      await using place = await openPlace();
      expect(messagesOf(await place.ask(), check)).toEqual([
        'INTERMISSION_PUBLIC_URL is not set. Visitors of closed sites go to https://docs.djangocfg.com/maintenance?site={domain}, unless a site has a page of its own.',
      ]);
    });

    test('must answer, and not be private; without https it is worth a word', async () => {
      await using place = await openPlace();
      const server = createServer((_request, reply) => reply.writeHead(status).end());
      let status = 404;
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const INTERMISSION_PUBLIC_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const ask = async (more = {}) => complaints(await place.ask({ INTERMISSION_PUBLIC_URL, ...more }));
      const INTERMISSION_ALLOW_PRIVATE_TARGETS = '1';
      const unencrypted = expect.stringMatching(/^warning Public address: .* is not https/);
      expect(await ask()).toEqual([
        expect.stringMatching(
          /^warning Public address: .* was not asked: 127\.0\.0\.1 is not a public address/,
        ),
        unencrypted,
      ]);
      expect(await ask({ INTERMISSION_ALLOW_PRIVATE_TARGETS })).toEqual([unencrypted]);
      status = 502;
      expect(await ask({ INTERMISSION_ALLOW_PRIVATE_TARGETS })).toEqual([
        expect.stringMatching(/^broken Public address: .* answers 502\.$/),
        unencrypted,
      ]);
      await new Promise((done) => server.close(done));
      expect(await ask({ INTERMISSION_ALLOW_PRIVATE_TARGETS })).toEqual([
        expect.stringMatching(/^broken Public address: .* does not answer: /),
        unencrypted,
      ]);
    });

    test('must not be closed itself', async () => {
      await using place = await openPlace();
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x');
      const found = await place.ask({ INTERMISSION_PUBLIC_URL: `https://pages.${DOMAIN}` });
      expect(complaints(found)).toEqual([
        `broken Public address: https://pages.${DOMAIN} is closed, along with ${DOMAIN}: nobody reaches it.`,
        // Visitors are to get the page at that address now, and are sent to the one of before.
        `broken Rules: ${DOMAIN} is not at Cloudflare as intended: changed.`,
      ]);
    });
  });
});
