import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/emulator/expression/compile.ts';
import type { EdgeRule } from '../../src/engines/engine.ts';
import { mayRedirect } from '../../src/engines/shadows.ts';
import { subjectOf } from '../emulator/expression/subject.ts';
import { fc } from '../support/property.ts';

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

describe('a redirect rule may win over a rule of the site when', () => {
  test.each([
    ['it names the domain', 'http.host eq "shop.example.com"'],
    ['it names the domain in other letters', 'lower(http.host) in {"a.org" "SHOP.example.com"}'],
    ['it names the domain by a sign', 'http.host == "shop.example.com" && ssl'],
    ['it names a host below', 'http.host eq "www.shop.example.com"'],
    ['it takes all below the parent', 'ends_with(http.host, ".example.com")'],
    ['it takes all that end with a part of its name', 'ends_with(lower(http.host), "op.example.com")'],
    ['it names the parent by its URL', 'http.request.full_uri wildcard "https://*.example.com/*"'],
    ['it names the domain by its URL', 'http.request.full_uri wildcard r"http*://shop.example.com:443/*"'],
    ['its URL has any host', 'http.request.full_uri wildcard "*://*/old/*"'],
    ['its URL has no end of a host', 'http.request.full_uri wildcard "https://www.other.org*"'],
    ['it ends with a part of a name', 'ends_with(http.host, "com")'],
    ['it compares no host', 'starts_with(http.request.uri.path, "/old")'],
    ['it takes everything', 'true'],
    ['it names another host by what it is not', 'http.host ne "other.test"'],
    ['it negates', 'not http.host eq "a.test"'],
    ['it negates a group', 'not (http.host eq "a.test" and ssl)'],
    ['it negates by a sign', '!(http.host eq "a.test") and http.host != "b.test"'],
    ['it takes one of two', 'http.host in {"a.test"} xor true'],
    ['it takes one of two beside another host', 'http.host eq "a.test" and ssl xor true'],
    ['it names a part of the domain', 'http.host contains "op.exam"'],
    ['it names the domain by a wildcard', 'http.host wildcard "*op.example.com"'],
    ['it names its beginning', 'starts_with(http.host, "shop-")'],
    ['it names the domain by codes', 'http.host eq "shop\\x2eexample.com"'],
    ['it names the domain in a raw text', 'http.host eq r"a.test" or http.host eq r#"shop.example.com"#'],
    [
      'a raw text ends with a backslash',
      'http.host eq "a.test" and http.referer eq r"\\" or true and ("" eq "")',
    ],
    ['it names another host or any address', 'http.host eq "a.test" or ip.src eq 192.0.2.1'],
    [
      'it names another host or any path',
      '(http.host eq "a.test") or (ssl and http.request.uri.path ne "/")',
    ],
    ['it asks a list', 'http.host in $hosts'],
    ['it changes the host first', 'regex_replace(http.host, "^shop", "a") eq "a.example.com"'],
    ['it holds brackets that do not match', 'http.host eq "a.test") or (true'],
  ])('%s', (_, pattern) => {
    expect(mayRedirect(rule(pattern), site)).toBe(true);
  });
});

describe('it does not when', () => {
  test.each([
    ['it names another host', rule('http.host eq "other.example.com"')],
    ['it names another host and more', rule('(http.host eq "other.test" and http.request.uri.path ne "/x")')],
    ['it names other hosts', rule('lower(http.host) in {"a.test" "b.test"} or (http.host eq "c.test")')],
    ['it names the parent alone', rule('http.host eq "example.com"')],
    ['it takes all below another domain', rule('ends_with(http.host, ".example.org")')],
    ['it ends with more than its name', rule('ends_with(http.host, "eshop.example.com")')],
    ['it names another zone', rule('http.request.full_uri wildcard "https://www.example.org/*"')],
    [
      'it names another zone as the dashboard does',
      rule('(http.request.full_uri wildcard r"http*://*.a.test/*")'),
    ],
    ['it names another host by a wildcard', rule('http.host wildcard "*.other.test"')],
    ['a text holds the words', rule('http.host eq "a.test" and http.request.uri.query eq "a) or (b"')],
    ['it is switched off', rule('true', { active: false })],
    ['it is a page rule', { ...rule('*shop.example.com/*'), ref: undefined } as unknown as EdgeRule],
  ])('%s', (_, other) => {
    expect(mayRedirect(other, site)).toBe(false);
  });
});

test('no rule is left out that redirects a visitor of the site', () => {
  const host = fc.constantFrom('shop.example.com', 'www.shop.example.com', 'example.com', 'a.test', 'shop.');
  const end = fc.constantFrom('.example.com', 'op.example.com', '.test', 'com', 'eshop.example.com');
  const field = fc.constantFrom('http.host', 'lower(http.host)');
  const leaf = fc.oneof(
    fc
      .tuple(field, fc.constantFrom('eq', 'ne', '==', 'contains', 'wildcard'), host)
      .map(([a, b, c]) => `${a} ${b} "${c}"`),
    fc.tuple(field, host, host).map(([a, b, c]) => `${a} in {"${b}" "${c}"}`),
    fc
      .tuple(field, fc.constantFrom('ends_with', 'starts_with'), end)
      .map(([a, b, c]) => `${b}(${a}, "${c}")`),
    fc.tuple(field, end).map(([a, b]) => `${a} wildcard r"*${b}"`),
    fc.tuple(host, end).map(([a, b]) => `http.request.full_uri wildcard "http*://${a}/*${b}"`),
    end.map((text) => `http.request.full_uri strict wildcard r"https://*${text}/*"`),
    fc.constantFrom('ssl', 'http.request.uri.path ne "/"', 'http.request.uri.query eq "a) or (b"'),
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('expression'), fc.constantFrom('and', 'or', 'xor', '&&', '||', '^^'), tie('expression'))
        .map((parts) => parts.join(' ')),
      tie('expression').map((inner) => `(${inner})`),
      tie('expression').map((inner) => `not (${inner})`),
      tie('expression').map((inner) => `not ${inner}`),
    ),
  }));
  const visits = [
    'https://shop.example.com/',
    'http://www.shop.example.com/x?a=b',
    'https://x.y.shop.example.com/old/a',
  ];
  const seen = { left: 0, matched: 0 };
  fc.assert(
    fc.property(expression, fc.constantFrom(...visits), (pattern, url) => {
      const matched = compileFilter(pattern, { hostBits: false }).evaluate(subjectOf(url));
      const named = mayRedirect(rule(pattern), site);
      seen.left += named ? 0 : 1;
      seen.matched += matched ? 1 : 0;
      if (matched) expect([pattern, named]).toEqual([pattern, true]);
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(seen.left, seen.matched)).toBeGreaterThan(200);
});
