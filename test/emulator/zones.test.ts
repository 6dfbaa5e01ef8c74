import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { fixture, send, shapeOf } from './client.ts';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ zones: 23 });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

async function names(query: string): Promise<string[]> {
  const { body } = await send(emulator, `GET /zones${query}`);
  return body.result.map(({ name }: { name: string }) => name);
}

describe('pages', () => {
  test('20 at a time unless asked, with the totals', async () => {
    const { body } = await send(emulator, 'GET /zones');
    expect(body.result).toHaveLength(20);
    expect(body.result_info).toEqual({ page: 1, per_page: 20, count: 20, total_count: 23, total_pages: 2 });
    expect(shapeOf({ ...body, result: [] })).toEqual(shapeOf(fixture('zone-list').body));
  });

  test('every zone comes once, and past the end the page is empty and still a 200', async () => {
    const pages = await Promise.all(
      [1, 2, 3].map((page) => send(emulator, `GET /zones?per_page=12&page=${page}`)),
    );
    const listed = pages.flatMap(({ body }) => body.result.map(({ id }: { id: string }) => id));
    expect(pages.map(({ status, body }) => [status, body.result_info.count])).toEqual([
      [200, 12],
      [200, 11],
      [200, 0],
    ]);
    expect(listed).toEqual(emulator.zones().map(({ id }) => id));
  });

  test.each([
    ['1', 5],
    ['1000', 50],
    ['many', 20],
  ])('per_page=%s becomes %d', async (asked, perPage) => {
    const { body } = await send(emulator, `GET /zones?per_page=${asked}`);
    expect(body.result_info.per_page).toBe(perPage);
  });
});

describe('filters and order', () => {
  beforeEach(() => {
    emulator.addZone({
      name: 'shop.example',
      plan: 'pro',
      status: 'pending',
      account: { id: 'a'.repeat(32), name: 'Agency' },
    });
    emulator.addZone({ name: 'hidden.example', type: 'internal' });
  });

  test.each([
    ['?name=site-7.example', ['site-7.example']],
    ['?name=SITE-7.example', ['site-7.example']],
    ['?name=nobody.example', []],
    ['?name=equal:shop.example', ['shop.example']],
    ['?name=starts_with:shop', ['shop.example']],
    ['?name=starts_with:SHOP', ['shop.example']],
    ['?name=starts_with_case_sensitive:SHOP', []],
    ['?name=ends_with:op.example', ['shop.example']],
    ['?name=contains:-23', ['site-23.example']],
    ['?status=pending', ['shop.example']],
    [`?account.id=${'a'.repeat(32)}`, ['shop.example']],
    ['?account.name=contains:gency', ['shop.example']],
    ['?type=internal', ['hidden.example']],
    ['?name=site-1.example&status=pending', []],
    ['?name=site-1.example&status=pending&match=any', ['site-1.example', 'shop.example']],
    [
      '?name=starts_with:site-2&order=name&direction=desc',
      ['site-23.example', 'site-22.example', 'site-21.example', 'site-20.example', 'site-2.example'],
    ],
  ])('%s gives %j', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test('not_equal leaves one out', async () => {
    expect(await names('?name=not_equal:shop.example&per_page=50')).toHaveLength(23);
  });

  test('internal zones are left out unless asked for', async () => {
    expect(await names('?per_page=50')).not.toContain('hidden.example');
  });
});

describe('one zone', () => {
  test('has the documented fields, its account and its quota', async () => {
    const zone = emulator.zone('site-1.example');
    const { status, body } = await send(emulator, `GET /zones/${zone.id}`);
    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      id: zone.id,
      name: 'site-1.example',
      status: 'active',
      paused: false,
      type: 'full',
    });
    expect(body.result.account).toEqual(zone.account);
    expect(body.result.meta.page_rule_quota).toBe(3);
    expect(body.result.plan).toMatchObject({ legacy_id: 'free', name: 'Free Website' });
    expect(shapeOf(body.result.plan)).toEqual(shapeOf(fixture('plan')));
  });

  test.each([
    ['free', 3],
    ['pro', 20],
    ['business', 50],
    ['enterprise', 125],
  ] as const)('the plan %s allows %d page rules', async (plan, quota) => {
    const { id } = emulator.addZone({ name: 'planned.example', plan });
    expect((await send(emulator, `GET /zones/${id}`)).body.result.meta.page_rule_quota).toBe(quota);
  });

  test('shows what was changed by hand', async () => {
    const { id } = emulator.setZone('site-1.example', { paused: true, status: 'moved', pageRuleQuota: 30 });
    const { result } = (await send(emulator, `GET /zones/${id}`)).body;
    expect([result.paused, result.status, result.meta.page_rule_quota]).toEqual([true, 'moved', 30]);
  });

  test('an id that is none cannot be routed to', async () => {
    const { status, body } = await send(emulator, 'GET /zones/asdf');
    expect(status).toBe(404);
    expect(body.errors.map(({ code }: { code: number }) => code)).toEqual([7003, 7000]);
  });
});

test('ids are the same in every emulator and 32 hexadecimal characters', async () => {
  await using other = await startEmulator({ zones: 1 });
  expect(other.zone('site-1.example').id).toBe(emulator.zone('site-1.example').id);
  expect(other.zone('site-1.example').id).toMatch(/^[0-9a-f]{32}$/);
});

test('a zone that exists, and a name that is no domain, are refused', () => {
  expect(() => emulator.addZone({ name: 'site-1.example' })).toThrow('exists already');
  expect(() => emulator.addZone({ name: 'Site One' })).toThrow();
});

test('seeded rules stand as they are listed', () => {
  const rule = (name: string) => ({ pattern: `${name}.seeded.example/*`, forwardTo: 'https://x.example/' });
  const { rules } = emulator.addZone({ name: 'seeded.example', rules: [rule('top'), rule('bottom')] });
  expect(rules.map(({ targets, priority }) => [targets[0]?.constraint.value, priority])).toEqual([
    ['top.seeded.example/*', 2],
    ['bottom.seeded.example/*', 1],
  ]);
});
