import type { CloudflareSite } from '../../domain/cloudflare-site.ts';
import { summarizeHolds } from '../../domain/holds.ts';
import { MANUAL_HOLD } from '../../domain/maintenance-hold.ts';
import type { MaintenanceLog } from '../../domain/maintenance-log.ts';
import { visitorUrl } from '../../domain/maintenance-url.ts';
import type { PageWarning } from '../../probe/maintenance-page.ts';
import type { HostReport, Observed, Proof, Wanted } from '../../probe/types.ts';
import { observedState } from '../../probe/verdict.ts';
import { planIn } from './closed-sides.ts';
import type { Dependencies } from './dependencies.ts';
import { holdsAfter } from './hold-records.ts';
import { addressOf, coverageOf, probeSubject } from './probe-subject.ts';
import { getSite, loadSituation } from './records.ts';
import type { EnableOptions } from './request.ts';

export type { HostReport, Proof };

export interface ProofOptions {
  /** How long to wait for the edge, milliseconds; 60,000 unless given. */
  timeoutMs?: number | undefined;
  /** Ends the proof. What was done stays done, and is unproven. */
  signal?: AbortSignal | undefined;
}

/** A finished operation with what visitors got after it. */
export interface ProvenOperation {
  /** The row as it is now, with verdict and evidence. */
  log: MaintenanceLog;
  proof: Proof;
}

/** A proof of the intended state, and what visitors get, whatever is wanted. */
export interface SiteProof extends Proof {
  observed: Observed['state'];
}

/** Closing a site does not wait any longer for a page that does not answer. */
const PAGE_TIMEOUT_MS = 5_000;

/**
 * Proves what an operation has brought about, and keeps verdict and evidence in its row: the one change that a finished
 * row sees. Undefined for a row that says nothing about what visitors should get: refused, taken back or not finished.
 *
 * @throws IntermissionError `not_found` when the site was removed meanwhile
 */
export async function proveOperation(
  deps: Dependencies,
  row: MaintenanceLog,
  options: ProofOptions = {},
): Promise<ProvenOperation | undefined> {
  const plan = planIn(row);
  if (row.site == null || plan.url === undefined || !isProvable(row)) return undefined;
  const site = await getSite(deps.database.read(), row.site.id);
  const proof = await prove(deps, site, plan.url, options);
  return { proof, log: await deps.journal.recordProof(row.id, proof) };
}

/** Proves the intended state of a site. Writes nothing: it is no operation. */
export async function verifySite(
  deps: Dependencies,
  siteId: number,
  options: ProofOptions,
): Promise<SiteProof> {
  const site = await getSite(deps.database.read(), siteId);
  const proof = await prove(deps, site, intendedAddress(deps, site), options);
  return { ...proof, observed: observedState(proof.hosts) };
}

/** What visitors of a site get now, measured by what is intended: one look at each host. */
export async function observeSite(
  deps: Pick<Dependencies, 'database' | 'clock' | 'settings' | 'prover'>,
  site: CloudflareSite,
  signal: AbortSignal | undefined,
): Promise<Observed> {
  const url = intendedAddress(deps, site);
  const subject = await probeSubject(deps, site, url);
  const prover = await deps.prover();
  return prover.observe(subject, url === null ? 'open' : 'closed', signal === undefined ? {} : { signal });
}

/**
 * Fetches the page that visitors would be sent to if the site were closed now: undefined when nothing speaks against
 * it, or when names are not resolved here because the edge is an address of its own.
 */
export async function checkPageOf(
  deps: Dependencies,
  siteId: number,
  { url, hold: name = MANUAL_HOLD, signal }: Pick<EnableOptions, 'url' | 'hold' | 'signal'>,
): Promise<PageWarning | undefined> {
  if (!deps.settings.checksPages) return undefined;
  const { site, holds, asOf } = await loadSituation(deps.database.read(), siteId, deps.clock.now());
  const after = holdsAfter(holds, { kind: 'enable', hold: { name, reason: '', url: url || null } }, asOf);
  const template = summarizeHolds(after).url ?? site.maintenanceUrl ?? deps.settings.defaultUrl;
  const prover = await deps.prover();
  const page = visitorUrl(template, site.domain);
  return prover.checkPage(page, [coverageOf(site)], { signal, timeoutMs: PAGE_TIMEOUT_MS });
}

/** A disable that leaves others is a failure for who asked, and yet the site is as its holds want it. */
function isProvable({ status, errorCode, proof }: MaintenanceLog): boolean {
  if ((proof ?? 'skipped') !== 'skipped') return false;
  return status === 'success' || (status === 'failed' && errorCode === 'held_by_others');
}

/** Where visitors of a site are to be sent now; null when they are to get the site. */
function intendedAddress({ settings }: Pick<Dependencies, 'settings'>, site: CloudflareSite): string | null {
  return site.maintenanceActive === true ? addressOf(site, settings) : null;
}

/** @param url where visitors are to be sent; null when they are to get the site */
async function prove(
  deps: Dependencies,
  site: CloudflareSite,
  url: string | null,
  { timeoutMs, signal }: ProofOptions,
): Promise<Proof> {
  const wanted: Wanted = url === null ? 'open' : 'closed';
  const prover = await deps.prover();
  const subject = await probeSubject(deps, site, url);
  try {
    return await prover.prove(subject, wanted, { signal, ...(timeoutMs !== undefined && { timeoutMs }) });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    return interruptedProof(site.domain, wanted);
  }
}

function interruptedProof(domain: string, wanted: Wanted): Proof {
  return {
    state: 'unproven',
    wanted,
    hosts: [],
    message: `The proof was interrupted: what visitors of ${domain} get is not known.`,
    hint: `Run: intermission maintenance verify ${domain}`,
    evidence: { wanted, interrupted: true, hosts: [] },
  };
}
