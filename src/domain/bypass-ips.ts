import { IntermissionError } from '../errors.ts';
import { shorten } from './domain-name.ts';

/** Most addresses and networks of one site. */
const MAX_NETWORKS = 100;
/** How an IPv4 address in the form of IPv6 begins (RFC 4291, 2.5.5.2). */
const MAPPED_IPV4 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/**
 * Parses addresses and networks (CIDR), IPv4 or IPv6, into the one form that is stored: lower-case, shortest,
 * without the bits behind the prefix, without a prefix where it is a single address. An IPv4 address in the form of
 * IPv6 (`::ffff:203.0.113.7`) is stored as IPv4, which is how Cloudflare sees its visitor.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseBypassIps(texts: readonly string[]): string[] {
  const networks = new Set(
    texts
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map(parseNetwork),
  );
  if (networks.size <= MAX_NETWORKS) return [...networks];
  throw new IntermissionError(
    'validation_failed',
    `${networks.size} bypass addresses are more than the ${MAX_NETWORKS} a site may have.`,
    { hint: 'Give networks instead of single addresses, such as 203.0.113.0/24.' },
  );
}

function parseNetwork(text: string): string {
  const [, host = '', prefixText] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const given = parseIpv4(host) ?? parseIpv6(host);
  if (given === undefined) throw refuse(text, 'is neither an address nor a network');
  const givenSize = given.length * 8;
  const givenPrefix = prefixText === undefined ? givenSize : Number(prefixText);
  if (givenPrefix > givenSize) throw refuse(text, `has a longer prefix than /${givenSize}`);
  const bytes = MAPPED_IPV4.every((byte, index) => byte === given[index]) ? given.slice(12) : given;
  const size = bytes.length * 8;
  const prefix = givenPrefix - (givenSize - size);
  if (prefix <= 0) throw refuse(text, 'is everybody: nobody would see the maintenance page');
  const network = format(mask(bytes, prefix));
  return prefix === size ? network : `${network}/${prefix}`;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  const isByte = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.length === 4 && parts.every(isByte) ? parts.map(Number) : undefined;
}

/** The WHATWG URL parser reads IPv6 strictly and writes it in its shortest form. */
function parseIpv6(text: string): number[] | undefined {
  if (!text.includes(':') || !/^[0-9a-f:.]+$/i.test(text)) return undefined;
  const shortest = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1);
  if (shortest === undefined) return undefined;
  const [head = [], tail] = shortest
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const filler = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...filler, ...(tail ?? [])].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

function mask(bytes: readonly number[], prefix: number): number[] {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff00 >> kept) & 0xff;
  });
}

function format(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function refuse(text: string, why: string): IntermissionError {
  return new IntermissionError('validation_failed', `The bypass address "${shorten(text)}" ${why}.`, {
    hint: 'Give an address such as 203.0.113.7 or 2001:db8::1, or a network such as 203.0.113.0/24.',
  });
}
