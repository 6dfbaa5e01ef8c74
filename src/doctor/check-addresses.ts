import type { Config } from '../config/load-config.ts';
import { coversHost } from '../domain/coverage.ts';
import { canonicalHost } from '../domain/domain-name.ts';
import type { Intermission } from '../intermission.ts';
import { guardedFetch } from '../probe/guarded-fetch.ts';
import { type Finding, finding, names } from './finding.ts';

const CHECK = 'Public address';
/** A healthy installation answers at once. */
const TIMEOUT_MS = 5_000;

/** The address under which this installation is reached: whether visitors get there, also in a maintenance of ours. */
export async function checkPublicAddress(app: Intermission, signal: AbortSignal): Promise<Finding[]> {
  const { publicUrl, maintenanceUrl, edgeAddress } = app.config;
  if (publicUrl === undefined) {
    const message = `INTERMISSION_PUBLIC_URL is not set. Visitors of closed sites go to ${maintenanceUrl}, unless a site has a page of its own.`;
    return [finding(CHECK, 'ok', message)];
  }
  const closed = await closedSites(app, publicUrl);
  if (closed.length > 0) {
    const message = `${publicUrl} is closed, along with ${names(closed)}: nobody reaches it.`;
    return [finding(CHECK, 'broken', message, `intermission maintenance disable ${closed[0]}`)];
  }
  const insecure = publicUrl.startsWith('http:') ? [notEncrypted(publicUrl)] : [];
  const answer =
    edgeAddress === undefined
      ? await askFor(publicUrl, app.config, signal)
      : finding(
          CHECK,
          'ok',
          `${publicUrl} was not asked: names are not resolved while INTERMISSION_EDGE_ADDRESS is set.`,
        );
  return [answer, ...insecure];
}

/** Visits that go elsewhere prove nothing about the internet. */
export function checkEdgeAddress({ edgeAddress }: Config): Finding[] {
  if (edgeAddress === undefined) return [];
  const message = `INTERMISSION_EDGE_ADDRESS is set: proof looks at ${edgeAddress}, not at what visitors on the internet get.`;
  return [finding('Edge address', 'warning', message, 'It is for tests and staging: unset it elsewhere.')];
}

async function closedSites(app: Intermission, publicUrl: string): Promise<string[]> {
  const host = canonicalHost(new URL(publicUrl).hostname);
  const sites = await app.sites.inMaintenance().all();
  return sites
    .filter(({ domain, includeSubdomains = true, subdomainList = '' }) =>
      coversHost({ domain, includeSubdomains, subdomainList }, host),
    )
    .map(({ domain }) => domain);
}

function notEncrypted(publicUrl: string): Finding {
  const message = `${publicUrl} is not https: what visitors get there can be read and changed on its way.`;
  return finding(
    CHECK,
    'warning',
    message,
    'Put TLS before it, and set INTERMISSION_PUBLIC_URL to https://…',
  );
}

async function askFor(publicUrl: string, config: Config, signal: AbortSignal): Promise<Finding> {
  const { allowPrivateTargets: allowPrivate } = config;
  const reply = await guardedFetch(publicUrl, { signal, allowPrivate, timeoutMs: TIMEOUT_MS, maxBytes: 0 });
  if (!reply.ok && reply.reason === 'refused') {
    const message = `${publicUrl} was not asked: ${reply.message}.`;
    return finding(CHECK, 'warning', message, 'Visitors elsewhere cannot reach a private address.');
  }
  if (!reply.ok) {
    const message = `${publicUrl} does not answer: ${reply.message}.`;
    return finding(CHECK, 'broken', message, 'Start what serves it, or correct INTERMISSION_PUBLIC_URL.');
  }
  if (reply.status >= 500 && reply.status !== 503) {
    const message = `${publicUrl} answers ${reply.status}.`;
    return finding(CHECK, 'broken', message, 'Look at what serves it.');
  }
  return finding(CHECK, 'ok', `${publicUrl} answers.`);
}
