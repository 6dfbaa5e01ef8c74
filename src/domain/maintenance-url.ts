import { IntermissionError } from '../errors.ts';
import { type Coverage, coversHost } from './coverage.ts';
import { canonicalHost, shorten } from './domain-name.ts';
import { isOpenPath } from './open-paths.ts';

/** Longest maintenance URL that is stored, in characters. */
const MAX_URL_LENGTH = 500;

/** A closed site as the loop check sees it: what it covers, and where it sends visitors. */
export interface Redirecting extends Coverage {
  url: string;
  /** Stored form: see `parseOpenPaths`. */
  openPaths?: readonly string[];
}

/**
 * Checks a maintenance URL as it is stored: absolute, http or https. `{domain}` may stand anywhere in it, `{until}`
 * in its query. `$` before a digit is refused: Cloudflare would fill in a part of the pattern, another one for each engine.
 *
 * @throws IntermissionError `validation_failed`
 */
export function parseMaintenanceUrl(text: string): string {
  const url = text.trim();
  if (url.length > MAX_URL_LENGTH) throw refuse(url, `is longer than ${MAX_URL_LENGTH} characters`);
  if (/\$\d/.test(url)) throw refuse(url, 'has "$" before a digit, which Cloudflare would replace');
  const [address = '', ...query] = withDomain(url, 'example.com').split('?');
  const rest = `${address}?${query.join('?').replaceAll('{until}', '')}`;
  if (address.includes('{until}')) throw refuse(url, 'has {until} before its "?"');
  if (/[{}]/.test(rest)) throw refuse(url, 'has a placeholder other than {domain} and {until}');
  const parsed = URL.parse(rest);
  if (parsed === null || !/^https?:\/\//i.test(url))
    throw refuse(url, 'is not an absolute http or https URL');
  if (parsed.username !== '' || parsed.password !== '') throw refuse(url, 'holds a user name or password');
  return url;
}

/**
 * The address that visitors of `domain` are sent to: placeholders filled in, percent-encoded as a browser would.
 * `{until}` becomes the end of the maintenance in whole seconds of UTC (`2030-01-31T22:00:00Z`), or nothing.
 */
export function visitorUrl(template: string, domain: string, until?: Date): string {
  const end = until === undefined ? '' : `${until.toISOString().slice(0, 19)}Z`;
  return new URL(withDomain(template, domain).replaceAll('{until}', end)).href;
}

/**
 * Follows the redirects that closing `site` would make. Returns the domains passed on the way when a visitor would
 * come round in a circle, else undefined. `others` are the sites that are closed already or by the same run.
 */
export function findRedirectLoop(site: Redirecting, others: readonly Redirecting[]): string[] | undefined {
  const passed = [site.domain];
  const all = [site, ...others];
  let url = site.url;
  for (;;) {
    const destination = new URL(url);
    const next = all.find((other) => redirects(other, destination));
    if (next === undefined) return undefined;
    const seen = passed.includes(next.domain);
    passed.push(next.domain);
    if (seen) return passed;
    url = next.url;
  }
}

/** True when a closed `site` answers a request for `url` with its redirect. */
export function redirects(site: Omit<Redirecting, 'url'>, { hostname, pathname }: URL): boolean {
  const { openPaths = [] } = site;
  return coversHost(site, canonicalHost(hostname)) && !openPaths.some((path) => isOpenPath(path, pathname));
}

function withDomain(template: string, domain: string): string {
  return template.replaceAll('{domain}', domain);
}

function refuse(text: string, why: string): IntermissionError {
  // Whatever is wrong with it: a password in it is not repeated.
  const url = text.replace(/\/\/[^/?#]*@/, '//…@');
  return new IntermissionError('validation_failed', `The maintenance URL "${shorten(url)}" ${why}.`, {
    hint: 'Give an address such as https://status.example.net/?site={domain}.',
  });
}
