import { IntermissionError } from '../errors.ts';

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * Parses a host name as people write it into the one form we store: lower-case, punycode, no trailing dot.
 *
 * @throws IntermissionError `validation_failed` when it is not a host name with at least two labels
 */
export function parseDomain(text: string): string {
  const ascii = toAscii(text.trim());
  if (ascii === undefined || !isHostName(ascii)) {
    throw new IntermissionError('validation_failed', `"${shorten(text)}" is not a domain name.`, {
      hint: 'Give a name such as example.com: no scheme, no path, no port, no wildcard.',
    });
  }
  return ascii;
}

/** Lower-case and without a trailing dot: two names that are equal after this lead to the same host. */
export function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/** True when `host` is `domain` itself or below it. Both canonical. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** Cuts what a person typed to a length that is safe to repeat in a message. */
export function shorten(text: string, limit = 80): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}

function toAscii(text: string): string | undefined {
  if (text.length === 0 || text.length > 1000 || /[\s/\\?#@:[\]%*]/.test(text)) return undefined;
  const url = URL.parse(`http://${text}/`);
  return url === null ? undefined : canonicalHost(url.hostname);
}

function isHostName(name: string): boolean {
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  return (
    name.length <= 253 && labels.length >= 2 && !/^\d+$/.test(last) && labels.every((l) => LABEL.test(l))
  );
}
