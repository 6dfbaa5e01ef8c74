import { expect, test } from 'vitest';
import { assertNoCollision } from '../../src/engines/collision.ts';
import { IntermissionError } from '../../src/errors.ts';

const zoneName = 'example.com';
const lists = (domain: string, subdomainList: string) => ({
  domain,
  includeSubdomains: false,
  subdomainList,
  zoneName,
});

function refusal(site: ReturnType<typeof lists>, other: ReturnType<typeof lists>): IntermissionError {
  try {
    assertNoCollision(site, [other]);
  } catch (error) {
    if (error instanceof IntermissionError) return error;
  }
  throw new Error('It was not refused.');
}

test('sites that share no rule do not collide', () => {
  expect(() =>
    assertNoCollision(lists('example.com', 'www,shop'), [
      lists('api.example.com', ''),
      lists('example.com', 'www'),
    ]),
  ).not.toThrow();
});

test.each([
  ['the site lists the other', lists('example.com', 'www,api,shop'), lists('api.example.com', '')],
  ['the other lists the site', lists('api.example.com', ''), lists('example.com', 'www,api,shop')],
])('when %s, the command in the hint takes that host off the list and leaves the rest', (_, site, other) => {
  const { code, message, hint } = refusal(site, other);
  expect(code).toBe('rule_conflict');
  expect(message).toContain('api.example.com/*');
  expect(hint).toContain('intermission site edit example.com --subdomain-list "www,shop"');
});

test('two lists with the same host collide', () => {
  const { hint } = refusal(lists('example.com', 'a.b'), lists('b.example.com', 'a'));
  expect(hint).toContain('intermission site edit b.example.com --subdomain-list ""');
});
