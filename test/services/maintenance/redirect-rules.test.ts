import { describe, expect, test } from 'vitest';
import type { EngineChoice } from '../../../src/domain/edge-state.ts';
import type { RedirectRule } from '../../../src/emulator/index.ts';
import { describeDatabases } from '../../support/describe-databases.ts';
import { essence, failureOf, openWorkplace, requestLines } from '../../support/workplace.ts';

const DOMAIN = 'site-1.example';
const PAGE = 'https://status.example.net/down?site=1';
const RULES = '/zones/:id/rulesets/:id/rules';
const ENTRYPOINT = 'GET /zones/:id/rulesets/phases/http_request_dynamic_redirect/entrypoint';

/** Everything of the rules but when and how often they were changed. */
const rulesOf = (rules: readonly RedirectRule[]) =>
  rules.map(({ last_updated: _, version: __, ...rest }) => rest);

describeDatabases((_kind, databases) => {
  const open = async (engine: EngineChoice = 'redirect_rules', plan: 'free' | 'pro' = 'free') => {
    const place = await openWorkplace(await databases.migratedUrl(), { emulator: { plan }, engine });
    const service = place.app.maintenance(await place.site(DOMAIN));
    const visit = (path = '/', from?: string) =>
      place.emulator.visit(`https://www.${DOMAIN}${path}`, from === undefined ? {} : { from });
    return { ...place, place, service, visit, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  };

  test('closes and reopens a site, with one call each once the ruleset is known', async () => {
    await using at = await open();
    const { emulator, service, visit } = at;
    await service.enableMaintenance('first', { url: PAGE });
    expect(requestLines(emulator)).toEqual([ENTRYPOINT, 'POST /zones/:id/rulesets']);
    expect(await visit('/any')).toMatchObject({ status: 302, location: PAGE });
    emulator.clearRequests();
    const { status, plan } = await service.disableMaintenance();
    expect({ status, plan }).toMatchObject({ status: 'success', plan: { engine: 'redirect_rules' } });
    expect(requestLines(emulator)).toEqual([`DELETE ${RULES}/:id`]);
    expect((await visit()).status).toBe(200);
    expect(emulator.redirectRules(DOMAIN)).toEqual([]);

    emulator.clearRequests();
    await at.app.maintenance(await at.site(DOMAIN)).enableMaintenance('again', { url: PAGE });
    await at.app.maintenance(await at.site(DOMAIN)).disableMaintenance();
    expect(requestLines(emulator)).toEqual([`POST ${RULES}`, `DELETE ${RULES}/:id`]);
  });

  test('goes before all rules of the user, page rules included, and leaves them as they are', async () => {
    await using at = await open();
    const { emulator, service, visit } = at;
    emulator.addRedirectRule(DOMAIN, {
      expression: 'true',
      redirectTo: 'https://elsewhere.example.org/',
    });
    emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, forwardTo: 'https://page.example.org/' });
    const before = [rulesOf(emulator.redirectRules(DOMAIN)), essence(emulator.rules(DOMAIN))];
    await service.enableMaintenance('x', { url: PAGE });
    expect((await visit()).location).toBe(PAGE);
    await service.disableMaintenance();
    expect([rulesOf(emulator.redirectRules(DOMAIN)), essence(emulator.rules(DOMAIN))]).toEqual(before);
  });

  test('lets open paths and bypass addresses through, and nobody else', async () => {
    await using at = await open('auto');
    await at.app.sites.update(
      { domain: DOMAIN },
      { openPaths: ['/health', '/webhooks/*'], bypassIps: ['203.0.113.0/24', '2001:db8::/32'] },
    );
    const { plan } = await at.service.enableMaintenance('x', { url: PAGE });
    expect(plan).toMatchObject({ engine: 'redirect_rules', why: expect.stringContaining('open paths') });
    for (const path of ['/health', '/health?deep=1', '/webhooks/', '/webhooks/stripe']) {
      expect([path, (await at.visit(path)).status]).toEqual([path, 200]);
    }
    for (const path of ['/', '/healthy', '/health/', '/webhooks', '/Health']) {
      expect([path, (await at.visit(path)).location]).toEqual([path, PAGE]);
    }
    expect((await at.visit('/', '203.0.113.99')).status).toBe(200);
    expect((await at.visit('/', '2001:db8:1::1')).status).toBe(200);
    expect((await at.visit('/', '203.0.114.1')).location).toBe(PAGE);
    await at.service.disableMaintenance();
    expect((await at.visit()).status).toBe(200);
  });

  test('updates and repairs its rule in place, and moves it back to the top', async () => {
    await using at = await open();
    const { emulator, service, visit } = at;
    await service.enableMaintenance('x', { url: PAGE });
    const [rule] = emulator.redirectRules(DOMAIN);
    await service.enableMaintenance('y', { url: `${PAGE}&again` });
    expect(emulator.redirectRules(DOMAIN)).toMatchObject([{ id: rule?.id }]);
    expect((await visit()).location).toBe(`${PAGE}&again`);

    emulator.addRedirectRule(DOMAIN, {
      expression: 'true',
      redirectTo: 'https://elsewhere.example.org/',
      index: 1,
    });
    expect((await visit()).location).toBe('https://elsewhere.example.org/');
    await service.enableMaintenance('z', { url: `${PAGE}&again` });
    expect((await visit()).location).toBe(`${PAGE}&again`);
    await service.disableMaintenance();
    expect(emulator.redirectRules(DOMAIN)).toHaveLength(1);
  });

  describe('auto', () => {
    test('turns to redirect rules when the pattern is taken by a page rule, which then stays as it is', async () => {
      await using at = await open('auto');
      const { emulator, service, visit } = at;
      emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] });
      const before = essence(emulator.rules(DOMAIN));
      const shown = await service.previewEnable('x', { url: PAGE });
      const row = await service.enableMaintenance('x', { url: PAGE, expect: shown.digest });
      const why = expect.stringContaining('is taken by another page rule');
      for (const plan of [shown, row.plan]) expect(plan).toMatchObject({ engine: 'redirect_rules', why });
      expect(essence(emulator.rules(DOMAIN))).toEqual(before);
      expect((await visit()).location).toBe(PAGE);
      await service.disableMaintenance();
      expect(emulator.redirectRules(DOMAIN)).toEqual([]);
    });

    test('does so also without a look before, when Cloudflare refuses the page rule', async () => {
      await using at = await open('auto');
      at.emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] });
      const { plan } = await at.service.enableMaintenance('x', { url: PAGE });
      expect(plan).toMatchObject({ engine: 'redirect_rules', changes: [{ kind: 'create' }] });
      expect((await at.visit()).location).toBe(PAGE);
      await at.service.disableMaintenance();
      expect((await at.visit()).status).not.toBe(302);
    });

    test('does so when all page rules of the zone are used', async () => {
      await using at = await open('auto');
      for (const name of ['a', 'b', 'c'])
        at.emulator.addRule(DOMAIN, {
          pattern: `${name}.${DOMAIN}/*`,
          actions: [{ id: 'always_use_https' }],
        });
      const { plan } = await at.service.enableMaintenance('x', { url: PAGE });
      expect(plan).toMatchObject({ engine: 'redirect_rules', why: expect.stringContaining('3 of its 3') });
      expect((await at.visit()).location).toBe(PAGE);
    });

    test('stays with page rules when the token may not change redirect rules, and says so', async () => {
      await using at = await open('auto');
      const { emulator, app } = at;
      emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] });
      const before = essence(emulator.rules(DOMAIN));
      const apiToken = emulator.addToken({ permissions: ['Zone Read', 'Page Rules Write'] });
      await app.apiKeys.create({ name: 'narrow', apiToken });
      await app.sites.update({ domain: DOMAIN }, { apiKey: 'narrow' });
      const { plan } = await at.service.enableMaintenance('x', { url: PAGE });
      expect(plan).toMatchObject({
        engine: 'page_rules',
        notes: expect.arrayContaining([expect.objectContaining({ code: 'redirect_rules_not_used' })]),
      });
      await at.service.disableMaintenance();
      expect(essence(emulator.rules(DOMAIN))).toEqual(before);
    });

    test.each([
      ['theirs', 'after a look'],
      [undefined, 'without a look before'],
    ] as const)(
      'goes back to page rules for a token that may only read redirect rules (%s: %s)',
      async (existing, _how) => {
        await using at = await open('auto');
        const { emulator, app } = at;
        emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] });
        const before = essence(emulator.rules(DOMAIN));
        const permissions = ['Zone Read', 'Page Rules Write', 'Dynamic URL Redirects Read'] as const;
        await app.apiKeys.create({
          name: 'narrow',
          apiToken: emulator.addToken({ permissions: [...permissions] }),
        });
        await app.sites.update({ domain: DOMAIN }, { apiKey: 'narrow' });
        const row = await at.service.enableMaintenance('x', { url: PAGE, existing });
        expect(row).toMatchObject({
          status: 'success',
          plan: {
            engine: 'page_rules',
            why: expect.stringContaining('every plan has it'),
            changes: [{ kind: 'replace' }],
            notes: [
              {
                code: 'redirect_rules_not_used',
                message: expect.stringMatching(
                  /is taken by another page rule; but the token lacks the permission/,
                ),
              },
            ],
          },
        });
        expect((await at.visit()).location).toBe(PAGE);
        await at.service.disableMaintenance();
        expect(essence(emulator.rules(DOMAIN))).toEqual(before);
      },
    );

    test('does nothing else than what was shown, and says why it could not be done', async () => {
      await using at = await open('auto');
      const { emulator, app } = at;
      emulator.addRule(DOMAIN, { pattern: `*${DOMAIN}/*`, actions: [{ id: 'always_use_https' }] });
      const permissions = ['Zone Read', 'Page Rules Write', 'Dynamic URL Redirects Read'] as const;
      await app.apiKeys.create({
        name: 'narrow',
        apiToken: emulator.addToken({ permissions: [...permissions] }),
      });
      await app.sites.update({ domain: DOMAIN }, { apiKey: 'narrow' });
      const { digest } = await at.service.previewEnable('x', { url: PAGE });
      const enabling = at.service.enableMaintenance('x', { url: PAGE, expect: digest });
      const { hint } = await failureOf(enabling, 'api_permission_denied');
      expect(hint).toContain('Dynamic URL Redirects Write');
      expect((await at.visit()).location).not.toBe(PAGE);
    });

    test('takes redirect rules for a token that belongs to an account', async () => {
      await using at = await open('auto');
      const apiToken = at.emulator.addToken({ kind: 'account', account: accountOf(at.emulator) });
      await at.app.apiKeys.create({ name: 'account', apiToken });
      await at.app.sites.update({ domain: DOMAIN }, { apiKey: 'account' });
      const { plan } = await at.service.enableMaintenance('x', { url: PAGE });
      expect(plan).toMatchObject({ engine: 'redirect_rules', why: expect.stringContaining('account') });
      expect((await at.visit()).location).toBe(PAGE);
      await at.service.disableMaintenance();
    });
  });

  test('takes over a site that page rules have closed, and hands it back, without opening it in between', async () => {
    await using at = await open('auto');
    const { emulator, service, visit, app } = at;
    await service.enableMaintenance('x', { url: PAGE });
    expect(emulator.rules(DOMAIN)).toHaveLength(1);
    for (const [engine, pages, redirects] of [
      ['redirect_rules', 0, 1],
      ['page_rules', 1, 0],
    ] as const) {
      await app.sites.update({ domain: DOMAIN }, { engine });
      emulator.clearRequests();
      await service.enableMaintenance('y', { url: PAGE });
      const writes = emulator.requests({ write: true }).map(({ method }) => method);
      expect(writes.at(-1)).toBe('DELETE');
      expect([emulator.rules(DOMAIN).length, emulator.redirectRules(DOMAIN).length]).toEqual([
        pages,
        redirects,
      ]);
      expect((await visit()).location).toBe(PAGE);
    }
    await service.disableMaintenance();
    expect((await visit()).status).toBe(200);
  });

  test('a plan by page rules that is shown names the redirect rules that may win over it', async () => {
    await using at = await open('page_rules');
    const rule = { expression: `http.host eq "${DOMAIN}"`, redirectTo: 'https://elsewhere.example.org/' };
    const { id } = at.emulator.addRedirectRule(DOMAIN, rule);
    at.emulator.addRedirectRule(DOMAIN, { ...rule, expression: 'http.host eq "other.example.org"' });
    const { notes } = await at.service.previewEnable('x', { url: PAGE });
    expect(notes).toEqual([{ code: 'redirect_rule_ahead', message: expect.stringContaining(id) }]);
    expect((await at.service.previewDisable()).notes).toEqual([]);
  });

  test('a plan by page rules says when redirect rules could not be read', async () => {
    await using at = await open('page_rules');
    const failing = { kind: 'serverError', method: 'GET', path: '/rulesets', status: 503 } as const;
    at.emulator.addFault({ ...failing, code: 0, message: 'down', when: 'before' });
    const { notes } = await at.service.previewEnable('x', { url: PAGE });
    expect(notes).toEqual([
      { code: 'redirect_rules_unread', message: expect.stringContaining('could not be read') },
    ]);
  });

  test('enabling again by page rules names them as well, and the first time costs no call for it', async () => {
    await using at = await open('page_rules');
    const rule = { expression: `http.host eq "${DOMAIN}"`, redirectTo: 'https://elsewhere.example.org/' };
    const { id } = at.emulator.addRedirectRule(DOMAIN, rule);
    const first = await at.service.enableMaintenance('x', { url: PAGE });
    expect(at.emulator.requests()).toHaveLength(1);
    const notesOf = ({ plan }: typeof first) =>
      (plan as { notes: { code: string; message: string }[] }).notes;
    expect(notesOf(first)).toEqual([]);
    const again = await at.service.enableMaintenance('x', { url: PAGE });
    expect(notesOf(again)).toEqual([{ code: 'redirect_rule_ahead', message: expect.stringContaining(id) }]);
    // What its plan has shown is not read and said twice.
    const { digest } = await at.service.previewEnable('x', { url: PAGE });
    expect(notesOf(await at.service.enableMaintenance('x', { url: PAGE, expect: digest }))).toEqual([]);
    expect(notesOf(await at.service.disableMaintenance())).toEqual([]);
  });

  test('a full quota is named, and nothing is left', async () => {
    await using at = await open();
    for (let n = 0; n < 10; n += 1)
      at.emulator.addRedirectRule(DOMAIN, { expression: `http.host eq "h${n}"`, redirectTo: PAGE });
    const error = await failureOf(at.service.enableMaintenance('x', { url: PAGE }), 'quota_exceeded');
    expect(error.log).toMatchObject({ status: 'failed' });
    expect(error.message).toContain(
      `Cloudflare allows 10 redirect rules in this zone; ${DOMAIN} needs 1, and 10 are there already.`,
    );
    expect(error.details).toMatchObject({ quota: 10, needed: 1 });
    expect(error.hint).toContain('a plan with more redirect rules');
    expect(at.emulator.redirectRules(DOMAIN)).toHaveLength(10);
  });

  test('how many rules there may be is what Cloudflare says, not what is there', async () => {
    await using at = await open();
    const message =
      'exceeded the maximum number of rules in the phase http_request_dynamic_redirect: 2 out of 1';
    const refusal = {
      kind: 'serverError',
      method: 'POST',
      status: 400,
      code: 50001,
      when: 'before',
    } as const;
    at.emulator.addFault({ ...refusal, message });
    const stated = await failureOf(at.service.enableMaintenance('x', { url: PAGE }), 'quota_exceeded');
    expect(stated.message).toContain('Cloudflare allows 1 redirect rule in this zone; ');
    at.emulator.clearFaults();
    at.emulator.addFault({ ...refusal, message: 'too many' });
    const unstated = await failureOf(at.service.enableMaintenance('x', { url: PAGE }), 'quota_exceeded');
    expect(unstated.message).toContain('Cloudflare allows no more redirect rules in this zone; ');
  });

  test.each([
    ['was removed by hand', 'delete'],
    ['was replaced by a new one', 'replace'],
  ] as const)('a ruleset that %s is found again', async (_, how) => {
    await using at = await open();
    const { emulator, service, visit } = at;
    await service.enableMaintenance('x', { url: PAGE });
    emulator.removeRedirectRuleset(DOMAIN);
    if (how === 'replace')
      emulator.addRedirectRule(DOMAIN, { expression: 'http.host eq "a"', redirectTo: PAGE });
    expect((await visit()).status).toBe(200);
    await service.enableMaintenance('y', { url: PAGE });
    expect((await visit()).location).toBe(PAGE);
    emulator.removeRedirectRuleset(DOMAIN);
    await service.disableMaintenance();
    expect((await visit()).status).toBe(200);
    await service.enableMaintenance('z', { url: PAGE });
    expect((await visit()).location).toBe(PAGE);
  });

  test('a rule of another installation is refused, adopted with ours, and left alone with theirs', async () => {
    await using at = await open();
    const { emulator, service, visit } = at;
    const theirs = {
      expression: `(lower(http.host) eq "${DOMAIN}" or ends_with(lower(http.host), ".${DOMAIN}"))`,
      redirectTo: 'https://old.example.org/',
      ref: `intermission:${'a'.repeat(32)}:7`,
    };
    emulator.addRedirectRule(DOMAIN, theirs);
    let before = rulesOf(emulator.redirectRules(DOMAIN));
    const refuse = async (work: Promise<unknown>) => {
      const error = await failureOf(work, 'rule_conflict');
      expect(error.details['doubtful']).toMatchObject([{ id: before.at(-1)?.id }]);
      expect(rulesOf(emulator.redirectRules(DOMAIN))).toEqual(before);
    };
    await refuse(service.enableMaintenance('x', { url: PAGE }));
    await refuse(service.disableMaintenance());
    expect(rulesOf(emulator.redirectRules(DOMAIN))).toEqual(before);

    await service.enableMaintenance('x', { url: PAGE, existing: 'theirs' });
    expect((await visit()).location).toBe(PAGE);
    await service.disableMaintenance({ existing: 'theirs' });
    expect(rulesOf(emulator.redirectRules(DOMAIN))).toEqual(before);

    // The ruleset is known by now, so nothing is read before: what the reply shows is judged all the same.
    const third = emulator.addRedirectRule(DOMAIN, { ...theirs, ref: `${theirs.ref}8` });
    before = rulesOf(emulator.redirectRules(DOMAIN));
    emulator.clearRequests();
    await refuse(at.app.maintenance(await at.site(DOMAIN)).enableMaintenance('y', { url: PAGE }));
    expect(requestLines(emulator)[0]).toBe(`POST ${RULES}`);

    await service.enableMaintenance('x', { url: PAGE, existing: 'ours' });
    expect(emulator.redirectRules(DOMAIN)).toMatchObject([{ id: third.id }, { id: before[0]?.id }]);
    expect((await visit()).location).toBe(PAGE);
    await service.disableMaintenance();
    expect(rulesOf(emulator.redirectRules(DOMAIN))).toEqual(before.slice(0, 1));
  });

  test('an adopted rule is put back as it was found when closing fails', async () => {
    await using at = await open();
    const { emulator, service } = at;
    const rule = { expression: `(lower(http.host) eq "${DOMAIN}")`, redirectTo: 'https://old.example.org/' };
    emulator.addRedirectRule(DOMAIN, { expression: 'http.host eq "first"', redirectTo: PAGE });
    emulator.addRedirectRule(DOMAIN, { ...rule, ref: `intermission:${'a'.repeat(32)}:7`, statusCode: 307 });
    emulator.addRedirectRule(DOMAIN, { ...rule, ref: `intermission:${'a'.repeat(32)}:8` });
    emulator.addRedirectRule(DOMAIN, { expression: 'http.host eq "last"', redirectTo: PAGE });
    const before = rulesOf(emulator.redirectRules(DOMAIN));
    emulator.addFault({ kind: 'refuse', method: 'DELETE', status: 400, code: 20000, messages: ['No.'] });
    await failureOf(service.enableMaintenance('x', { url: PAGE, existing: 'ours' }), 'api_rejected');
    expect(rulesOf(emulator.redirectRules(DOMAIN))).toEqual(before);
  });
});

function accountOf(emulator: { zone(name: string): { account: { id: string } } }): string {
  return emulator.zone(DOMAIN).account.id;
}
