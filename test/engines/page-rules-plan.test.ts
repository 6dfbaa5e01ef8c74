import { describe, expect, test } from 'vitest';
import type { EdgeRule, PlanInput } from '../../src/engines/engine.ts';
import { closingPatterns, outrankedBy } from '../../src/engines/page-rule-patterns.ts';
import { topPlaces } from '../../src/engines/page-rules-order.ts';
import { planPageRules, recognizePageRules } from '../../src/engines/page-rules-plan.ts';
import { fc } from '../support/property.ts';

const url = 'https://status.example.net/';
const site = { domain: 'example.com', zoneName: 'example.com', includeSubdomains: true, subdomainList: '' };
const pattern = '*example.com/*';

const rule = (id: string, of: Partial<EdgeRule> = {}): EdgeRule => ({
  id,
  pattern: `example.com/${id}`,
  active: true,
  redirect: null,
  raw: { id },
  ...of,
});
const ours = (id: string, of: Partial<EdgeRule> = {}) =>
  rule(id, { pattern, redirect: { url, statusCode: 302 }, ...of });
const plan = (input: Partial<PlanInput>) =>
  planPageRules({
    site,
    target: [{ pattern, url }],
    state: { rules: [], replaced: [] },
    read: undefined,
    neighbours: [],
    ...input,
  });
const kinds = (input: Partial<PlanInput>) => plan(input).changes.map((change) => change.kind);

describe('the patterns that close a site', () => {
  test.each([
    ['the apex of its zone', site, [pattern]],
    ['a name below the apex', { ...site, zoneName: 'com.example' }, ['*.example.com/*', 'example.com/*']],
    [
      'listed subdomains',
      { ...site, includeSubdomains: false, subdomainList: 'api,www' },
      ['example.com/*', 'api.example.com/*', 'www.example.com/*'],
    ],
    ['the domain alone', { ...site, includeSubdomains: false }, ['example.com/*']],
  ])('for %s', (_what, coverage, patterns) => {
    expect(closingPatterns(coverage)).toEqual(patterns);
  });
});

describe('closing', () => {
  test('without reading creates what is wanted', () => {
    expect(plan({}).changes).toEqual([{ kind: 'create', pattern, url }]);
  });

  test('changes nothing when our rule stands and wins', () => {
    expect(kinds({ state: { rules: [{ id: 'a', pattern, url }], replaced: [] }, read: [ours('a')] })).toEqual(
      [],
    );
  });

  test('does not mind what a rule above ours does for other URLs', () => {
    const read = [
      rule('x', { pattern: 'other.example/*' }),
      rule('off', { pattern, active: false }),
      ours('a'),
    ];
    expect(kinds({ state: { rules: [{ id: 'a', pattern, url }], replaced: [] }, read })).toEqual([]);
  });

  test('gives a rule that is not needed any more the new pattern', () => {
    const state = { rules: [{ id: 'a', pattern: 'example.com/*', url }], replaced: [] };
    const read = [ours('a', { pattern: 'example.com/*' })];
    expect(plan({ state, read }).changes).toMatchObject([{ kind: 'update', id: 'a', pattern }]);
  });

  test('never writes over a rule of another site of ours, and names that site', () => {
    const neighbours = [{ domain: 'b.example.com', rules: [{ id: 'b', pattern, url }], replaced: [] }];
    expect(() => plan({ read: [ours('b')], neighbours })).toThrow(
      expect.objectContaining({
        code: 'rule_conflict',
        message: expect.stringContaining('b.example.com'),
        details: { pattern, otherSite: 'b.example.com' },
      }),
    );
  });
});

describe('opening', () => {
  test('without reading deletes by id', () => {
    const state = { rules: [{ id: 'a', pattern, url }], replaced: [] };
    expect(kinds({ target: [], state })).toEqual(['delete']);
  });

  test('deletes a rule of ours even when somebody has edited it', () => {
    const state = { rules: [{ id: 'a', pattern, url }], replaced: [] };
    expect(kinds({ target: [], state, read: [ours('a', { active: false })] })).toEqual(['delete']);
  });

  test('puts replaced rules back from the lowest place up', () => {
    const order = ['x', 'b', 'y', 'a'];
    const replaced = ['a', 'b'].map((id) => ({ id, rule: { id }, order }));
    const state = {
      rules: [
        { id: 'b', pattern: '1', url },
        { id: 'a', pattern: '2', url },
      ],
      replaced,
    };
    const read = [ours('a', { pattern: '2' }), ours('b', { pattern: '1' })];
    expect(plan({ target: [], state, read }).changes).toMatchObject([
      { kind: 'restore', id: 'a' },
      { kind: 'restore', id: 'b' },
    ]);
  });
});

describe('doubtful rules', () => {
  const doubtful = rule('d', {
    pattern: 'EXAMPLE.com/*/',
    redirect: { url: 'https://old.example.net/', statusCode: 301 },
  });

  test('are refused when nothing is recorded', () => {
    for (const target of [[], [{ pattern, url }]]) {
      expect(() => plan({ target, read: [doubtful] })).toThrow(
        expect.objectContaining({ code: 'rule_conflict' }),
      );
    }
  });

  test.each([
    ['disabled', { ...doubtful, active: false }],
    [
      'leading to the site itself',
      { ...doubtful, redirect: { url: 'https://www.example.com/', statusCode: 301 } },
    ],
    ['for a part of the site', { ...doubtful, pattern: 'example.com/blog/*' }],
    ['doing something else', { ...doubtful, redirect: null }],
  ])('are not those that are %s', (_what, read) => {
    expect(kinds({ read: [read] })).toEqual(['create']);
  });

  test('are adopted as ours', () => {
    expect(kinds({ target: [], read: [doubtful], existing: 'ours' })).toEqual(['delete']);
    expect(kinds({ read: [doubtful], existing: 'ours' })).toEqual(['replace']);
  });

  test('are left alone as theirs unless they have our pattern', () => {
    expect(kinds({ target: [], read: [doubtful], existing: 'theirs' })).toEqual([]);
    expect(kinds({ read: [{ ...doubtful, pattern }], existing: 'theirs' })).toEqual(['replace']);
  });
});

describe('after a crash', () => {
  const nothing = { rules: [], replaced: [] };
  const replaced = { id: 'f', rule: { id: 'f' }, order: ['f'] };
  const foreign = rule('f', { pattern });

  test('a rule whose reply was lost is recognised by pattern and exact action', () => {
    const changes = [{ kind: 'create' as const, pattern, url }];
    expect(recognizePageRules(nothing, changes, [ours('n')]).state.rules).toEqual([
      { id: 'n', pattern, url },
    ]);
    expect(
      recognizePageRules(nothing, changes, [ours('n', { redirect: { url, statusCode: 301 } })]).state.rules,
    ).toEqual([]);
    expect(recognizePageRules(nothing, changes, []).state.rules).toEqual([]);
  });

  test('a replaced rule is ours only if what we wrote is there', () => {
    const changes = [{ kind: 'replace' as const, id: 'f', pattern, url, place: 1, replaced }];
    expect(recognizePageRules(nothing, changes, [ours('f')]).state).toEqual({
      rules: [{ id: 'f', pattern, url }],
      replaced: [replaced],
    });
    expect(recognizePageRules(nothing, changes, [foreign]).state).toEqual(nothing);
  });

  test('a rule that was put back is ours no longer', () => {
    const before = { rules: [{ id: 'f', pattern, url }], replaced: [replaced] };
    const changes = [{ kind: 'restore' as const, id: 'f', pattern, url, replaced, under: [], displaced: [] }];
    expect(recognizePageRules(before, changes, [foreign]).state).toEqual(nothing);
    expect(recognizePageRules(before, changes, [ours('f')]).state).toEqual(before);
  });
});

describe('places on top', () => {
  test('leave no rule of ours below a foreign one, whether a write shifts the others or changes places', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 1 }),
        fc.func(fc.boolean()),
        fc.func(fc.boolean()),
        (order, isOurs, isMoving) => {
          // Rules of ours that stay stand on top, as after earlier closures.
          const staying = order.filter((id) => isOurs(id) && !isMoving(id));
          const current = [...staying, ...order.filter((id) => !staying.includes(id))];
          const moving = current.filter((id) => isMoving(id));
          const places = topPlaces(current, new Set(staying), moving);
          for (const write of [shifting, swapping]) {
            const after = moving.reduce(
              (now, id) => write(now, id, current.length - (places.get(id) ?? 0)),
              current,
            );
            const top = after.slice(0, staying.length + moving.length);
            expect(new Set(top)).toEqual(new Set([...staying, ...moving]));
          }
        },
      ),
    );
  });

  const shifting = (order: string[], id: string, index: number) =>
    order.filter((other) => other !== id).toSpliced(index, 0, id);
  const swapping = (order: string[], id: string, index: number) =>
    order.with(order.indexOf(id), order[index] ?? id).with(index, id);
});

describe('a rule that wins over ours', () => {
  test.each([
    ['example.com/a*', true],
    ['*/a', true],
    ['https://www.example.com/*', true],
    ['http://example.com:8080/x', true],
    ['*example.com/*.png', true],
    ['example.org/*', false],
    ['example.com', true],
    ['*.example.net/a.example.com/*', false],
  ])('may be one on %s: %s', (foreign, wins) => {
    const own = { id: 'a', pattern, url };
    const read = [rule('x', { pattern: foreign }), ours('a')];
    expect(outrankedBy(own, read, new Set(['a'])) !== undefined).toBe(wins);
    expect(outrankedBy(own, read.toReversed(), new Set(['a']))).toBeUndefined();
  });
});
