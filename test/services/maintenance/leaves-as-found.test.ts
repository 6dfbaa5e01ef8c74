import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PageRule, type RuleSeed, type Switches, switchPositions } from '../../../src/emulator/index.ts';
import { closingPatterns } from '../../../src/engines/page-rule-patterns.ts';
import { databaseUrls } from '../../support/describe-databases.ts';
import { fc } from '../../support/property.ts';
import { essence, openWorkplace, type Workplace } from '../../support/workplace.ts';

const DOMAIN = 'shop.example';

/** Our patterns as others might have written them. */
const ourPatterns = [`*${DOMAIN}/*`, `*.${DOMAIN}/*`, `${DOMAIN}/*`, `api.${DOMAIN}/*`].flatMap((pattern) => [
  pattern,
  pattern.toUpperCase(),
  `${pattern}/`,
]);
const otherPatterns = [
  `${DOMAIN}/blog/*`,
  `https://www.${DOMAIN}/*`,
  `*${DOMAIN}/*.png`,
  `cdn.${DOMAIN}`,
  `${DOMAIN}/a`,
];

const rule = fc.record({
  pattern: fc.constantFrom(...ourPatterns, ...otherPatterns),
  status: fc.constantFrom('active' as const, 'disabled' as const),
  action: fc.constantFrom('settings', 'inside', 'outside'),
});

interface Case {
  rules: RuleSeed[];
  coverage: { includeSubdomains: boolean; subdomainList: string };
  spare: number;
  switches: Partial<Switches>;
  existing: 'theirs' | undefined;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    drafts: fc.uniqueArray(rule, {
      maxLength: 8,
      selector: ({ pattern }) => pattern.toLowerCase().replace(/\/$/, ''),
    }),
    coverage: fc.constantFrom(
      { includeSubdomains: true, subdomainList: '' },
      { includeSubdomains: false, subdomainList: '' },
      { includeSubdomains: false, subdomainList: 'api,www' },
    ),
    spare: fc.integer({ min: 0, max: 4 }),
    // Whichever way Cloudflare behaves where its behaviour is not known for sure.
    switches: fc.record(
      Object.fromEntries(
        Object.entries(switchPositions).map(([name, positions]) => [name, fc.constantFrom(...positions)]),
      ),
    ) as fc.Arbitrary<Partial<Switches>>,
  })
  .map(({ drafts, ...rest }) => {
    const rules = drafts.map(({ pattern, status, action }): RuleSeed => {
      if (action === 'settings') return { pattern, status, actions: [{ id: 'always_use_https' }] };
      return {
        pattern,
        status,
        forwardTo: action === 'inside' ? `https://${DOMAIN}/moved` : 'https://elsewhere.example/',
      };
    });
    return {
      ...rest,
      rules,
      existing: drafts.some(({ action }) => action === 'outside') ? 'theirs' : undefined,
    };
  });

describe('enable, then disable', () => {
  const databases = databaseUrls('sqlite');
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = await openWorkplace(await databases.migrated(), { emulator: { zones: 0 } });
  });
  afterAll(() => workplace[Symbol.asyncDispose]());

  test('leaves ids, order, patterns, actions and status of all rules of the zone as they were', async () => {
    let runs = 0;
    const seen = { replaced: 0, quota: 0, closed: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async ({ rules: drafts, coverage, spare, switches, existing }) => {
        const { emulator, app } = workplace;
        // A domain of its own, so that a run that failed does not disturb the ones that look for a simpler case.
        runs += 1;
        // Another five minutes of the call budget.
        workplace.clock.advance(300_000);
        const domain = `shop-${runs}.example`;
        const rules = JSON.parse(JSON.stringify(drafts).replaceAll(/shop\.example/gi, domain)) as RuleSeed[];
        emulator.setSwitches(switches);
        const zone = emulator.addZone({ name: domain, rules, pageRuleQuota: rules.length + spare });
        const site = await app.sites.create({ domain, ...coverage, engine: 'page_rules' });
        const before = essence(emulator.rules(zone.id));
        const service = app.maintenance(site);
        try {
          const log = await service.enableMaintenance('property', {
            existing,
            url: 'https://status.example.net/',
          });
          seen.closed += 1;
          if (JSON.stringify(log.plan).includes('"replace"')) seen.replaced += 1;
          const top = emulator.rules(zone.id).map(({ targets }) => targets[0]?.constraint.value);
          expect(top).toEqual(
            expect.arrayContaining(closingPatterns({ ...site, ...coverage, zoneName: domain })),
          );
          for (const host of [
            domain,
            ...(coverage.includeSubdomains || coverage.subdomainList ? [`api.${domain}`] : []),
          ]) {
            expect((await emulator.visit(`http://${host}/any/path?q=1`)).location).toBe(
              'https://status.example.net/',
            );
          }
          await service.disableMaintenance();
        } catch (error) {
          expect(error).toMatchObject({ code: 'quota_exceeded', log: { status: 'failed' } });
          seen.quota += 1;
        }
        expect(essence(emulator.rules(zone.id))).toEqual(before);
        await expect(app.logs.pending().count()).resolves.toBe(0);
        await app.sites.remove({ domain });
        emulator.removeZone(zone.id);
      }),
      { numRuns: 200 },
    );
    // The generator must reach what this property is about.
    expect(seen.closed).toBeGreaterThan(50);
    expect(seen.replaced).toBeGreaterThan(20);
    expect(seen.quota).toBeGreaterThan(5);
  }, 180_000);
});

const SITES = [
  { domain: 'z.example', includeSubdomains: false },
  { domain: 'b.z.example', includeSubdomains: true },
  { domain: 'c.z.example', includeSubdomains: false },
];
const zonePatterns = ['z.example/*', 'b.z.example/*', '*.b.z.example/*', 'c.z.example/*'];
const besides = ['z.example/blog/*', '*z.example/*.png', 'a.z.example/*', '*z.example/*', '*.c.z.example/a'];

interface Interleaving {
  patterns: string[];
  steps: { site: number; closes: boolean }[];
  /** In which order the sites are opened in the end. */
  opening: number[];
}

const interleavings: fc.Arbitrary<Interleaving> = fc.record({
  patterns: fc.shuffledSubarray([...zonePatterns, ...besides], { minLength: 2 }),
  steps: fc.array(fc.record({ site: fc.nat(2), closes: fc.boolean() }), { minLength: 2, maxLength: 6 }),
  opening: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
});

describe('several sites of one zone, closed and opened in any order', () => {
  const databases = databaseUrls('sqlite');
  let workplace: Workplace;
  let runs = 0;
  beforeAll(async () => {
    workplace = await openWorkplace(await databases.migrated(), { emulator: { zones: 0 } });
  });
  afterAll(() => workplace[Symbol.asyncDispose]());

  async function interleave(
    { patterns, steps, opening }: Interleaving,
    priorityMove: Switches['priorityMove'],
  ): Promise<{ before: PageRule[]; after: PageRule[]; plans: string }> {
    const { emulator, app, clock } = workplace;
    runs += 1;
    clock.advance(300_000);
    emulator.setSwitches({ priorityMove });
    const named = (text: string) => text.replace('z.example', `z${runs}.example`);
    const rules = patterns.map((pattern) => ({
      pattern: named(pattern),
      actions: [{ id: 'ssl', value: 'off' }],
    }));
    const zone = emulator.addZone({ name: named('z.example'), rules, pageRuleQuota: 20 });
    const sites = SITES.map((site) => ({ ...site, domain: named(site.domain) }));
    for (const site of sites) await app.sites.create({ ...site, engine: 'page_rules' });
    const closed = new Set<string>();
    let plans = '';
    const end = opening.map((site) => ({ site, closes: false }));
    for (const { site, closes } of [...steps, ...end]) {
      const domain = sites[site]?.domain ?? '';
      const log = closes
        ? await app.enableMaintenanceForDomain(domain, 'property')
        : await app.disableMaintenanceForDomain(domain);
      if (closes) closed.add(domain);
      else closed.delete(domain);
      plans += JSON.stringify(log.plan);
      for (const host of closed)
        expect([host, (await emulator.visit(`https://${host}/x`)).status]).toEqual([host, 302]);
    }
    const after = emulator.rules(zone.id);
    for (const { domain } of sites) await app.sites.remove({ domain });
    emulator.removeZone(zone.id);
    return { before: zone.rules, after, plans };
  }

  test('leave all rules of the zone as they were, and those that are closed stay closed', async () => {
    let replaced = 0;
    await fc.assert(
      fc.asyncProperty(interleavings, async (input) => {
        const { before, after, plans } = await interleave(input, 'shift');
        expect(essence(after)).toEqual(essence(before));
        expect(plans).not.toContain('order_changed');
        replaced += plans.split('"replace"').length - 1;
      }),
      { numRuns: 100 },
    );
    expect(replaced).toBeGreaterThan(60);
  }, 240_000);

  // Each move of ours then moves a rule of the user's as well.
  test('do the same where two rules change places on a write', async () => {
    await fc.assert(
      fc.asyncProperty(interleavings, async (input) => {
        const { before, after, plans } = await interleave(input, 'swap');
        expect(essence(after)).toEqual(essence(before));
        expect(plans).not.toContain('order_changed');
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
