import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Whether `address` is one of `entries` (addresses and networks such as `203.0.113.0/24`). An IPv4 address written
 * as IPv6 (`::ffff:203.0.113.7`) is the same address. An entry that is neither is nobody's.
 */
export function isListed(address: string, entries: readonly string[]): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const list = new BlockList();
  for (const entry of entries) addEntry(list, entry);
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', prefix, ...rest] = entry.trim().split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (bits === undefined || rest.length > 0) return;
  const length = prefix === undefined ? bits : Number(prefix);
  if (!/^\d+$/.test(prefix ?? '0') || length > bits) return;
  list.addSubnet(address, length, bits === 32 ? 'ipv4' : 'ipv6');
}
