import { BlockList, isIP } from 'node:net';

/**
 * True for an address of the public internet. Private, loopback, link-local, metadata, documentation, multicast and
 * all other special addresses are not (IANA's special-purpose registries); one that stands for an IPv4 address
 * (`::ffff:…`) is what that is.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  if (family === 4) return !specialIpv4.check(address, 'ipv4');
  // BlockList applies the rules of IPv4 to mapped addresses by itself.
  if (mapped.check(address, 'ipv6')) return !specialIpv4.check(address, 'ipv6');
  return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
}

const specialIpv4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

const mapped = blockList('ipv6', ['::ffff:0:0/96']);

const globalIpv6 = blockList('ipv6', ['2000::/3']);

/** Within the global range: tunnels that carry an IPv4 address inside, documentation, protocol assignments. */
const specialIpv6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

function blockList(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
