import { isIP } from 'node:net';

/** Addresses of one family, first and last included. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * `192.0.2.1`, `192.0.2.0/24`, `192.0.2.1..192.0.2.9` and the same in IPv6, or what is wrong with it. Bits after a
 * network's prefix are a mistake unless `hostBits` allows them.
 */
export function parseAddressRange(text: string, options: { hostBits: boolean }): AddressRange | string {
  if (text.includes('..')) return parseSpan(text);
  const [address = '', prefix, ...more] = text.split('/');
  const single = parseAddress(address);
  if (single === undefined || more.length > 0) return 'invalid IP address syntax';
  return prefix === undefined ? single : parseNetwork(single, prefix, options.hostBits);
}

function parseSpan(text: string): AddressRange | string {
  const [from, to, ...more] = text.split('..').map(parseAddress);
  if (from === undefined || to === undefined || more.length > 0) return 'invalid IP address syntax';
  if (from.family !== to.family) return 'both ends of a range must be of one kind';
  return from.first <= to.first
    ? { ...from, last: to.first }
    : 'the end of a range must not be before its start';
}

function parseNetwork(single: AddressRange, prefix: string, hostBits: boolean): AddressRange | string {
  const bits = single.family === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return 'invalid length of the network';
  const size = 1n << BigInt(bits - Number(prefix));
  const first = single.first - (single.first % size);
  if (first !== single.first && !hostBits) return 'host part of address was not zero';
  return { ...single, first, last: first + size - 1n };
}

/** One address as a range of one; an IPv4 address written as IPv6 is taken for what it is. */
export function parseAddress(text: string): AddressRange | undefined {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1] ?? text;
  const family = isIP(plain);
  if (family === 0) return undefined;
  const number = family === 4 ? numberOf(plain.split('.').map(BigInt), 8n) : numberOf(groupsOf(plain), 16n);
  return { family: family === 4 ? 4 : 6, first: number, last: number };
}

export function isIn(address: AddressRange, ranges: readonly AddressRange[]): boolean {
  return ranges.some(
    ({ family, first, last }) => family === address.family && first <= address.first && address.first <= last,
  );
}

function numberOf(parts: readonly bigint[], bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) + part, 0n);
}

/** The eight groups; the URL parser writes every form of an address in the shortest way. */
function groupsOf(address: string): bigint[] {
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => BigInt(`0x${group}`)));
  const [front, back] = [groups(head), groups(tail)];
  return [...front, ...new Array<bigint>(8 - front.length - back.length).fill(0n), ...back];
}
