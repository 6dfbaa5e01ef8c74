import { type Coverage, coversHost } from '../domain/coverage.ts';
import { type GuardedReply, type GuardedRequest, guardedFetch } from './guarded-fetch.ts';
import { plainAddress } from './say.ts';

/** Something that visitors of a closed site would meet instead of the page. */
export interface PageWarning {
  code: 'page_not_checked' | 'page_unreachable' | 'page_missing' | 'page_failing' | 'page_loops';
  message: string;
  hint: string;
}

type CheckOptions = Pick<GuardedRequest, 'allowPrivate' | 'resolve' | 'signal' | 'ca' | 'timeoutMs'>;

/**
 * Fetches the maintenance page once. 200 and 503 are what such pages answer; no answer, 404 or 410, another error of
 * its server, or a redirect to a site of `closing` is a warning. Rejects only when `signal` aborts.
 */
export async function checkPage(
  url: string,
  closing: readonly Coverage[],
  options: CheckOptions = {},
): Promise<PageWarning | undefined> {
  const reply = await guardedFetch(url, { ...options, maxBytes: 0 });
  return warnOfPage(url, reply, closing);
}

/** What a reply of the maintenance page means. Pure. */
export function warnOfPage(
  url: string,
  reply: GuardedReply,
  closing: readonly Coverage[],
): PageWarning | undefined {
  const page = `The maintenance page ${plainAddress(url)}`;
  if (!reply.ok) return warnOfSilence(page, reply);
  const { status, headers } = reply;
  if (status === 404 || status === 410) {
    const message = `${page} answers ${status}: there is no page.`;
    return {
      code: 'page_missing',
      message,
      hint: 'Visitors of the closed site will see that. Correct the address.',
    };
  }
  if (status >= 500 && status !== 503) {
    const message = `${page} answers ${status}.`;
    return {
      code: 'page_failing',
      message,
      hint: 'Visitors of the closed site will see that. Repair its server.',
    };
  }
  const target = status >= 300 && status < 400 ? URL.parse(headers.location ?? '', url) : null;
  const site = target === null ? undefined : closing.find((one) => coversHost(one, target.hostname));
  return site === undefined ? undefined : warnOfLoop(page, site.domain);
}

function warnOfSilence(page: string, reply: GuardedReply & { ok: false }): PageWarning {
  if (reply.reason === 'refused') {
    return {
      code: 'page_not_checked',
      message: `${page} was not fetched: ${reply.message}.`,
      hint: 'Visitors elsewhere cannot reach a private address. Where all of them can, set INTERMISSION_ALLOW_PRIVATE_TARGETS=1.',
    };
  }
  return {
    code: 'page_unreachable',
    message: `${page} does not answer: ${reply.message}.`,
    hint: 'Visitors of the closed site may meet the same. Check the address and its server.',
  };
}

function warnOfLoop(page: string, domain: string): PageWarning {
  return {
    code: 'page_loops',
    message: `${page} redirects back to ${domain}, which is being closed: visitors would go round in a circle.`,
    hint: 'Use a page on another domain, or one that does not redirect.',
  };
}
