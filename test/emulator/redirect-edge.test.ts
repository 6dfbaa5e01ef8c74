import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { createClock, redirecting, rulesetsPath, send } from './client.ts';

const clock = createClock();
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 1, now: clock.now, rateLimit: false });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const zone = 'site-1.example';
const url = 'https://www.site-1.example/shop?x=1';
const add = (expression: string, fields = {}) =>
  emulator.addRedirectRule(zone, {
    expression,
    redirectTo: 'https://status.example.net/',
    statusCode: 302,
    ...fields,
  });

describe('a redirect rule', () => {
  test('redirects what matches, with cf-ray, and nothing else', async () => {
    add('http.host eq "www.site-1.example"');
    const visit = await emulator.visit(url);
    expect(visit).toMatchObject({ status: 302, location: 'https://status.example.net/', body: '' });
    expect(visit.headers['cf-ray']).toBeDefined();
    expect((await emulator.visit('https://site-1.example/')).status).toBe(200);
  });

  test('is 301 unless it says otherwise', async () => {
    emulator.addRedirectRule(zone, { expression: 'true', redirectTo: 'https://x.example/' });
    expect((await emulator.visit(url)).status).toBe(301);
  });

  test('wins over a page rule', async () => {
    const pattern = '*site-1.example/*';
    emulator.addRule(zone, { pattern, forwardTo: 'https://page-rule.example/' });
    const rule = add('starts_with(http.request.uri.path, "/shop")');
    expect((await emulator.visit(url)).location).toBe('https://status.example.net/');
    expect((await emulator.visit('https://site-1.example/')).location).toBe('https://page-rule.example/');
    emulator.editRedirectRule(zone, rule.id, { enabled: false });
    expect((await emulator.visit(url)).location).toBe('https://page-rule.example/');
  });

  test('that is first wins', async () => {
    add('true', { redirectTo: 'https://a.example/' });
    const second = add('true', { redirectTo: 'https://b.example/' });
    expect((await emulator.visit(url)).location).toBe('https://a.example/');
    emulator.editRedirectRule(zone, second.id, { index: 1 });
    expect((await emulator.visit(url)).location).toBe('https://b.example/');
  });

  test.each([
    [{ redirectTo: 'https://x.example/a' }, 'https://x.example/a'],
    [{ redirectTo: 'https://x.example/a', preserveQueryString: true }, 'https://x.example/a?x=1'],
    [{ redirectTo: 'https://x.example/a?b=2', preserveQueryString: true }, 'https://x.example/a?b=2&x=1'],
    [{ redirectTo: 'https://x.example/a#b', preserveQueryString: true }, 'https://x.example/a?x=1#b'],
    [
      { redirectToExpression: 'concat("https://x.example", http.request.uri.path)' },
      'https://x.example/shop',
    ],
  ])('%j leads to %s', async (target, location) => {
    emulator.addRedirectRule(zone, { expression: 'true', ...target });
    expect((await emulator.visit(url)).location).toBe(location);
  });

  test('leads to an address that fits into a header, whatever a visitor sends', async () => {
    emulator.addRedirectRule(zone, {
      expression: 'true',
      redirectToExpression: 'concat("https://x.example/", http.request.uri.args["to"][0])',
    });
    const visit = await emulator.visit('https://www.site-1.example/?to=%0D%0Aset-cookie:%20a%C3%A4');
    expect(visit.location).toBe('https://x.example/%0D%0Aset-cookie:%20a%C3%A4');
    expect(visit.headers['set-cookie']).toBeUndefined();
  });

  test('does nothing for a host past Cloudflare', async () => {
    add('true');
    emulator.setZone(zone, { dns: [{ name: '*', proxied: false }] });
    expect((await emulator.visit(url)).status).toBe(200);
  });

  test('lets the addresses and paths through that it leaves out', async () => {
    add(
      '(lower(http.host) eq "www.site-1.example") and not ip.src in {203.0.113.0/24 2001:db8::/32} ' +
        'and not starts_with(http.request.uri.path, "/health")',
    );
    const status = async (path: string, from?: string) => {
      const init = from === undefined ? {} : { from };
      return (await emulator.visit(`https://www.site-1.example${path}`, init)).status;
    };
    expect(await status('/')).toBe(302);
    expect(await status('/', '198.51.100.7')).toBe(302);
    expect(await status('/', '203.0.113.7')).toBe(200);
    expect(await status('/', '2001:db8::7')).toBe(200);
    expect(await status('/health/live')).toBe(200);
    expect(await status('/%68ealth')).toBe(200);
    expect(await status('/Health')).toBe(302);
  });

  test('sees 127.0.0.1 when nobody says where a visitor is', async () => {
    add('ip.src eq 127.0.0.1');
    expect((await emulator.visit(url)).status).toBe(302);
    await expect(emulator.visit(url, { from: 'home' })).rejects.toThrow('home is not an IP address');
  });

  test('reaches the edge after the propagation delay', async () => {
    emulator.setPropagation(5_000);
    const entrypoint = `${rulesetsPath(emulator)}/phases/http_request_dynamic_redirect/entrypoint`;
    await send(emulator, `PUT ${entrypoint}`, { body: { rules: [redirecting('true')] } });
    clock.advance(4.9);
    expect((await emulator.visit(url)).status).toBe(200);
    clock.advance(0.1);
    expect((await emulator.visit(url)).status).toBe(302);
    emulator.removeRedirectRuleset(zone);
    expect((await emulator.visit(url)).status).toBe(302);
    clock.advance(5);
    expect((await emulator.visit(url)).status).toBe(200);
  });
});

describe('by hand', () => {
  test('zones come with redirect rules, in order, known at the edge from the start', async () => {
    emulator.setPropagation(60_000);
    const redirectRules = ['a', 'b'].map((name) => ({
      expression: `http.host eq "${name}.late.example"`,
      redirectTo: `https://${name}.example/`,
      ref: name,
    }));
    const view = emulator.addZone({ name: 'late.example', redirectRules, redirectRuleQuota: 1 });
    expect(view.redirectRules.map(({ ref }) => ref)).toEqual(['a', 'b']);
    expect(view.redirectRuleQuota).toBe(1);
    expect((await emulator.visit('https://b.late.example/')).location).toBe('https://b.example/');
  });

  test('a rule is changed field by field', () => {
    const rule = add('true', { ref: 'mine', description: 'first' });
    const edited = emulator.editRedirectRule(zone, rule.id, {
      redirectToExpression: 'concat("https://", http.host)',
    });
    expect(edited).toMatchObject({ id: rule.id, ref: 'mine', description: 'first', version: '2' });
    expect(edited.action_parameters.from_value).toMatchObject({
      target_url: { expression: 'concat("https://", http.host)' },
      status_code: 302,
    });
  });

  test('an expression that is not valid, and what is not there, are errors', () => {
    expect(() => add('http.host eq')).toThrow('The expression is not valid');
    expect(() => emulator.removeRedirectRule(zone, '0'.repeat(32))).toThrow('There is no redirect rule');
    expect(() => emulator.removeRedirectRuleset(zone)).toThrow('There is no redirect ruleset');
  });
});
