import { describe, expect, test } from 'vitest';
import type { EdgeRule, InspectionInput } from '../../src/engines/engine.ts';
import { inspectPageRules } from '../../src/engines/page-rule-inspection.ts';
import { closingExpression } from '../../src/engines/redirect-expression.ts';
import { inspectRedirectRules } from '../../src/engines/redirect-rule-inspection.ts';

const PAGE = 'https://status.example.net/down';
const parent = { domain: 'example.com', includeSubdomains: true, subdomainList: '', zoneName: 'example.com' };
const site = { ...parent, domain: 'api.example.com' };

function ruleOf(pattern: string, changes: Partial<EdgeRule> = {}): EdgeRule {
  return { id: 'a', pattern, active: true, redirect: { url: PAGE, statusCode: 302 }, raw: null, ...changes };
}

/** An open site of which nothing is recorded. */
function inputOf(read: EdgeRule[], isKnownPage = true, of = site): InspectionInput {
  const state = { rules: [], replaced: [] };
  return { site: of, target: [], state, neighbours: [], read, isKnownPage: () => isKnownPage };
}

describe('a page rule of unknown origin that takes all hosts of a parent', () => {
  const rule = ruleOf('*example.com/*');

  test('closes the site when its page is known here, and is listed', () => {
    const { configured, doubtful } = inspectPageRules(inputOf([rule]));
    expect(configured).toBe('maintenance');
    expect(doubtful).toMatchObject([{ id: 'a', pattern: rule.pattern, knownPage: true, wider: true }]);
  });

  test('leaves it unknown when its page is not known here', () => {
    const { configured, doubtful } = inspectPageRules(inputOf([rule], false));
    expect(configured).toBe('unknown');
    expect(doubtful).toMatchObject([{ knownPage: false, wider: true }]);
  });

  test('that takes only a part of the hosts leaves the site partly closed', () => {
    const { configured } = inspectPageRules(inputOf([ruleOf('*.example.com/*')], true, { ...site }));
    expect(configured).toBe('maintenance');
    const half = inspectPageRules(inputOf([ruleOf('*.api.example.com/*')]));
    expect(half).toMatchObject({ configured: 'mixed', doubtful: [{ wider: false }] });
  });

  test.each([
    ['it is switched off', ruleOf('*example.com/*', { active: false })],
    [
      'it stays at the site',
      ruleOf('*example.com/*', { redirect: { url: 'https://api.example.com/v2', statusCode: 302 } }),
    ],
    ['it takes only a path', ruleOf('*example.com/old/*')],
    ['it takes only one scheme', ruleOf('http://*example.com/*')],
    ['it does something else', ruleOf('*example.com/*', { redirect: null })],
  ])('says nothing when %s', (_, other) => {
    expect(inspectPageRules(inputOf([other]))).toMatchObject({ configured: 'open', doubtful: [] });
  });
});

describe('a redirect rule of another installation for a parent', () => {
  const rule = (changes: Partial<EdgeRule> = {}, of = parent) =>
    ruleOf(closingExpression({ ...of, openPaths: [], bypassIps: [] }), {
      ref: 'intermission:other:1',
      ...changes,
    });

  test('closes the site when its page is known here, else nobody can say', () => {
    const known = inspectRedirectRules(inputOf([rule()]));
    expect(known).toMatchObject({ configured: 'maintenance', doubtful: [{ knownPage: true, wider: true }] });
    const unknown = inspectRedirectRules(inputOf([rule()], false));
    expect(unknown).toMatchObject({ configured: 'unknown', doubtful: [{ knownPage: false }] });
  });

  test('that lists the site among its hosts closes it too', () => {
    const listing = { ...parent, includeSubdomains: false, subdomainList: 'api,www' };
    const { doubtful } = inspectRedirectRules(inputOf([rule({}, listing)]));
    expect(doubtful).toMatchObject([{ wider: false }]);
  });

  test.each([
    ['the user made it', rule({ ref: 'a' })],
    ['it takes the parent alone', rule({}, { ...parent, includeSubdomains: false })],
    ['it is for another host', rule({}, { ...parent, domain: 'pi.example.com' })],
    ['it is switched off', rule({ active: false })],
  ])('says nothing when %s', (_, other) => {
    expect(inspectRedirectRules(inputOf([other]))).toMatchObject({ configured: 'open', doubtful: [] });
  });
});
