import { describe, expect, test } from 'vitest';
import { findRedirectLoop, parseMaintenanceUrl, visitorUrl } from '../../src/domain/maintenance-url.ts';
import { parseOpenPaths } from '../../src/domain/open-paths.ts';

describe('a maintenance URL', () => {
  test.each([
    'https://status.example.net/?site={domain}',
    'http://status.example.net:8080/a#b',
    'https://status.example.net/$/price$x',
    'https://bücher.example/',
    'https://status.example.net/?site={domain}&until={until}',
  ])('may be %s', (url) => {
    expect(parseMaintenanceUrl(` ${url} `)).toBe(url);
  });

  test.each([
    '/relative',
    'status.example.net',
    'ftp://status.example.net/',
    'javascript:alert(1)',
    'https://',
    'https://user:secret@status.example.net/',
    'https://status.example.net/$1',
    'https://status.example.net/{host}',
    'https://status.example.net/}',
    'https://status.example.net/{until}',
    'https://{until}.example.net/?{domain}',
    'https://status.example.net/?{until',
    `https://status.example.net/${'a'.repeat(500)}`,
  ])('may not be %s', (url) => {
    expect(() => parseMaintenanceUrl(url)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });

  test('a refusal does not repeat a password', () => {
    expect(() => parseMaintenanceUrl('https://user:hunter2@status.example.net/')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  test('gets the domain filled in and is encoded as a browser would', () => {
    expect(visitorUrl('https://{domain}.status.example.net/ä?d={domain}', 'shop.example')).toBe(
      'https://shop.example.status.example.net/%C3%A4?d=shop.example',
    );
  });
});

test('the end is filled in as whole seconds of UTC, and as nothing when there is none', () => {
  const template = 'https://pages.example.net/?site={domain}&until={until}';
  const until = new Date('2026-06-01T14:30:15.250+02:00');
  const start = 'https://pages.example.net/?site=shop.example&until=';
  expect(visitorUrl(template, 'shop.example', until)).toBe(`${start}2026-06-01T12:30:15Z`);
  expect(visitorUrl(template, 'shop.example')).toBe(start);
});

describe('a redirect loop', () => {
  const site = (domain: string, url: string) => ({ domain, url, includeSubdomains: true, subdomainList: '' });

  test('is found when the page lies on the site itself, whatever port, case or trailing dot', () => {
    for (const url of ['https://a.example/', 'https://X.A.EXAMPLE:8443/', 'https://a.example./']) {
      expect(findRedirectLoop(site('a.example', url), [])).toEqual(['a.example', 'a.example']);
    }
  });

  test('is found through other closed sites', () => {
    const others = [site('b.example', 'https://www.c.example/'), site('c.example', 'https://a.example/x')];
    const passed = ['a.example', 'b.example', 'c.example', 'a.example'];
    expect(findRedirectLoop(site('a.example', 'https://b.example/'), others)).toEqual(passed);
  });

  test('reads a path as Cloudflare does: a code of a letter makes it no other path', () => {
    const url = 'https://a.example/%64own';
    const [openPaths, elsewhere] = [parseOpenPaths(['/%64own']), parseOpenPaths(['/%2564own'])];
    expect(findRedirectLoop({ ...site('a.example', url), openPaths }, [])).toBeUndefined();
    expect(findRedirectLoop({ ...site('a.example', url), openPaths: elsewhere }, [])).toBeDefined();
  });

  test('is not a chain that ends on an open host', () => {
    const others = [site('b.example', 'https://status.example.net/')];
    expect(findRedirectLoop(site('a.example', 'https://b.example/'), others)).toBeUndefined();
    expect(findRedirectLoop(site('a.example', 'https://nota.example/'), [])).toBeUndefined();
  });
});
