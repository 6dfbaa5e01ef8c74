import { describe, expect, test } from 'vitest';
import { compileFilter, compileTarget } from '../../../src/emulator/expression/compile.ts';
import { describeProblem, ExpressionError } from '../../../src/emulator/expression/parse.ts';
import { fc } from '../../support/property.ts';
import { subjectOf } from './subject.ts';

const options = { hostBits: false };

function matches(expression: string, url: string, visitor?: Parameters<typeof subjectOf>[1]): boolean {
  return compileFilter(expression, options).evaluate(subjectOf(url, visitor));
}

function problemOf(compile: () => unknown): ExpressionError | undefined {
  try {
    compile();
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

const site = 'https://www.example.com/shop/cart?x=1';

describe('conditions', () => {
  test.each([
    ['http.host eq "www.example.com"', true],
    ['http.host == "example.com"', false],
    ['http.host ne "example.com"', true],
    ['http.host != "www.example.com"', false],
    ['http.host in {"example.com" "www.example.com"}', true],
    ['http.host in {"example.com"}', false],
    ['http.host in {}', false],
    ['(http.host eq "example.com" or ends_with(http.host, ".example.com"))', true],
    ['http.request.full_uri wildcard "http*://WWW.example.com/*"', true],
    ['http.request.full_uri wildcard "http*://example.com/*"', false],
    ['http.request.full_uri strict wildcard "http*://WWW.example.com/*"', false],
    ['http.request.uri.path wildcard r"/shop/\\*"', false],
    ['http.request.uri.path eq "/shop/cart"', true],
    ['http.request.uri eq "/shop/cart?x=1"', true],
    ['http.request.uri.query eq "x=1"', true],
    ['http.request.full_uri eq "https://www.example.com/shop/cart?x=1"', true],
    ['starts_with(http.request.uri.path, "/shop")', true],
    ['starts_with(http.request.uri.path, "/Shop")', false],
    ['starts_with(lower(http.request.uri.path), "/shop")', true],
    ['upper(http.host) eq "WWW.EXAMPLE.COM"', true],
    ['concat(http.host, "|", http.request.uri.path) eq "www.example.com|/shop/cart"', true],
    ['http.request.uri.path contains "cart"', true],
    ['http.host matches "^(www|shop)\\.example\\.com$"', true],
    ['http.host ~ r#"^"$"#', false],
    ['http.request.method eq "GET" and ssl', true],
    ['not ssl', false],
    ['!ssl || true', true],
    ['true', true],
    ['http.request.uri.args["x"][0] eq "1"', true],
  ])('%s: %s', (expression, expected) => {
    expect(matches(expression, site)).toBe(expected);
  });

  test.each([
    ['not false or true', true],
    ['not (false or true)', false],
    ['true or false and false', true],
    ['true xor true and false', true],
    ['true or true xor true', true],
    ['true ^^ true', false],
    ['false xor true xor true', false],
    ['true&&!false', true],
    ['not not true', true],
  ])('not is before and, and before xor, xor before or: %s is %s', (expression, expected) => {
    expect(matches(expression, site)).toBe(expected);
  });

  test('a value that is not there is equal to nothing and different from nothing', () => {
    expect(matches('http.request.headers["x-a"][0] eq ""', site)).toBe(false);
    expect(matches('http.request.headers["x-a"][0] ne "b"', site)).toBe(false);
    expect(matches('not http.request.headers["x-a"][0] eq "b"', site)).toBe(true);
    expect(matches('http.request.headers["x-a"][0] eq "b"', site, { headers: { 'x-a': 'b' } })).toBe(true);
  });

  test('cookies are read as one text and by name', () => {
    const headers = { cookie: 'a=1; maint_bypass=s=e; maint_bypass=2' };
    expect(matches('http.cookie contains "maint_bypass=s"', site, { headers })).toBe(true);
    expect(matches('http.request.cookies["maint_bypass"][0] eq "s=e"', site, { headers })).toBe(true);
    expect(matches('http.request.cookies["maint_bypass"][1] eq "2"', site, { headers })).toBe(true);
    expect(matches('http.request.cookies["maint"][0] eq "s=e"', site, { headers })).toBe(false);
  });
});

describe('addresses', () => {
  test.each([
    ['ip.src in {203.0.113.0/24 2001:db8::/32}', '203.0.113.255', true],
    ['ip.src in {203.0.113.0/24 2001:db8::/32}', '203.0.114.0', false],
    ['ip.src in {203.0.113.0/24 2001:db8::/32}', '2001:DB8:ffff::1', true],
    ['ip.src in {203.0.113.0/24 2001:db8::/32}', '2001:db9::', false],
    ['ip.src in {203.0.113.7}', '::ffff:203.0.113.7', true],
    ['ip.src in {203.0.113.3..203.0.113.7}', '203.0.113.5', true],
    ['ip.src in {203.0.113.3..203.0.113.7}', '203.0.113.8', false],
    ['ip.src in {0.0.0.0/0}', '255.255.255.255', true],
    ['ip.src in {0.0.0.0/0}', '::1', false],
    ['ip.src in {::/0}', '::1', true],
    ['ip.src eq 203.0.113.7', '203.0.113.7', true],
    ['ip.src ne 203.0.113.7', '203.0.113.7', false],
    ['ip.src eq 2001:db8::1', '2001:0db8:0:0:0:0:0:1', true],
    ['not ip.src in {203.0.113.0/24}', '203.0.113.9', false],
    ['ip.src in {203.0.113.0/24}', 'unknown', false],
  ])('%s for %s: %s', (expression, from, expected) => {
    expect(matches(expression, site, { from })).toBe(expected);
  });

  test('every address is in its own network of every size, written without host bits', () => {
    const prefix = fc.integer({ min: 0, max: 128 });
    fc.assert(
      fc.property(fc.ipV6(), prefix, (address, bits) => {
        const lenient = compileFilter(`ip.src in {${address}/${bits}}`, { hostBits: true });
        return lenient.evaluate(subjectOf(site, { from: address }));
      }),
    );
  });
});

describe('paths', () => {
  test.each([
    ['/shop', '/shop'],
    ['/a//b///c', '/a/b/c'],
    ['/a/./b/../c', '/a/c'],
    ['/a/%2e%2E/b', '/b'],
    ['/%68ealth', '/health'],
    ['/a%2fb', '/a%2Fb'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/..', '/'],
    ['/../../a', '/a'],
    ['/a/..', '/'],
    ['/a\\b', '/a/b'],
  ])('%s is seen as %s, and raw as it came', (sent, seen) => {
    const url = `https://example.com${sent}`;
    expect(compileTarget('concat(http.request.uri.path, "")', options).evaluate(subjectOf(url))).toBe(seen);
    expect(compileTarget('raw.http.request.uri.path', options).evaluate(subjectOf(url))).toBe(sent);
  });
});

describe('targets', () => {
  test.each([
    ['"https://x.example/"', 'https://x.example/'],
    ['concat("https://x.example", http.request.uri.path)', 'https://x.example/shop/cart'],
    [
      `wildcard_replace(http.request.full_uri, "https://*.Example.com/*", "https://b.example/\${1}/\${2}")`,
      'https://b.example/www/shop/cart?x=1',
    ],
    [`wildcard_replace(http.host, "WWW.*", "\${1}", "s")`, 'www.example.com'],
    [`wildcard_replace(http.host, "www.*", "$$\${1}", "s")`, '$example.com'],
  ])('%s gives %s', (expression, expected) => {
    expect(compileTarget(expression, options).evaluate(subjectOf(site))).toBe(expected);
  });
});

describe('problems', () => {
  test.each([
    ['URI Path contains "/"', '1:1', 'unknown identifier'],
    ['http.host eq', '1:13', 'unrecognised input'],
    ['http.host eq "a', '1:16', 'unrecognised input'],
    ['http.host eq "a\\n"', '1:17', 'unrecognised input'],
    ['http.host in {"a", "b"}', '1:18', 'unrecognised input'],
    ['http.host EQ "a"', '1:11', 'unrecognised input'],
    ['http.host', '1:1', 'expected a comparison'],
    ['ssl eq "a"', '1:1', 'a boolean cannot be compared'],
    ['ip.src eq "1.2.3.4"', '1:11', 'expected an IP address'],
    ['ip.src eq 1.2.3.0/24', '1:11', 'a network can only be used with in'],
    ['ip.src in {1.2.3.4/24}', '1:12', 'host part of address was not zero'],
    ['ip.src in {1.2.3.4/33}', '1:12', 'invalid length of the network'],
    ['ip.src in {1.2.3}', '1:12', 'invalid IP address syntax'],
    ['ip.src in {1.2.3.4..1.2.3.3}', '1:12', 'the end of a range must not be before its start'],
    ['ip.src contains "1"', '1:1', 'an IP address has no operator contains'],
    ['http.host in $hosts', '1:14', 'unrecognised input'],
    ['http.host in {1.2.3.4}', '1:15', 'expected a literal string'],
    ['lower(http.host)', '1:1', 'expected a comparison'],
    ['lower(ip.src) eq "a"', '1:7', 'expected a string'],
    ['starts_with(http.host)', '1:1', 'invalid number of arguments'],
    ['starts_with("a", http.host)', '1:1', 'expected a literal string'],
    ['len(http.host) eq "a"', '1:1', 'unknown identifier'],
    ['constructor eq "a"', '1:1', 'unknown identifier'],
    ['wildcard_replace(http.host, "*", "a") eq "a"', '1:1', 'unknown identifier'],
    ['http.host wildcard "**"', '1:1', 'invalid wildcard'],
    ['http.host matches "("', '1:19', 'invalid regular expression'],
    ['http.request.cookies["a"] eq "b"', '1:1', 'expected a name and a number in brackets'],
    ['ssl and\n  nothing', '2:3', 'unknown identifier'],
  ])('%s is refused at %s: %s', (expression, place, reason) => {
    const problem = problemOf(() => compileFilter(expression, options));
    expect(problem?.message).toBe(reason);
    expect(problem && describeProblem(expression, problem)).toContain(`Filter parsing error (${place}):\n`);
  });

  test('the place is marked below the line', () => {
    const problem = problemOf(() => compileFilter('URI Path contains "/"', options));
    expect(problem && describeProblem('URI Path contains "/"', problem)).toBe(
      'Filter parsing error (1:1):\nURI Path contains "/"\n^^^ unknown identifier\n',
    );
  });

  test.each(['ip.src', 'ssl', 'http.host eq "a"', `wildcard_replace(http.host, "*", "\${2}")`])(
    '%s is no target',
    (expression) => {
      expect(problemOf(() => compileTarget(expression, options))).toBeDefined();
    },
  );

  test('brackets a thousand deep are taken or refused, no more', () => {
    const deep = `${'('.repeat(50_000)}true${')'.repeat(50_000)}`;
    expect(problemOf(() => compileFilter(deep, options))?.message).toBe('nested too deeply');
  });
});

describe('requirements', () => {
  test('regular expressions and parsed cookies are not in every plan', () => {
    const needs = (expression: string) => compileFilter(expression, options).requirements;
    expect(needs('http.host eq "a"')).toEqual([]);
    expect(needs('http.host matches "a"')).toEqual([{ what: 'the operator matches', plan: 'business' }]);
    expect(needs('http.request.cookies["a"][0] eq "b"')).toEqual([
      { what: 'the field http.request.cookies', plan: 'pro' },
    ]);
  });
});

const quoted = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const anyText = fc.string({ unit: 'binary' });
const nasty = fc.string({
  unit: fc.oneof(fc.constantFrom('"', '\\', '#', '{', '}', '(', ')', ' or ', 'true', '\n', '*'), anyText),
});

describe('strings', () => {
  test('every text in quotes is that text, and stays inside them', () => {
    fc.assert(
      fc.property(nasty, nasty, (value, other) => {
        const visitor = { headers: { cookie: other } };
        expect(matches(`http.cookie eq ${quoted(value)}`, site, visitor)).toBe(value === other);
        expect(matches(`http.cookie in {${quoted(value)}}`, site, { headers: { cookie: value } })).toBe(true);
        expect(compileTarget(quoted(value), options).evaluate(subjectOf(site))).toBe(value);
      }),
    );
  });

  test('every text in a raw string is that text', () => {
    fc.assert(
      fc.property(nasty, (value) => {
        const fence = '#'.repeat(value.length + 1);
        const literal = `r${fence}"${value}"${fence}`;
        expect(compileTarget(literal, options).evaluate(subjectOf(site))).toBe(value);
      }),
    );
  });

  test('hexadecimal escapes are read', () => {
    expect(compileTarget(String.raw`"\x41\x7a"`, options).evaluate(subjectOf(site))).toBe('Az');
  });

  test('a text with escaped asterisks matches only itself as a wildcard', () => {
    fc.assert(
      fc.property(nasty, nasty, (value, other) => {
        const pattern = quoted(value.replaceAll('\\', '\\\\').replaceAll('*', '\\*'));
        const visitor = { headers: { cookie: other } };
        expect(matches(`http.cookie strict wildcard ${pattern}`, site, visitor)).toBe(value === other);
      }),
    );
  });
});

test('no input makes the parser fail in another way than by saying what is wrong', () => {
  const word = fc.constantFrom(
    ...'http.host ip.src ssl eq ne in and or xor not ( ) { } " r#" "# [ ] , 1.2.3.4/8 a..b lower( "a" \\ ! ~ == wildcard strict matches'.split(
      ' ',
    ),
  );
  const soup = fc.array(fc.oneof(word, anyText), { maxLength: 20 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.oneof(soup, anyText), (text) => {
      const problems = [
        problemOf(() => compileFilter(text, options)?.evaluate(subjectOf(site))),
        problemOf(() => compileTarget(text, options)?.evaluate(subjectOf(site))),
      ];
      for (const problem of problems) {
        if (problem !== undefined) expect(describeProblem(text, problem)).toContain('Filter parsing error (');
      }
    }),
    { numRuns: 1_000 },
  );
});
