import { BlockList, isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseBypassIps } from '../../src/domain/bypass-ips.ts';
import { IntermissionError } from '../../src/errors.ts';
import { fc } from '../support/property.ts';

describe('a bypass address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7/32 ', '203.0.113.7'],
    ['203.0.113.77/24', '203.0.113.0/24'],
    ['10.255.0.0/9', '10.128.0.0/9'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001/128', '2001:db8::1'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
    ['::1', '::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['::ffff:203.0.113.7/120', '203.0.113.0/24'],
    ['fe80::/10', 'fe80::/10'],
  ])('%j is stored as %j', (text, stored) => {
    expect(parseBypassIps([text])).toEqual([stored]);
  });

  test.each([
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    '0x7f.0.0.1',
    '203.0.113.7/33',
    '203.0.113.7/',
    '203.0.113.7/-1',
    '0.0.0.0/0',
    '::/0',
    '2001:db8::/129',
    '2001:db8',
    '::ffff:0:0/96',
    '::ffff:0:0/90',
    ':::',
    'fe80::1%eth0',
    'example.com',
    '203.0.113.7} or {1.1.1.1',
    '1.1.1.1 2.2.2.2',
  ])('%j is refused', (text) => {
    expect(() => parseBypassIps([text])).toThrow(IntermissionError);
  });

  test('the same one is stored once, and more than 100 are refused', () => {
    expect(parseBypassIps(['203.0.113.7', '', '203.0.113.7/32'])).toEqual(['203.0.113.7']);
    expect(() => parseBypassIps(Array.from({ length: 101 }, (_, n) => `10.0.0.${n}`))).toThrow(/101 bypass/);
  });

  test('means the same network as before, for every address of both versions', () => {
    const network = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })),
      fc.tuple(
        // Those that stand for an IPv4 address change their form on purpose.
        fc.ipV6().filter((ip) => !/[.]|ffff/i.test(ip)),
        fc.integer({ min: 1, max: 128 }),
      ),
    );
    fc.assert(
      fc.property(network, ([address, prefix]) => {
        const [stored = ''] = parseBypassIps([`${address}/${prefix}`]);
        const [base = '', length] = stored.split('/');
        const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
        const size = family === 'ipv4' ? 32 : 128;
        expect(Number(length ?? size)).toBe(prefix);
        expect(isIP(base)).toBe(isIP(address));
        const asked = new BlockList();
        asked.addSubnet(address, prefix, family);
        expect(asked.check(base, family)).toBe(true);
        const kept = new BlockList();
        kept.addSubnet(base, prefix, family);
        expect(kept.check(address, family)).toBe(true);
        expect(parseBypassIps([stored])).toEqual([stored]);
      }),
      { numRuns: 500 },
    );
  });
});
