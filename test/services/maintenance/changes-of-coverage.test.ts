import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RuleSeed, type Switches, switchPositions } from '../../../src/emulator/index.ts';
import { databaseUrls } from '../../support/describe-databases.ts';
import { fc } from '../../support/property.ts';
import { essence, openWorkplace, type Workplace } from '../../support/workplace.ts';

const urls = databaseUrls('sqlite');
let workplace: Workplace;
beforeAll(async () => {
  workplace = await openWorkplace(await urls.migrated(), { emulator: { zones: 0 } });
});
afterAll(() => workplace[Symbol.asyncDispose]());

const PAGES = ['https://status.example.net/', 'https://status.example.net/other'] as const;
const COVERAGES = [
  { includeSubdomains: true, subdomainList: '' },
  { includeSubdomains: false, subdomainList: '' },
  { includeSubdomains: false, subdomainList: 'api' },
  { includeSubdomains: false, subdomainList: 'api,www' },
] as const;
type Coverage = (typeof COVERAGES)[number];

interface Step {
  coverage: Coverage;
  url: string;
}

let runs = 0;

/** Closes a site of its own in each of these ways, one after the other, then opens it; visitors and rules are looked at. */
async function closeInTurn(
  rules: readonly RuleSeed[],
  steps: readonly Step[],
  switches: Partial<Switches> = {},
) {
  const { emulator, app } = workplace;
  runs += 1;
  workplace.clock.advance(300_000);
  const domain = `shop-${runs}.example`;
  emulator.setSwitches(switches);
  const seeds = JSON.parse(JSON.stringify(rules).replaceAll('DOMAIN', domain)) as RuleSeed[];
  const zone = emulator.addZone({ name: domain, rules: seeds, pageRuleQuota: 20 });
  const site = await app.sites.create({ domain, engine: 'page_rules' });
  const service = app.maintenance(site);
  for (const { coverage, url } of steps) {
    await app.sites.update({ domain }, coverage);
    await service.enableMaintenance('coverage', { url });
    for (const host of hostsOf(domain, coverage)) {
      const { location } = await emulator.visit(`https://${host}/any`);
      expect([host, location]).toEqual([host, url]);
    }
  }
  const { plan } = await service.disableMaintenance();
  expect(essence(emulator.rules(zone.id))).toEqual(essence(zone.rules));
  expect(JSON.stringify(plan)).not.toContain('order_changed');
  await app.sites.remove({ domain });
  emulator.removeZone(zone.id);
}

function hostsOf(domain: string, { includeSubdomains, subdomainList }: Coverage): string[] {
  const names = includeSubdomains
    ? ['api', 'www', 'else']
    : subdomainList.split(',').filter((name) => name !== '');
  return [domain, ...names.map((name) => `${name}.${domain}`)];
}

const setting = (pattern: string): RuleSeed => ({ pattern, actions: [{ id: 'ssl', value: 'strict' }] });
const [everything, one, , three] = COVERAGES;
const two = COVERAGES[2];
const at = (coverage: Coverage, url: string = PAGES[0]): Step => ({ coverage, url });

test('a rule that is given back while the site stays closed does not open its hosts', async () => {
  const rules = ['api.DOMAIN/*', 'DOMAIN/blog/*', '*DOMAIN/*'].map(setting);
  await closeInTurn(rules, [at(two), at(everything)]);
});

test('a rule that is given back while the page changes does not open its hosts', async () => {
  const rules = ['api.DOMAIN/*', 'DOMAIN/*', '*DOMAIN/*'].map(setting);
  await closeInTurn(rules, [at(two), at(everything, PAGES[1]), at(one)]);
});

test('rules written over in several operations go back to the order that they had', async () => {
  const rules = ['api.DOMAIN/*', 'DOMAIN/blog/*', 'DOMAIN/*', 'DOMAIN/a'].map(setting);
  await closeInTurn(rules, [at(one), at(three)]);
});

test('a rule that is given back does not open hosts where two rules change places on a write', async () => {
  const rules = ['api.DOMAIN/*', 'DOMAIN/*', '*DOMAIN/*'].map(setting);
  await closeInTurn(rules, [at(one), at(everything)], { priorityMove: 'swap' });
});

const PATTERNS = [
  '*DOMAIN/*',
  'DOMAIN/*',
  'api.DOMAIN/*',
  'www.DOMAIN/*',
  'DOMAIN/blog/*',
  '*DOMAIN/*.png',
  'api.DOMAIN/a',
];

test('however coverage and page change, what is covered is closed, and all is as before in the end', async () => {
  const switches = fc.record(
    Object.fromEntries(
      Object.entries(switchPositions).map(([name, positions]) => [name, fc.constantFrom(...positions)]),
    ),
  ) as fc.Arbitrary<Partial<Switches>>;
  const steps = fc.array(
    fc.record({ coverage: fc.constantFrom(...COVERAGES), url: fc.constantFrom(...PAGES) }),
    { minLength: 2, maxLength: 4 },
  );
  const rules = fc.shuffledSubarray(PATTERNS).map((patterns) => patterns.map(setting));
  await fc.assert(
    fc.asyncProperty(rules, steps, switches, async (...input) => closeInTurn(...input)),
    { numRuns: 80 },
  );
}, 120_000);
