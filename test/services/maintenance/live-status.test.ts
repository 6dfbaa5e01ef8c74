import { describe, expect, test } from 'vitest';
import { describeDatabases } from '../../support/describe-databases.ts';
import { failureOf, openWorkplace, requestLines, type Workplace } from '../../support/workplace.ts';

const BOTH_KINDS = [
  'GET /zones/:id/pagerules',
  'GET /zones/:id/rulesets/phases/http_request_dynamic_redirect/entrypoint',
];
const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/';

/** The live status, and proof that looking changed nothing. */
async function look(place: Workplace, domain = DOMAIN) {
  const { app, emulator } = place;
  const before = {
    rules: emulator.rules(domain),
    site: { ...(await place.site(domain)) },
    rows: await app.logs.count(),
  };
  emulator.clearRequests();
  const status = await app.maintenance(await place.site(domain)).getLiveStatus();
  expect(emulator.requests({ write: true })).toEqual([]);
  const after = {
    rules: emulator.rules(domain),
    site: { ...(await place.site(domain)) },
    rows: await app.logs.count(),
  };
  expect(after).toEqual(before);
  return status;
}

function onlyRule({ emulator }: Workplace, domain = DOMAIN): string {
  const [rule, ...others] = emulator.rules(domain);
  expect(others).toEqual([]);
  return rule?.id ?? '';
}

async function visit({ emulator }: Workplace): Promise<string | number> {
  const { status, location } = await emulator.visit(`http://www.${DOMAIN}/`);
  return location ?? status;
}

describeDatabases((_kind, databases) => {
  const open = async (options: Parameters<typeof openWorkplace>[1] = {}): Promise<Workplace> =>
    openWorkplace(await databases.migratedUrl(), {
      ...options,
      emulator: { plan: 'pro', ...options.emulator },
    });
  const openClosed = async (domain = DOMAIN) => {
    const place = await open();
    await place.app.enableMaintenanceForDomain(domain, 'x', { url: PAGE });
    return place;
  };

  test('an open and a closed site are as intended, at one read of each kind of rules', async () => {
    await using place = await openClosed();
    await expect(look(place)).resolves.toMatchObject({
      intended: 'maintenance',
      configured: 'maintenance',
      observed: 'unknown',
      differs: false,
      drift: [],
      doubtful: [],
      error: null,
    });
    expect(requestLines(place.emulator).toSorted()).toEqual(BOTH_KINDS);
    await expect(look(place, 'site-2.example')).resolves.toMatchObject({
      intended: 'open',
      configured: 'open',
      differs: false,
    });
  });

  test('what visitors get is looked at when it is asked for, and stands beside what is configured', async () => {
    await using place = await open({ emulator: { propagationMs: 3_600_000 } });
    const service = place.app.maintenance(await place.site(DOMAIN));
    await service.enableMaintenance('x', { url: PAGE });
    const early = await service.getLiveStatus({ observe: true });
    expect(early).toMatchObject({
      intended: 'maintenance',
      configured: 'maintenance',
      observed: 'open',
      differs: true,
    });
    expect(early.hosts).toMatchObject([{ host: DOMAIN, verdict: 'open', asWanted: false }, {}, {}]);
    place.emulator.setPropagation(0);
    await service.enableMaintenance('x', { url: `${PAGE}?again` });
    await expect(service.getLiveStatus({ observe: true })).resolves.toMatchObject({
      observed: 'maintenance',
      differs: false,
    });
    await expect(service.getLiveStatus()).resolves.toMatchObject({
      observed: 'unknown',
      hosts: [],
      differs: false,
    });
    await service.disableMaintenance();
    await expect(service.getLiveStatus({ observe: true })).resolves.toMatchObject({
      intended: 'open',
      observed: 'open',
      differs: false,
    });
  });

  test('a redirect rule that runs before our page rule is named, and what visitors get tells that it wins', async () => {
    await using place = await openClosed();
    place.emulator.addRedirectRule(DOMAIN, {
      expression: `http.host eq "${DOMAIN}"`,
      redirectTo: 'https://elsewhere.example.org/',
    });
    const [status] = await place.app.getLiveStatuses([await place.site(DOMAIN)], { observe: true });
    expect(status).toMatchObject({
      configured: 'maintenance',
      observed: 'mixed',
      differs: true,
      drift: [{ kind: 'outranked', by: { url: 'https://elsewhere.example.org/' } }],
    });
  });

  test('before our redirect rule, one that has nothing to do with the site is no difference, and one that may win is', async () => {
    await using place = await openWorkplace(await databases.migratedUrl(), { engine: 'redirect_rules' });
    await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
    const add = (expression: string) =>
      place.emulator.addRedirectRule(DOMAIN, {
        expression,
        redirectTo: 'https://elsewhere.example.org/',
        index: 1,
      });
    const live = async () => (await place.app.getLiveStatuses([await place.site(DOMAIN)]))[0];
    add('http.host eq "unrelated.other.test"');
    expect(await live()).toMatchObject({ configured: 'maintenance', differs: false, drift: [] });
    const { id } = add('http.host ne "other.test"');
    expect(await live()).toMatchObject({ differs: true, drift: [{ kind: 'outranked', by: { id } }] });
  });

  describe('a rule of ours that was touched by hand', () => {
    const cases: [string, (place: Workplace) => void, object][] = [
      [
        'deleted',
        (place) => place.emulator.removeRule(DOMAIN, onlyRule(place)),
        { configured: 'open', drift: [{ kind: 'missing', origin: 'cloudflare', found: null }] },
      ],
      [
        'switched off',
        (place) => place.emulator.editRule(DOMAIN, onlyRule(place), { status: 'disabled' }),
        { configured: 'open', drift: [{ kind: 'disabled', found: { active: false } }] },
      ],
      [
        'sent elsewhere',
        (place) =>
          place.emulator.editRule(DOMAIN, onlyRule(place), { forwardTo: 'https://else.example.net/' }),
        {
          configured: 'maintenance',
          drift: [{ kind: 'changed', url: PAGE, found: { url: 'https://else.example.net/' } }],
        },
      ],
      [
        'given another pattern',
        (place) => place.emulator.editRule(DOMAIN, onlyRule(place), { pattern: `www.${DOMAIN}/*` }),
        {
          configured: 'mixed',
          drift: [{ kind: 'changed', pattern: `*${DOMAIN}/*`, found: { pattern: `www.${DOMAIN}/*` } }],
        },
      ],
      [
        'put below a rule that takes all of it',
        (place) =>
          place.emulator.addRule(DOMAIN, {
            pattern: '*-1.example/*',
            actions: [{ id: 'always_use_https' }],
            priority: 9,
          }),
        {
          configured: 'open',
          drift: [{ kind: 'outranked', by: { pattern: '*-1.example/*', url: null, site: null } }],
        },
      ],
      [
        'put below a redirect of a part of it',
        (place) =>
          place.emulator.addRule(DOMAIN, {
            pattern: `${DOMAIN}/shop*`,
            forwardTo: 'https://shop.example.net/',
            priority: 9,
          }),
        {
          configured: 'mixed',
          drift: [
            { kind: 'outranked', by: { pattern: `${DOMAIN}/shop*`, url: 'https://shop.example.net/' } },
          ],
        },
      ],
    ];

    test.each(cases)('and %s is named; enable repairs it', async (_what, touch, expected) => {
      await using place = await openClosed();
      touch(place);
      await expect(look(place)).resolves.toMatchObject({
        intended: 'maintenance',
        differs: true,
        ...expected,
      });
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
      await expect(look(place)).resolves.toMatchObject({
        configured: 'maintenance',
        differs: false,
        drift: [],
      });
      expect(await visit(place)).toBe(PAGE);
    });

    test.each(cases.slice(0, 4))(
      'and %s does not keep disable from opening the site',
      async (_what, touch) => {
        await using place = await openClosed();
        touch(place);
        await place.app.disableMaintenanceForDomain(DOMAIN);
        await expect(look(place)).resolves.toMatchObject({
          intended: 'open',
          configured: 'open',
          differs: false,
        });
        expect(place.emulator.rules(DOMAIN)).toEqual([]);
        expect(await visit(place)).toBe(200);
      },
    );
  });

  test('a rule that was replaced and that the user changed meanwhile is reported, and left alone', async () => {
    await using place = await open();
    const { id } = place.emulator.addRule(DOMAIN, {
      pattern: `*${DOMAIN}/*`,
      actions: [{ id: 'always_use_https' }],
    });
    await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
    place.emulator.editRule(DOMAIN, id, { actions: [{ id: 'cache_level', value: 'bypass' }] });
    await expect(look(place)).resolves.toMatchObject({
      configured: 'open',
      differs: true,
      drift: [{ kind: 'replaced_changed', ruleId: id, found: { url: null } }],
      doubtful: [],
    });
    await place.app.disableMaintenanceForDomain(DOMAIN);
    expect(place.emulator.rules(DOMAIN)).toMatchObject([
      { id, actions: [{ id: 'cache_level', value: 'bypass' }] },
    ]);
    await expect(look(place)).resolves.toMatchObject({ configured: 'open', differs: false });
  });

  describe('a closed site that is edited here', () => {
    test('shows the coverage and the page that are not applied yet, until enable applies them', async () => {
      await using place = await open();
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x');
      await place.app.sites.update({ domain: DOMAIN }, { maintenanceUrl: PAGE });
      await expect(look(place)).resolves.toMatchObject({
        configured: 'maintenance',
        differs: true,
        drift: [{ kind: 'changed', origin: 'here', url: PAGE }],
      });
      await place.app.sites.update({ domain: DOMAIN }, { includeSubdomains: false, subdomainList: 'api' });
      const { drift } = await look(place);
      expect(drift.map(({ kind, origin, pattern }) => [kind, origin, pattern])).toEqual([
        ['changed', 'here', `*${DOMAIN}/*`],
        ['changed', 'here', `${DOMAIN}/*`],
        ['changed', 'here', `api.${DOMAIN}/*`],
      ]);
      await place.app.enableMaintenanceForDomain(DOMAIN, 'x');
      await expect(look(place)).resolves.toMatchObject({ configured: 'maintenance', differs: false });
    });
  });

  test('a site whose end has come has a rule that no hold wants', async () => {
    await using place = await open();
    const until = new Date(place.clock.now().getTime() + 60_000);
    await place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE, until });
    place.clock.advance(60_000);
    await expect(look(place)).resolves.toMatchObject({
      intended: 'maintenance',
      differs: true,
      drift: [{ kind: 'rule_without_hold', url: null }],
    });
  });

  describe('a redirect that is not recorded here', () => {
    test('is doubtful; to a page in use here it counts as closed, else nobody can say', async () => {
      await using place = await open();
      const { id } = place.emulator.addRule(DOMAIN, {
        pattern: `*${DOMAIN}/*`,
        forwardTo: `https://docs.djangocfg.com/maintenance?site=${DOMAIN}`,
      });
      await expect(look(place)).resolves.toMatchObject({
        intended: 'open',
        configured: 'maintenance',
        differs: true,
        drift: [],
        doubtful: [{ id, knownPage: true }],
      });
      place.emulator.editRule(DOMAIN, id, { forwardTo: 'https://other.example.net/' });
      await expect(look(place)).resolves.toMatchObject({
        configured: 'unknown',
        differs: true,
        doubtful: [{ id, knownPage: false, url: 'https://other.example.net/' }],
      });
    });

    test('of the user to a host of the same site is not doubtful', async () => {
      await using place = await open();
      place.emulator.addRule(DOMAIN, { pattern: `${DOMAIN}/*`, forwardTo: `https://www.${DOMAIN}/$1` });
      await expect(look(place)).resolves.toMatchObject({ configured: 'open', differs: false, doubtful: [] });
    });
  });

  test('an interrupted operation is part of what is shown, and its rule is ours', async () => {
    await using place = await open({ app: { maxRetries: 0 } });
    place.emulator.addFault({ kind: 'dropReply', method: 'POST', nth: 1 });
    place.emulator.addFault({ kind: 'serverError', method: 'GET', status: 503 });
    await failureOf(place.app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE }), 'api_unavailable');
    place.emulator.clearFaults();
    const id = onlyRule(place);
    await expect(look(place)).resolves.toMatchObject({
      intended: 'open',
      configured: 'maintenance',
      differs: true,
      drift: [{ kind: 'rule_without_hold', ruleId: id }],
      doubtful: [],
      operations: [{ action: 'enable', running: false }],
    });
  });

  test.each(['enable', 'disable'] as const)('a running %s is no difference', async (action) => {
    await using place = await (action === 'enable' ? open() : openClosed());
    const hold = place.emulator.hold({ when: 'after', writesOnly: true });
    const { app } = place;
    const running =
      action === 'enable'
        ? app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE })
        : app.disableMaintenanceForDomain(DOMAIN);
    await expect.poll(() => hold.state).toBe('reached');
    const status = await app.maintenance(await place.site(DOMAIN)).getLiveStatus();
    expect(status).toMatchObject({ differs: false, drift: [], operations: [{ action, running: true }] });
    await hold.release();
    await running;
    await expect(look(place)).resolves.toMatchObject({ differs: false, operations: [] });
  });

  test('several sites of one zone are read once, and one that is closed along with another says so', async () => {
    await using place = await openClosed();
    await place.app.sites.create({ domain: `a.${DOMAIN}`, engine: 'page_rules' });
    await place.app.sites.create({ domain: `b.${DOMAIN}`, engine: 'page_rules' });
    const sites = await place.app.sites.all();
    place.emulator.clearRequests();
    const statuses = await place.app.getLiveStatuses(sites);
    expect(requestLines(place.emulator).toSorted()).toEqual(Array(3).fill(BOTH_KINDS).flat().toSorted());
    expect(statuses.map(({ domain, configured }) => [domain, configured])).toEqual([
      [`a.${DOMAIN}`, 'maintenance'],
      [`b.${DOMAIN}`, 'maintenance'],
      [DOMAIN, 'maintenance'],
      ['site-2.example', 'open'],
      ['site-3.example', 'open'],
    ]);
    expect(statuses[0]?.drift).toMatchObject([{ kind: 'closed_by_other_site', by: { site: DOMAIN } }]);
  });

  test('an open site below one that redirect rules have closed is closed along with it, and says so', async () => {
    await using place = await open({ engine: 'redirect_rules' });
    const { app } = place;
    await app.sites.create({ domain: `a.${DOMAIN}` });
    await app.sites.create({ domain: `b.${DOMAIN}`, engine: 'redirect_rules' });
    await app.enableMaintenanceForDomain(DOMAIN, 'x', { url: PAGE });
    const statusOf = async (domain: string) => app.maintenance(await place.site(domain)).getLiveStatus();
    for (const domain of [`a.${DOMAIN}`, `b.${DOMAIN}`]) {
      expect(await statusOf(domain)).toMatchObject({
        intended: 'open',
        configured: 'maintenance',
        differs: true,
        drift: [{ kind: 'closed_by_other_site', by: { site: DOMAIN, url: PAGE } }],
        doubtful: [],
      });
    }
    expect(await statusOf(DOMAIN)).toMatchObject({ configured: 'maintenance', differs: false });
    await app.disableMaintenanceForDomain(DOMAIN);
    expect(await statusOf(`a.${DOMAIN}`)).toMatchObject({ configured: 'open', differs: false, drift: [] });
  });

  test('a zone that cannot be read is unknown, with an error of its own; the others are read', async () => {
    await using place = await openClosed();
    const { id } = place.emulator.zone(DOMAIN);
    place.emulator.addFault({
      kind: 'refuse',
      method: 'GET',
      path: new RegExp(id),
      status: 403,
      code: 10000,
      message: 'no',
    });
    const [first, second] = await place.app.getLiveStatuses(await place.app.sites.all());
    expect(first).toMatchObject({
      configured: 'unknown',
      differs: false,
      error: { code: 'api_permission_denied' },
    });
    expect(second).toMatchObject({ configured: 'open', error: null });
  });

  test('a zone that is gone from Cloudflare says so', async () => {
    await using place = await openClosed();
    place.emulator.removeZone(DOMAIN);
    const [status] = await place.app.getLiveStatuses([await place.site(DOMAIN)]);
    expect(status).toMatchObject({
      intended: 'maintenance',
      configured: 'unknown',
      error: { code: 'not_found' },
    });
    expect(status?.error?.message).toContain('is gone from Cloudflare');
  });

  test('a site whose zone is not known yet is looked up, and nothing of it is stored', async () => {
    await using place = await open();
    await using bare = await place.openAgain();
    await place.app.database.transaction((em) =>
      em.execute(
        'update cloudflare_site set zone_id = null, zone_name = null where domain = ?',
        [DOMAIN],
        'run',
      ),
    );
    await expect(look(place)).resolves.toMatchObject({ configured: 'open', error: null });
    expect((await bare.sites.get({ domain: DOMAIN })).zoneId).toBeNull();
  });

  test('an operation that ends while its zone is read does not look like drift', async () => {
    await using place = await openClosed();
    place.emulator.clearRequests();
    place.emulator.addFault({ kind: 'slow', method: 'GET', ms: 2000, nth: 1 });
    const looking = place.app.maintenance(await place.site(DOMAIN)).getLiveStatus();
    await expect.poll(() => place.emulator.requests({ method: 'GET' }).length).toBeGreaterThan(0);
    await using other = await place.openAgain();
    await other.disableMaintenanceForDomain(DOMAIN);
    await expect(looking).resolves.toMatchObject({ intended: 'open', configured: 'open', differs: false });
  });
});
