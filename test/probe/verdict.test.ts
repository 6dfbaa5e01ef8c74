import { describe, expect, test } from 'vitest';
import { isListed } from '../../src/probe/address-list.ts';
import { concludeProof } from '../../src/probe/conclude.ts';
import { isOurRedirect, ourAddresses } from '../../src/probe/our-redirect.ts';
import { openPathTargets, siteTargets } from '../../src/probe/targets.ts';
import type { Answer, HostTrack, Observation, Track } from '../../src/probe/types.ts';
import { judge, observedState } from '../../src/probe/verdict.ts';
import { fc } from '../support/property.ts';
import { subject } from './rig.ts';

const ADDRESS = 'https://down.example.net/?site=site-1.example';

const answer = (changes: Partial<Answer> = {}): Answer => ({
  kind: 'answer',
  scheme: 'https',
  status: 302,
  location: ADDRESS,
  query: 'intermission-probe=abc',
  cfRay: true,
  challenged: false,
  ...changes,
});

describe('what is asked for', () => {
  test('the domain and the listed subdomains, or www and one that nobody has', () => {
    const hosts = (changes: Parameters<typeof subject>[0]) =>
      siteTargets(subject(changes), 'closed', 'abc').map(
        ({ host, optional }) => `${host}${optional ? '?' : ''}`,
      );
    expect(hosts({})).toEqual(['site-1.example']);
    expect(hosts({ subdomainList: 'api,www' })).toEqual([
      'site-1.example',
      'api.site-1.example',
      'www.site-1.example',
    ]);
    expect(hosts({ includeSubdomains: true, subdomainList: 'api' })).toEqual([
      'site-1.example',
      'www.site-1.example?',
      'intermission-probe-abc.site-1.example?',
    ]);
  });

  test('no host is longer than DNS allows', () => {
    const domain = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`;
    expect(siteTargets(subject({ domain, includeSubdomains: true }), 'closed', 'abc')).toHaveLength(1);
  });

  test('a path that shows the state of the site: never one that is open', () => {
    const path = (...openPaths: string[]) => siteTargets(subject({ openPaths }), 'closed', 'abc')[0]?.path;
    expect(path()).toBe('/');
    expect(path('/health', '/a.c*')).toBe('/');
    expect(path('/')).toBe('/intermission-probe-abc');
    expect(path('/*')).toBe('/');
    expect(path('/', '/i*')).toBe('/a-intermission-probe-abc');
    expect(path('/', ...[...'iabc'].map((first) => `/${first}*`))).toBe('/d-intermission-probe-abc');
  });

  test('one example of each open path, once', () => {
    const targets = openPathTargets(
      subject({ openPaths: ['/health', '/hooks/*', '/health'] }),
      'a.example',
      'w',
    );
    expect(targets.map(({ path, openPath }) => [path, openPath])).toEqual([
      ['/health', '/health'],
      ['/hooks/intermission-probe-w', '/hooks/*'],
    ]);
  });
});

describe('our redirect', () => {
  test.each([
    ['the address itself', ADDRESS, true],
    [
      'a host in capitals and a port that goes without saying',
      'https://DOWN.example.net:443/?site=site-1.example',
      true,
    ],
    ['the query of the request added', `${ADDRESS}&intermission-probe=abc`, true],
    ['another query added', `${ADDRESS}&intermission-probe=abd`, false],
    ['a fragment added', `${ADDRESS}#x`, false],
    ['another scheme', ADDRESS.replace('https', 'http'), false],
    ['no address at all', 'down', false],
    ['a path', '/?site=site-1.example', false],
  ])('%s', (_name, location, ours) => {
    expect(isOurRedirect(answer({ location }), [ADDRESS])).toBe(ours);
  });

  test('an address without query gets the query of the request', () => {
    const bare = answer({ location: 'https://down.example.net/?intermission-probe=abc' });
    expect(isOurRedirect(bare, ['https://down.example.net/'])).toBe(true);
  });

  test('any address that can be stored is recognised in the form that a rule sends', () => {
    const urls = fc.string({ maxLength: 40 }).map((text) => `https://down.example.net/${text}`);
    fc.assert(
      fc.property(urls, (url) => {
        const [address = ''] = ourAddresses(subject({ url }), 'closed');
        return isOurRedirect(answer({ location: url }), [address]);
      }),
    );
  });

  test('no other status and no other host is ours', () => {
    const others = fc.record({
      status: fc.integer({ min: 100, max: 599 }),
      location: fc.oneof(
        fc.constant(ADDRESS),
        fc.domain().map((host) => `https://${host}/?site=site-1.example`),
      ),
    });
    fc.assert(
      fc.property(others, ({ status, location }) => {
        const ours = status === 302 && location === ADDRESS;
        return isOurRedirect(answer({ status, location }), [ADDRESS]) === ours;
      }),
    );
  });
});

describe('verdict', () => {
  const measure = { addresses: [ADDRESS], bypassIps: ['203.0.113.0/24'], checkProxied: true };
  const failure: Observation = { kind: 'failure', cause: 'timeout', final: false, text: 'silence' };

  test.each([
    ['our redirect', answer(), 'closed'],
    ['our redirect without cf-ray', answer({ cfRay: false }), 'not_proxied'],
    ['the origin without cf-ray', answer({ status: 200, cfRay: false }), 'not_proxied'],
    ['the origin', answer({ status: 200, ownAddress: '198.51.100.1' }), 'open'],
    ['an error', answer({ status: 522, ownAddress: '198.51.100.1' }), 'open'],
    ['the origin, and who we are is not known', answer({ status: 200 }), 'exempt'],
    ['our redirect, although we are on the bypass list', answer({ ownAddress: '203.0.113.9' }), 'closed'],
    [
      'the origin, and we are on the bypass list',
      answer({ status: 200, ownAddress: '203.0.113.9' }),
      'exempt',
    ],
    ['nothing', failure, 'unreachable'],
  ] as const)('%s', (_name, observation, verdict) => {
    expect(judge(observation, measure)).toBe(verdict);
  });

  test('at an edge address cf-ray is not asked for', () => {
    expect(judge(answer({ cfRay: false }), { ...measure, checkProxied: false })).toBe('closed');
  });

  test.each([
    [['closed', 'closed'], 'maintenance'],
    [['open', 'not_proxied'], 'open'],
    [['closed', 'not_proxied'], 'mixed'],
    [['closed', 'open', 'unreachable'], 'mixed'],
    [['closed', 'unreachable'], 'unknown'],
    [['exempt'], 'unknown'],
    [[], 'unknown'],
  ] as const)('hosts that are %j together are %s', (verdicts, state) => {
    const hosts = verdicts.map((verdict) => ({
      host: 'a.example',
      verdict,
      counts: true,
      asWanted: false,
      message: '',
      openPaths: [],
    }));
    expect(observedState(hosts)).toBe(state);
    const ignored = hosts.map((host) => ({ ...host, verdict: 'open' as const, counts: false }));
    expect(observedState([...hosts, ...ignored])).toBe(state);
  });
});

describe('an address on a list', () => {
  test.each([
    ['203.0.113.9', '203.0.113.0/24', true],
    ['203.0.113.9', '203.0.113.9', true],
    ['203.0.114.9', '203.0.113.0/24', false],
    ['::ffff:203.0.113.9', '203.0.113.0/24', true],
    ['2001:db8::9', '2001:db8::/32', true],
    ['2001:db9::9', '2001:db8::/32', false],
    ['2001:db8::9', '203.0.113.0/24', false],
    ['203.0.113.9', '203.0.113.0/99', false],
    ['203.0.113.9', '203.0.113.0/24/8', false],
    ['203.0.113.9', 'everybody', false],
    ['nobody', '0.0.0.0/0', false],
  ])('%s in %s: %s', (address, entry, listed) => {
    expect(isListed(address, ['192.0.2.1', entry])).toBe(listed);
  });
});

describe('conclusion', () => {
  const at = '2026-05-01T00:00:00.000Z';
  const track = (host: string, changes: Partial<Track> = {}): Track => ({
    target: { host, optional: false, path: '/' },
    looks: 2,
    firstAt: at,
    lastAt: at,
    verdict: 'closed',
    observation: answer(),
    streak: 2,
    ...changes,
  });
  const states = fc.record({
    verdict: fc.constantFrom('closed', 'open', 'unreachable', 'not_proxied', 'exempt'),
    streak: fc.integer({ min: 1, max: 4 }),
  });

  test('is proven exactly when every host showed what was wanted twice in a row', () => {
    fc.assert(
      fc.property(fc.array(states, { minLength: 1 }), fc.constantFrom('closed', 'open'), (hosts, wanted) => {
        const tracks = hosts.map(
          (state, index): HostTrack => ({
            site: track(`h${index}.example`, state),
            openPaths: [],
          }),
        );
        const proof = concludeProof(subject(), wanted, tracks);
        const good = hosts.every(({ verdict, streak }) => verdict === wanted && streak >= 2);
        expect(proof.state).toBe(good ? 'proven' : 'unproven');
        expect(proof.hint === undefined).toBe(good);
        expect(proof.hosts.every(({ message }) => /^\S.*\.$/s.test(message))).toBe(true);
      }),
    );
  });

  test('the evidence stays small and keeps what went wrong', () => {
    const long = `https://other.example.net/${'x'.repeat(5000)}?token=secret`;
    const bad = answer({ location: long });
    const path = track('p', { target: { host: 'p', optional: false, path: `/${'y'.repeat(1000)}` } });
    const tracks = Array.from(
      { length: 300 },
      (_, index): HostTrack => ({
        site: track(`h${index}.example`, index === 299 ? { verdict: 'open', observation: bad } : {}),
        openPaths: Array.from({ length: 100 }, () => path),
      }),
    );
    const { evidence, message } = concludeProof(subject(), 'closed', tracks);
    const text = JSON.stringify(evidence);
    expect(text.length).toBeLessThan(100_000);
    expect(text).not.toContain('secret');
    expect(message).not.toContain('secret');
    const { hosts, omitted } = evidence as {
      hosts: { host: string; openPaths: unknown[] }[];
      omitted: number;
    };
    expect([hosts[0]?.host, hosts.length, hosts[0]?.openPaths.length, omitted]).toEqual([
      'h299.example',
      20,
      5,
      280,
    ]);
  });

  test('names three troubles and counts the rest', () => {
    const tracks = Array.from(
      { length: 5 },
      (_, index): HostTrack => ({
        site: track(`h${index}.example`, { verdict: 'open', observation: answer({ status: 200 }) }),
        openPaths: [],
      }),
    );
    expect(concludeProof(subject(), 'closed', tracks).message).toMatch(/2 more are not as wanted\.$/);
  });
});
