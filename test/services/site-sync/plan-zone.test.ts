import { expect, test } from 'vitest';
import { CloudflareSite } from '../../../src/domain/cloudflare-site.ts';
import type { ZoneFacts } from '../../../src/domain/zone-facts.ts';
import { planZone } from '../../../src/services/site-sync/plan-zone.ts';

const OLD = '1'.repeat(32);
const NEW = '2'.repeat(32);
const RULE = { id: 'a'.repeat(32), pattern: '*example.com/*', url: 'https://x.net/' };

function siteOf(data: Partial<CloudflareSite>): CloudflareSite {
  return Object.assign(Object.create(CloudflareSite.prototype), { domain: 'example.com', ...data });
}

function zoneOf(status = 'active'): ZoneFacts {
  return {
    id: NEW,
    name: 'example.com',
    status,
    paused: false,
    plan: 'free',
    accountId: null,
    pageRuleQuota: 3,
  };
}

test.each<[string, Partial<CloudflareSite>, string, 'refresh' | 'conflict']>([
  ['lies in it', { zoneId: NEW }, 'active', 'refresh'],
  ['has no zone yet', { zoneId: null }, 'pending', 'refresh'],
  ['has one that serves', { zoneId: OLD, zoneStatus: 'active' }, 'active', 'conflict'],
  ['has one that does not serve', { zoneId: OLD, zoneStatus: 'moved' }, 'active', 'refresh'],
  ['has one that does not serve either', { zoneId: OLD, zoneStatus: 'moved' }, 'pending', 'conflict'],
  [
    'is closed in another',
    { zoneId: OLD, zoneStatus: 'moved', maintenanceActive: true },
    'active',
    'conflict',
  ],
  [
    'left rules in another',
    {
      zoneId: OLD,
      zoneStatus: 'moved',
      edgeState: { engine: 'page_rules', rules: [RULE], replaced: [], unrestored: [] },
    },
    'active',
    'conflict',
  ],
])('a zone and the site of its name that %s', (_, data, status, outcome) => {
  const site = siteOf(data);
  expect(planZone(zoneOf(status), [site])).toEqual(
    outcome === 'refresh'
      ? { create: false, refresh: [site], conflict: undefined }
      : { create: false, refresh: [], conflict: site },
  );
});

test('a zone gets a site of its own beside those that lie in it', () => {
  const shop = siteOf({ domain: 'shop.example.com', zoneId: NEW });
  const other = siteOf({ domain: 'other.com', zoneId: OLD });
  expect(planZone(zoneOf(), [shop, other])).toEqual({ create: true, refresh: [shop], conflict: undefined });
});
