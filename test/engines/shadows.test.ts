import { describe, expect, test } from 'vitest';
import type { EdgeRule } from '../../src/engines/engine.ts';
import { mayRedirect } from '../../src/engines/shadows.ts';

const rule = (pattern: string, changes: Partial<EdgeRule> = {}): EdgeRule => ({
  id: 'a',
  ref: 'a',
  pattern,
  active: true,
  redirect: { url: 'https://elsewhere.example.org/', statusCode: 302 },
  raw: null,
  ...changes,
});
const site = { domain: 'shop.example.com' };

describe('a redirect rule may win over page rules of the site when', () => {
  test.each([
    ['it names the domain', 'http.host eq "shop.example.com"'],
    ['it names the domain in other letters', 'lower(http.host) in {"a.org" "SHOP.example.com"}'],
    ['it names a host below', 'http.host eq "www.shop.example.com"'],
    ['it takes all below the parent', 'ends_with(http.host, ".example.com")'],
    ['it names the parent by its URL', 'http.request.full_uri wildcard "https://*.example.com/*"'],
    ['its URL has any host', 'http.request.full_uri wildcard "*://*/old/*"'],
    ['it ends with a part of a name', 'ends_with(http.host, "com")'],
    ['it compares no host', 'starts_with(http.request.uri.path, "/old")'],
    ['it takes everything', 'true'],
  ])('%s', (_, pattern) => {
    expect(mayRedirect(rule(pattern), site)).toBe(true);
  });
});

describe('it does not when', () => {
  test.each([
    ['it names another host', rule('http.host eq "other.example.com"')],
    ['it names another zone', rule('http.request.full_uri wildcard "https://www.example.org/*"')],
    ['it is switched off', rule('true', { active: false })],
    ['it is a page rule', { ...rule('*shop.example.com/*'), ref: undefined } as unknown as EdgeRule],
  ])('%s', (_, other) => {
    expect(mayRedirect(other, site)).toBe(false);
  });
});
