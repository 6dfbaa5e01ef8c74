import { describe, expect, test } from 'vitest';
import type { CloudflareGateway } from '../../src/cloudflare/gateway.ts';
import type { Zone } from '../../src/cloudflare/types.ts';
import { startEmulator } from '../../src/emulator/index.ts';
import { gateway, type Step, scriptedServer, success } from './scripted-server.ts';

const zone = (index: number, more: object = {}) => ({
  id: String(index).padStart(32, '0'),
  name: `site-${index}.example`,
  status: 'active',
  paused: false,
  type: 'full',
  account: { id: 'a'.repeat(32), name: 'Agency' },
  plan: { legacy_id: 'free', name: 'Free Website' },
  meta: { page_rule_quota: 3 },
  ...more,
});

/** Serves `count` zones in pages of at most `largest`, with or without `result_info`. */
function pages(count: number, { largest = 50, info = true } = {}): Step {
  const all = Array.from({ length: count }, (_, index) => zone(index + 1));
  return (response, { url }) => {
    const query = new URL(url, 'http://x').searchParams;
    const size = Math.min(largest, Number(query.get('per_page')));
    const start = (Number(query.get('page')) - 1) * size;
    const body = { result: all.slice(start, start + size), success: true, errors: [], messages: [] };
    const total = {
      result_info: { page: 1, per_page: size, total_pages: Math.ceil(count / size), total_count: count },
    };
    response.end(JSON.stringify(info ? { ...body, ...total } : body));
  };
}

async function collect(client: CloudflareGateway): Promise<Zone[][]> {
  const found: Zone[][] = [];
  for await (const page of client.listZones()) found.push(page);
  return found;
}

describe('listing zones', () => {
  test.each([
    { count: 0, sizes: [], calls: 1 },
    { count: 1, sizes: [1], calls: 1 },
    { count: 50, sizes: [50], calls: 1 },
    { count: 51, sizes: [50, 1], calls: 2 },
    { count: 120, sizes: [50, 50, 20], calls: 3 },
  ])('$count zones take $calls calls, none past the end', async ({ count, sizes, calls }) => {
    await using server = await scriptedServer(pages(count));

    expect((await collect(gateway(server.baseUrl))).map((page) => page.length)).toEqual(sizes);
    expect(server.received).toHaveLength(calls);
  });

  test('without result_info the end is an empty page, even when pages are smaller than asked for', async () => {
    await using server = await scriptedServer(pages(45, { largest: 20, info: false }));

    expect((await collect(gateway(server.baseUrl))).map((page) => page.length)).toEqual([20, 20, 5]);
    expect(server.received).toHaveLength(4);
  });

  test('a server that repeats its only page does not keep us for ever', async () => {
    await using server = await scriptedServer(success([zone(1), zone(2)]));

    expect((await collect(gateway(server.baseUrl))).flat()).toHaveLength(2);
    expect(server.received).toHaveLength(2);
  });

  test('a zone that moves to the next page meanwhile comes once', async () => {
    const info = { result_info: { total_pages: 2 } };
    await using server = await scriptedServer(
      success([zone(1), zone(2)], info),
      success([zone(2), zone(3)], info),
    );

    const names = (await collect(gateway(server.baseUrl))).flat().map(({ name }) => name);

    expect(names).toEqual(['site-1.example', 'site-2.example', 'site-3.example']);
  });

  test('the emulator agrees: 130 zones in 3 calls', async () => {
    await using emulator = await startEmulator({ zones: 130 });

    expect((await collect(gateway(emulator.api, { token: emulator.token }))).flat()).toHaveLength(130);
    expect(emulator.requests()).toHaveLength(3);
  });

  test('a broken page in the middle ends the listing with its error', async () => {
    await using emulator = await startEmulator({ zones: 130 });
    emulator.addFault({ kind: 'invalidJson', path: '/zones$', nth: 2 });

    await expect(collect(gateway(emulator.api, { token: emulator.token }))).rejects.toMatchObject({
      code: 'api_rejected',
    });
  });
});

describe('what a zone is', () => {
  const read = async (wire: object): Promise<Zone> => {
    await using server = await scriptedServer(success(wire));
    return await gateway(server.baseUrl).getZone('0'.repeat(32));
  };

  test('all that is used is read', async () => {
    expect(await read(zone(7, { permissions: ['#zone:edit'], development_mode: 0 }))).toStrictEqual({
      id: '00000000000000000000000000000007',
      name: 'site-7.example',
      status: 'active',
      paused: false,
      type: 'full',
      accountId: 'a'.repeat(32),
      accountName: 'Agency',
      plan: 'free',
      pageRuleQuota: 3,
      permissions: ['#zone:edit'],
    });
  });

  test.each([
    ['free', 3],
    ['pro', 20],
    ['business', 50],
    ['enterprise', 125],
    ['galactic', null],
  ])('without a quota of its own a zone has that of its plan: %s has %s', async (plan, quota) => {
    expect((await read(zone(1, { meta: {}, plan: { legacy_id: plan } }))).pageRuleQuota).toBe(quota);
  });

  test('what is missing or strange in the parts around it is no obstacle', async () => {
    const wire = {
      id: 'x',
      name: 'site.example',
      status: 'pending',
      account: 'none',
      plan: { name: 'Pro Website' },
      meta: null,
    };

    expect(await read(wire)).toMatchObject({
      status: 'pending',
      paused: false,
      accountId: null,
      plan: 'pro',
      pageRuleQuota: 20,
    });
  });

  test.each([404, 403, 400] as const)(
    'an id that no zone has is not_found or forbidden (HTTP %d)',
    async (unknownZone) => {
      await using emulator = await startEmulator({ switches: { unknownZone } });
      const call = gateway(emulator.api, { token: emulator.token }).getZone('f'.repeat(32));

      if (unknownZone === 403) await expect(call).rejects.toMatchObject({ code: 'api_permission_denied' });
      else await expect(call).rejects.toMatchObject({ code: 'not_found', details: { what: 'zone' } });
    },
  );
});

describe('finding the zone of a domain', () => {
  const find = async (domain: string) => {
    await using emulator = await startEmulator({
      zones: [
        { name: 'example.com' },
        { name: 'shop.example.com' },
        { name: 'example.net', status: 'pending' },
      ],
    });
    const found = await gateway(emulator.api, { token: emulator.token }).findZone(domain);
    return found && `${found.name} ${found.status}`;
  };

  test.each([
    ['example.com', 'example.com active'],
    ['Example.com.', 'example.com active'],
    ['www.example.com', 'example.com active'],
    ['shop.example.com', 'shop.example.com active'],
    ['a.b.shop.example.com', 'shop.example.com active'],
    ['www.example.net', 'example.net pending'],
    ['notexample.com', undefined],
    ['www.example.org', undefined],
  ])('%s belongs to %s', async (domain, expected) => {
    expect(await find(domain)).toBe(expected);
  });

  test('of two zones with one name the active one is meant', async () => {
    const pending = zone(1, { name: 'example.com', status: 'pending' });
    const active = zone(2, { name: 'example.com' });
    await using server = await scriptedServer(
      success([pending, active], { result_info: { total_pages: 1 } }),
    );

    expect(await gateway(server.baseUrl).findZone('example.com')).toMatchObject({ id: active.id });
    expect(server.received[0]?.url).toContain('name=example.com');
  });

  test('a server that ignores the name does not give a foreign zone', async () => {
    await using server = await scriptedServer(success([zone(1)], { result_info: { total_pages: 1 } }));

    expect(await gateway(server.baseUrl).findZone('www.example.com')).toBeUndefined();
  });
});
