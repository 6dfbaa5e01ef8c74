import { visitorUrl } from '../domain/maintenance-url.ts';
import type { Answer, ProbeSubject, Wanted } from './types.ts';

/** Our engines redirect with 302 only. */
const REDIRECT_STATUS = 302;

/**
 * The addresses whose redirect is ours. What is to be closed must send to the present one; what is to be open must not
 * send to any that it was closed with, nor to the page of another closed site.
 */
export function ourAddresses(subject: ProbeSubject, goal: Wanted): string[] {
  const { url, domain, formerUrls = [], others = [] } = subject;
  const own = visitorUrl(url, domain);
  if (goal === 'closed') return [own];
  const former = formerUrls.map((template) => visitorUrl(template, domain));
  return [own, ...former, ...others.map((other) => visitorUrl(other.url, other.domain))];
}

/**
 * True when the reply is our redirect to one of `addresses`. A rule may add the query of the request (Cloudflare's
 * guide for moving page rules to redirect rules keeps it), so the address followed by exactly that query is ours too.
 */
export function isOurRedirect(answer: Answer, addresses: readonly string[]): boolean {
  if (answer.status !== REDIRECT_STATUS || answer.location === undefined) return false;
  const location = URL.parse(answer.location)?.href;
  return location !== undefined && addresses.some((address) => leadsTo(location, address, answer.query));
}

function leadsTo(location: string, address: string, query: string): boolean {
  if (location === address) return true;
  const added = new URL(address);
  added.search = added.search === '' ? query : `${added.search}&${query}`;
  return location === added.href;
}
