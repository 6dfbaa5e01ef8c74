import { expect, test } from 'vitest';
import type { ZoneFacts } from '../../../src/domain/zone-facts.ts';
import { changeReason } from '../../../src/services/site-sync/change-reason.ts';
import {
  factChanges,
  type KnownSite,
  type PagePlan,
  planPage,
} from '../../../src/services/site-sync/plan-page.ts';

const OLD = '1'.repeat(32);
const NEW = '2'.repeat(32);
const RULE = { id: 'a'.repeat(32), pattern: '*example.com/*', url: 'https://x.net/' };

function siteOf(data: Partial<KnownSite>): KnownSite {
  return {
    id: 1,
    domain: 'example.com',
    isActive: true,
    maintenanceActive: false,
    edgeState: null,
    zoneId: OLD,
    zoneName: 'example.com',
    accountId: null,
    zoneStatus: 'active',
    zonePaused: false,
    zonePlan: 'free',
    pageRuleQuota: 3,
    zoneCheckedAt: null,
    apiKeyId: 1,
    isPending: false,
    ...data,
  };
}

function zoneOf(data: Partial<ZoneFacts> = {}): ZoneFacts {
  return {
    id: NEW,
    name: 'example.com',
    status: 'active',
    paused: false,
    plan: 'free',
    accountId: null,
    pageRuleQuota: 3,
    ...data,
  };
}

const usesKeyOne = ({ apiKeyId }: KnownSite) => apiKeyId === 1;

/** What becomes of each zone and site, in short. */
function outcomes({ create, refresh, conflicts }: PagePlan): string[] {
  return [
    ...create.map(({ id }) => `create ${id[0]}`),
    ...refresh.map(({ site, zone }) => `${site.domain} in ${zone.id[0]}`),
    ...conflicts.map(({ zone }) => `conflict ${zone.id[0]}`),
  ];
}

test.each<[string, Partial<KnownSite>, string, 'example.com in 2' | 'conflict 2']>([
  ['lies in it', { zoneId: NEW }, 'active', 'example.com in 2'],
  ['has no zone yet', { zoneId: null }, 'pending', 'example.com in 2'],
  ['has one that serves', {}, 'active', 'conflict 2'],
  ['has one that does not serve', { zoneStatus: 'moved' }, 'active', 'example.com in 2'],
  ['has one that is gone', { zoneStatus: 'deleted' }, 'active', 'example.com in 2'],
  ['has one that does not serve either', { zoneStatus: 'moved' }, 'pending', 'conflict 2'],
  ['is being closed in another', { zoneStatus: 'moved', isPending: true }, 'active', 'conflict 2'],
  ['uses another key', { zoneStatus: 'deleted', apiKeyId: 2 }, 'active', 'conflict 2'],
  ['is closed in another', { zoneStatus: 'moved', maintenanceActive: true }, 'active', 'conflict 2'],
  [
    'left rules in another',
    { zoneStatus: 'moved', edgeState: { engine: 'page_rules', rules: [RULE], replaced: [], unrestored: [] } },
    'active',
    'conflict 2',
  ],
])('a zone and the site of its name that %s', (_, data, status, outcome) => {
  expect(outcomes(planPage([zoneOf({ status })], [siteOf(data)], usesKeyOne))).toEqual([outcome]);
});

test('a zone gets a site of its own beside those that lie in it', () => {
  const shop = siteOf({ id: 2, domain: 'shop.example.com', zoneId: NEW });
  const other = siteOf({ id: 3, domain: 'other.com', zoneId: OLD });
  expect(outcomes(planPage([zoneOf()], [shop, other], usesKeyOne))).toEqual([
    'create 2',
    'shop.example.com in 2',
  ]);
});

test.each<[string, ZoneFacts[], KnownSite[], string[]]>([
  [
    'the active one becomes the site',
    [zoneOf({ id: OLD, status: 'pending' }), zoneOf()],
    [],
    ['create 2', 'conflict 1'],
  ],
  [
    'the site stays in its own as long as that serves',
    [zoneOf({ id: OLD }), zoneOf()],
    [siteOf({})],
    ['example.com in 1', 'conflict 2'],
  ],
  [
    'the site leaves its own in the same run that shows it as moved away',
    [zoneOf({ id: OLD, status: 'moved' }), zoneOf()],
    [siteOf({})],
    ['example.com in 2', 'conflict 1'],
  ],
  [
    'a closed site stays where its rules are',
    [zoneOf({ id: OLD, status: 'moved' }), zoneOf()],
    [siteOf({ maintenanceActive: true })],
    ['example.com in 1', 'conflict 2'],
  ],
])('of two zones of one name %s', (_, zones, known, expected) => {
  expect(outcomes(planPage(zones, known, usesKeyOne))).toEqual(expected);
  expect(outcomes(planPage(zones.toReversed(), known, usesKeyOne))).toEqual(expected);
});

test.each<[string, Partial<ZoneFacts>, Partial<KnownSite>, string | null]>([
  ['nothing', {}, {}, null],
  ['pausing', { paused: true }, {}, 'Cloudflare is paused for the zone: no rule works there.'],
  ['resuming', {}, { zonePaused: true }, 'Cloudflare is not paused for the zone any more.'],
  [
    'a status',
    { status: 'moved' },
    {},
    'The domain does not use the name servers of Cloudflare any more: the zone has moved and does not serve.',
  ],
  ['an unknown status', { status: 'odd' }, {}, 'The status of its zone is odd now.'],
  ['an account', { accountId: 'b'.repeat(32) }, {}, 'Its zone belongs to another account now.'],
  ['a plan', { plan: 'pro' }, {}, 'The plan of its zone is pro now.'],
  ['a quota', { pageRuleQuota: 5 }, {}, 'Cloudflare says something else of its zone than before.'],
  [
    'a name',
    { name: 'new.com' },
    {},
    'Its zone was renamed from example.com to new.com. example.com does not lie in it any more.',
  ],
  ['a zone that is found', {}, { zoneId: null, zoneName: null }, 'Its zone was found.'],
  ['another zone', { id: '3'.repeat(32) }, {}, 'It lies in another zone now.'],
  [
    'a zone that is back',
    {},
    { zoneStatus: 'deleted', isActive: false },
    'Cloudflare serves the zone now. The site stays inactive; to use it again: intermission site edit example.com --active',
  ],
])('a change is explained: %s', (_, zone, data, reason) => {
  const site = siteOf(data);
  expect(changeReason(site, factChanges(site, zoneOf({ id: OLD, ...zone })))).toBe(reason);
});
